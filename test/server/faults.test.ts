// The gate while its disk or its sinks fail: denials that say so, not ready, decisions that go on where they may, and back
// by itself with a record of the gap. A full disk is a real one, where this machine lets us make it.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { type Test, test } from 'tap';
import { defaultRecords, type Settings } from '../../src/config/settings.ts';
import { batchDefaults, type HttpSettings } from '../../src/ledger/export/settings.ts';
import { type FaultyDisk, faultyDisk } from '../ledger/faulty-disk.ts';
import { linesIn, rootsIn, verified } from '../ledger/opened.ts';
import { outcome, podReview, type Running, serve, until } from './harness.ts';

const good = podReview();
const hostile = podReview({ hostNetwork: true });

function keptIn(ledger: (folder: string) => string, more: Partial<Settings> = {}) {
  return (folder: string): Partial<Settings> => ({
    ledger: ledger(folder),
    records: { ...defaultRecords, replica: 'gate-0', cluster: 'prod' },
    ...more,
  });
}

const beside = (folder: string): string => join(folder, 'ledger');
const ready = async (server: Running): Promise<number> => (await server.plain('/readyz')).status;
const isReady = (server: Running): Promise<number> =>
  until(
    () => ready(server),
    (status) => status === 200,
  );

/** Asks until somebody says no for want of a record; how many were denied so. */
async function denials(t: Test, server: Running, times: number): Promise<number> {
  let denied = 0;
  for (let n = 0; n < times; n++) {
    const { json } = await server.call({ body: n % 2 === 0 ? good : hostile });
    const { status, auditAnnotations = {} } = json.response ?? {};
    if (auditAnnotations['ledger-seq'] !== undefined) continue;
    denied += 1;
    t.equal(json.response?.allowed, false, 'nothing is allowed without its record');
    t.match(status?.message, /^Audit log unavailable: .*\(record-failed\)/);
  }
  return denied;
}

async function isWhole(t: Test, server: Running, ledger: string, denied: number): Promise<void> {
  await isReady(server);
  t.equal(outcome(await server.call({ body: good })), '200 allowed');
  const roots = rootsIn(ledger);
  await server.stop();
  t.same((await verified(ledger, roots)).faults, []);
  const gaps = linesIn(ledger).filter(({ kind }) => kind === 'gap');
  const counted = gaps.reduce((sum, gap) => sum + Number(gap['denied']), 0);
  t.equal(counted, denied, 'the gap counts what was denied for want of a record');
}

const failing: readonly (readonly [string, Parameters<FaultyDisk['break']>[0], string])[] = [
  ['EIO at a write', ['append', 'create'], 'EIO'],
  ['EIO at a sync', ['datasync'], 'EIO'],
  ['EIO at a rename and every new file', ['append', 'create', 'rename', 'write'], 'EIO'],
  ['a disk that became read-only', ['append', 'create', 'rename', 'write', 'remove'], 'EROFS'],
  ['no file descriptors left', ['append', 'create', 'write', 'read', 'state', 'list'], 'EMFILE'],
];

for (const [what, operations, code] of failing) {
  test(`${what}: every answer is a denial that says why, and it is over by itself`, async (t) => {
    const disk = faultyDisk();
    const server = await serve(t, { settings: keptIn(beside), replace: { disk } });
    await server.call({ body: good });
    disk.break(operations, code);
    const denied = await denials(t, server, 6);
    t.equal(denied, 6);
    t.match(await server.plain('/readyz'), { status: 503, text: /audit log unavailable/ });
    t.match(await server.plain('/healthz'), { status: 200 }, 'it is not to be started again');
    disk.mend();
    await isWhole(t, server, beside(server.folder), denied);
  });
}

test('a full disk: what does not fit is denied, and what comes after the disk has room is recorded', async (t) => {
  const mounted = mountSmall(t);
  if (typeof mounted === 'object') {
    t.plan(0, mounted.why);
    return;
  }
  const ledger = join(mounted, 'ledger');
  const server = await serve(t, { settings: keptIn(() => ledger) });
  t.teardown(() => server.stop());
  await server.call({ body: good });
  fill(mounted);
  const denied = await denials(t, server, 20);
  t.ok(denied > 0, 'the disk is full');
  t.equal(await ready(server), 503);
  rmSync(join(mounted, 'filler'));
  await isWhole(t, server, ledger, denied);
});

