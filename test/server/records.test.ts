// The server and its ledger: what a real run leaves behind, and what is answered while the disk fails.
import { readFileSync, writeFileSync } from 'node:fs';
import { connect as connectTcp } from 'node:net';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { test } from 'tap';
import { makeAuthority } from '../../certs/make.ts';
import { defaultRecords, type Settings } from '../../src/config/settings.ts';
import { redactionRules } from '../../src/redact/rules.ts';
import { faultyDisk } from '../ledger/faulty-disk.ts';
import { type Line, linesIn, verified } from '../ledger/opened.ts';
import { denyHostNetwork, outcome, podReview, type Running, serve, until } from './harness.ts';

const good = podReview();
const hostile = podReview({ hostNetwork: true });

function kept(more: Partial<Settings['records']> = {}): (folder: string) => Partial<Settings> {
  return (folder) => ({
    ledger: join(folder, 'ledger'),
    records: { ...defaultRecords, replica: 'gate-0', cluster: 'prod', ...more },
  });
}

const ledgerOf = ({ folder }: Running): string => join(folder, 'ledger');
const ofKind = (server: Running, kind: string): readonly Line[] =>
  linesIn(ledgerOf(server)).filter((line) => line.kind === kind);
const metric = async (server: Running, name: string): Promise<string | undefined> =>
  (await server.plain('/metrics')).text.split('\n').find((line) => line.startsWith(`${name} `));

test('a run begins and ends in the records, with its law, its settings and what it redacts', async (t) => {
  const server = await serve(t, {
    settings: kept(),
    policies: { 'policy.yaml': denyHostNetwork, REVISION: 'main@4be1\n' },
  });
  await server.call({ body: good });
  await server.stop();
  const lines = linesIn(ledgerOf(server));
  t.same(
    lines.map(({ kind }) => kind),
    ['segment', 'start', 'redaction', 'decision', 'stop', 'checkpoint'],
  );
  const [header, start, redaction, decision, stop] = lines;
  t.match(header, { replica: 'gate-0', cluster: 'prod', engine: 'test' });
  t.match(start, {
    engine: 'test',
    node: process.version,
    policySet: /^sha256:[0-9a-f]{64}$/,
    revision: 'main@4be1',
    mode: 'Enforce',
    settings: { listen: '127.0.0.1:0', records: { onFailure: 'deny' } },
  });
  t.match(redaction, { ...redactionRules(), keyed: false });
  t.match(decision, {
    replica: 'gate-0',
    cluster: 'prod',
    engine: 'test',
    revision: 'main@4be1',
    decision: { policySet: start?.['policySet'], allowed: true },
  });
  const { queue, read, decide } = (decision?.['stages'] ?? {}) as Record<string, number>;
  const total = Number(decision?.['durationMs']);
  t.ok(Math.abs(total - Number(queue) - Number(read) - Number(decide)) < 0.01, 'stages add up');
  t.match(stop, { reason: 'stopped' });
  const hash = String(start?.['policySet']).slice('sha256:'.length);
  t.match(readFileSync(join(ledgerOf(server), 'policies', `${hash}.jsonl`), 'utf8'), 'hostNetwork');
  t.same(await verified(ledgerOf(server)), { faults: [], remarks: [] });
});

test('every change of the law that is tried is recorded: accepted, or refused with its faults', async (t) => {
  const server = await serve(t, { settings: kept() });
  const file = join(server.folder, 'policies/policy.yaml');
  const law = (): unknown => ofKind(server, 'start')[0]?.['policySet'];
  writeFileSync(file, denyHostNetwork.replace('not for you', 'not for anybody'));
  await until(
    async () => ofKind(server, 'reload').length,
    (n) => n === 1,
  );
  writeFileSync(file, `${denyHostNetwork}---\nkind: Nothing\n`);
  await until(
    async () => ofKind(server, 'reload').length,
    (n) => n === 2,
  );
  const [accepted, refused] = ofKind(server, 'reload');
  t.match(accepted, { outcome: 'accepted', from: law(), faults: [] });
  t.not(accepted?.['policySet'], law());
  const now = accepted?.['policySet'];
  t.match(refused, { outcome: 'refused', from: now, policySet: now, faults: [/policy\.yaml:/] });
  for (const { policySet } of [accepted, refused] as { policySet?: string }[]) {
    t.ok(readFileSync(join(ledgerOf(server), 'policies', `${policySet?.slice(7)}.jsonl`)).length);
  }
});

test('callers that never got to ask are one record with their number', async (t) => {
  const callers = await makeAuthority('callers');
  const strangers = await makeAuthority('strangers');
  const { cert, key } = await strangers.issue({ commonName: 'stranger', names: [] });
  const server = await serve(t, {
    files: { callers: callers.certificate },
    settings: (folder) => ({ ...kept()(folder), clientCa: join(folder, 'callers') }),
    replace: { refusedEvery: 200 },
  });
  const { port } = server.address;
  const ended = (socket: ReturnType<typeof connectTcp>): Promise<void> =>
    new Promise((resolve) => {
      socket.on('error', () => {}).on('close', () => resolve());
      socket.resume();
    });
  const tls = { host: '127.0.0.1', port, ca: server.ca, servername: 'localhost' };
  const plain = connectTcp(port, '127.0.0.1', () => plain.write('GET / HTTP/1.1\r\n\r\n'));
  await Promise.all([ended(plain), ended(connect(tls)), ended(connect({ ...tls, cert, key }))]);
  await until(
    async () => ofKind(server, 'refused'),
    (records) => records.reduce((sum, each) => sum + Number(each['count']), 0) === 3,
  );
  t.match(ofKind(server, 'refused')[0], { sample: { cause: /[A-Z_]/, address: '127.0.0.1' } });
  t.equal(await metric(server, 'sekisho_refused_callers_total'), 'sekisho_refused_callers_total 3');
});