/** A disk of 512 KiB, until the test is over. */
function mountSmall(t: Test): string | { readonly why: string } {
  const folder = mkdtempSync(join(tmpdir(), 'sekisho-small-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=512k', 'tmpfs', folder], { stdio: 'pipe' });
  } catch (cause) {
    return { why: `no small disk can be mounted: ${String(cause).split('\n')[0]}` };
  }
  t.teardown(() => void execFileSync('umount', ['-l', folder]));
  return folder;
}

function fill(folder: string): void {
  const name = join(folder, 'filler');
  for (let bytes = 512 * 1024; bytes >= 1; bytes = Math.floor(bytes / 2)) {
    try {
      writeFileSync(name, Buffer.alloc(bytes), { flag: 'a' });
    } catch {}
  }
}

test('a folder that was removed under the gate: it records again by itself, and what is gone is told', async (t) => {
  const server = await serve(t, { settings: keptIn(beside) });
  const ledger = beside(server.folder);
  await server.call({ body: good });
  const roots = rootsIn(ledger);
  rmSync(ledger, { recursive: true });
  t.equal(await denials(t, server, 1), 1);
  await isReady(server);
  t.equal(outcome(await server.call({ body: good })), '200 allowed');
  await server.stop();
  const { faults } = await verified(ledger, roots);
  t.match(faults, [/^(removed|truncated)/], 'one cause is one finding');
});

test('a sync that takes seconds: denied in time, not ready meanwhile, ready again when it ends', async (t) => {
  const disk = faultyDisk();
  const server = await serve(t, { settings: keptIn(beside), replace: { disk } });
  await server.call({ body: good });
  const release = disk.stall();
  const { json } = await server.call({ body: good, path: '/validate?timeout=1s' });
  t.match(json.response, { allowed: false });
  await until(
    () => ready(server),
    (status) => status === 503,
  );
  release();
  await isReady(server);
  t.equal(outcome(await server.call({ body: good })), '200 allowed');
  await server.stop();
  t.same((await verified(beside(server.folder))).faults, []);
});

test('sinks that are down for the whole run: decisions go on, and memory stays', async (t) => {
  const port = await closedPort();
  const nobody: HttpSettings = {
    ...{ kind: 'HTTP', name: 'nobody', url: `http://127.0.0.1:${port}/`, headersFile: null },
    ...{ batch: batchDefaults.HTTP, tls: { caFile: null, certFile: null, keyFile: null } },
  };
  const settings = keptIn(beside, { exporters: [nobody] });
  const server = await serve(t, { settings });
  const ask = async (times: number): Promise<void> => {
    for (let n = 0; n < times; n++) {
      const replies = [good, hostile, good, hostile].map((body) => server.call({ body }));
      const allowed = (await Promise.all(replies)).map(({ json }) => json.response?.allowed);
      if (String(allowed) !== 'true,false,true,false') t.fail(String(allowed));
    }
  };
  await ask(50);
  const before = memory();
  await ask(Number(process.env['SEKISHO_RUNS'] ?? 100));
  const grown = (memory() - before) / 2 ** 20;
  t.ok(grown < 16, `${grown.toFixed(1)} MiB more than before`);
  t.equal(await ready(server), 200);
  await server.stop();
  t.same((await verified(beside(server.folder))).faults, []);
});

test('a disk that is gone for long costs no memory', async (t) => {
  const disk = faultyDisk();
  const server = await serve(t, { settings: keptIn(beside), replace: { disk } });
  await denials(t, server, 100);
  const before = memory();
  disk.break(['append', 'create'], 'EIO');
  const times = Number(process.env['SEKISHO_RUNS'] ?? 300);
  t.equal(await denials(t, server, times), times);
  const grown = (memory() - before) / 2 ** 20;
  t.ok(grown < 16, `${grown.toFixed(1)} MiB more than before`);
  disk.mend();
  await isWhole(t, server, beside(server.folder), times);
});

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** Bytes that are held. */
function memory(): number {
  collect();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

/** A port at which nobody listens. */
async function closedPort(): Promise<number> {
  const probe = createServer();
  const port = await new Promise<number>((resolve) => {
    probe.listen(0, '127.0.0.1', () => resolve(Number(Object(probe.address()).port)));
  });
  await new Promise((resolve) => probe.close(resolve));
  return port;
}