test('digests of redacted values: equal in a namespace, different across, none without a key', async (t) => {
  const server = await serve(t, {
    files: { 'digest.key': 'k'.repeat(32) },
    settings: (folder) => kept({ digestKey: join(folder, 'digest.key') })(folder),
  });
  const env = (value: string): string =>
    podReview({ containers: [{ name: 'c', image: 'i', env: [{ name: 'K', value }] }] });
  for (const body of [env('one'), env('one'), env('two')]) await server.call({ body });
  const digests = ofKind(server, 'decision').map((line) => {
    const places = line['redacted'] as { pointer: string; digest: string }[];
    return places.find(({ pointer }) => pointer.endsWith('/value'))?.digest;
  });
  t.match(digests[0], /^hmac-sha256:[0-9a-f]{64}$/);
  t.equal(digests[0], digests[1]);
  t.not(digests[0], digests[2]);
  t.match(ofKind(server, 'redaction'), [{ keyed: true }]);
});

test('a digest key that is short, or lies among the records, keeps the server from starting', async (t) => {
  const rows: readonly (readonly [string, string, RegExp])[] = [
    ['digest.key', 'short\n', /at least 32 bytes/],
    ['ledger/key', 'k'.repeat(32), /must not lie in the ledger/],
  ];
  for (const [path, key, message] of rows) {
    const files: Record<string, string | { key: string }> =
      path === 'digest.key' ? { [path]: key } : { ledger: { key } };
    const settings = (folder: string): Partial<Settings> =>
      kept({ digestKey: join(folder, path) })(folder);
    await t.rejects(serve(t, { files, settings }), { message }, path);
  }
});

test('a disk that fails: denials that say so, not ready, and back by itself', async (t) => {
  const disk = faultyDisk();
  const server = await serve(t, { settings: kept(), replace: { disk } });
  t.equal(outcome(await server.call({ body: good })), '200 allowed');
  disk.break(['append', 'create'], 'ENOSPC');
  for (const body of [good, hostile]) {
    const { json } = await server.call({ body });
    t.match(json.response, { allowed: false, status: { code: 403 } });
    t.match(json.response?.status?.message, /^Audit log unavailable: .*\(record-failed\)/);
    t.notOk(json.response?.auditAnnotations?.['ledger-seq']);
  }
  t.match(await server.plain('/readyz'), { status: 503, text: /audit log unavailable/ });
  t.equal(await metric(server, 'sekisho_ledger_available'), 'sekisho_ledger_available 0');
  t.match(server.logged.join(''), /"audit log unavailable"/);
  disk.mend();
  await until(
    async () => (await server.plain('/readyz')).status,
    (status) => status === 200,
  );
  t.equal(outcome(await server.call({ body: good })), '200 allowed');
  t.match(ofKind(server, 'gap'), [{ denied: 2, allowed: 0, cause: /ENOSPC/ }]);
  t.equal(
    await metric(server, 'sekisho_ledger_missed_total{answer="denied"}'),
    'sekisho_ledger_missed_total{answer="denied"} 2',
  );
  await server.stop();
  t.match(await verified(ledgerOf(server)), { faults: [] });
});

test('where failures allow, what policies allow is answered without a record, and counted', async (t) => {
  const disk = faultyDisk();
  const server = await serve(t, { settings: kept({ onFailure: 'allow' }), replace: { disk } });
  disk.break(['append', 'create'], 'EIO');
  const { json } = await server.call({ body: good });
  t.match(json.response, { allowed: true });
  t.notOk(json.response?.auditAnnotations?.['ledger-seq'], 'it names no record');
  t.match((await server.call({ body: hostile })).json.response, { allowed: false });
  t.match(await server.plain('/readyz'), { status: 503 });
  disk.mend();
  await until(
    async () => (await server.plain('/readyz')).status,
    (status) => status === 200,
  );
  t.match(ofKind(server, 'gap'), [{ denied: 1, allowed: 1 }]);
  t.equal(
    await metric(server, 'sekisho_allowed_unrecorded_total'),
    'sekisho_allowed_unrecorded_total 1',
  );
});

test('a disk that stands still: a denial in time, and a record later that takes the allowance back', async (t) => {
  const disk = faultyDisk();
  const server = await serve(t, { settings: kept(), replace: { disk } });
  await server.call({ body: good });
  const release = disk.stall();
  const { json } = await server.call({ body: good, path: '/validate?timeout=1s' });
  t.match(json.response?.status?.message, /^Audit log unavailable/);
  const id = json.response?.auditAnnotations?.['decision-id'];
  release();
  await until(
    async () => ofKind(server, 'withdrawn'),
    (records) => records.length === 1,
  );
  t.match(ofKind(server, 'withdrawn'), [{ decision: id }]);
  t.match(ofKind(server, 'decision')[1], { id, decision: { allowed: true } });
});
