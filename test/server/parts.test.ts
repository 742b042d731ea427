// The parts of the server that need no socket: deadlines, content types, file watching, certificates, metrics.
import { chmod, rename, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pino } from 'pino';
import { test } from 'tap';
import {
  makeAuthority,
  makeCertificates,
  serverNames,
  writeCertificates,
} from '../../certs/make.ts';
import type { Code } from '../../src/base/codes.ts';
import { err, ok } from '../../src/base/result.ts';
import { withdraw } from '../../src/server/answer.ts';
import { isJson } from '../../src/server/content-type.ts';
import { deadlineOf, parseGoDuration } from '../../src/server/deadline.ts';
import { decisionIds } from '../../src/server/decision-id.ts';
import { createJournal } from '../../src/server/journal.ts';
import { createLedgerMetrics } from '../../src/server/ledger-metrics.ts';
import { createMetrics } from '../../src/server/metrics.ts';
import type { RecordSink } from '../../src/server/records.ts';
import { loadIdentity } from '../../src/server/tls.ts';
import { watch } from '../../src/server/watch.ts';
import { decisionOf, resultOf } from '../fixtures/decisions.ts';

const durations: readonly [string, number | undefined][] = [
  ['10s', 10_000],
  ['1m30s', 90_000],
  ['500ms', 500],
  ['1.5s', 1500],
  ['.5s', 500],
  ['1.s', 1000],
  ['+2s', 2000],
  ['1h', 3_600_000],
  ['1500us', 1.5],
  ['1500\u00b5s', 1.5],
  ['2000000ns', 2],
  ['', undefined],
  ['0', undefined],
  ['0s', undefined],
  ['-5s', undefined],
  ['5', undefined],
  ['s', undefined],
  ['5 s', undefined],
  ['5s ', undefined],
  ['1s+1s', undefined],
  ['5S', undefined],
  ['5d', undefined],
  ['1e3s', undefined],
  ['NaNs', undefined],
  [`${'9'.repeat(70)}s`, undefined],
];

test('a timeout is read as Go reads durations', async (t) => {
  for (const [text, want] of durations) t.equal(parseGoDuration(text), want, JSON.stringify(text));
});

const deadlines: readonly [unknown, number][] = [
  ['10s', 9000],
  ['30s', 29_000],
  ['5s', 4000],
  ['2s', 1000],
  ['1999ms', 999.5],
  ['1s', 500],
  ['500ms', 250],
  ['1h', 29_000],
  [undefined, 9000],
  ['soon', 9000],
  [['1s', '2s'], 9000],
];

test('C6: the decision is due a second before the timeout, or half way when it is under two', async (t) => {
  for (const [timeout, want] of deadlines) {
    const { decide, answer } = deadlineOf(timeout);
    t.equal(decide, want, String(timeout));
    t.ok(answer > decide, 'there is time left to record and answer');
  }
});

const contentTypes: readonly [string | undefined, boolean][] = [
  ['application/json', true],
  ['Application/JSON', true],
  ['application/json; charset=utf-8', true],
  ['application/json;charset="UTF-8"', true],
  ['application/json ; profile="a;b"', true],
  ['application/json;', true],
  ['application/json;; charset=utf-8', true],
  ['application/json; charset=utf-16', false],
  ['application/json; charset', false],
  ['application/json; charset=', false],
  ['application/json garbage', false],
  ['application/json\ta', false],
  ['application/json, text/plain', false],
  ['application/jsonp', false],
  ['application/json-patch+json', false],
  ['application/x-yaml', false],
  ['text/plain', false],
  ['text/json', false],
  ['', false],
  [undefined, false],
  [`application/json; a=${'b'.repeat(300)}`, false],
];

test('C10: only spellings that HTTP holds equal to application/json are read', async (t) => {
  for (const [text, want] of contentTypes) t.equal(isJson(text), want, String(text));
});

const fault = { code: 'file-none', message: 'm', file: 'f', line: 0, column: 0 } as const;

test('files are loaded again when they changed and came to rest, whole or not at all', async (t) => {
  const folder = t.testdir({ 'a.yaml': 'one' });
  const reports: string[] = [];
  let next: 'good' | 'bad' = 'good';
  let loads = 0;
  const watched = await watch({
    paths: [folder],
    load: async () => {
      loads += 1;
      return next === 'good' ? ok(loads) : err([fault]);
    },
    report: (result) => reports.push(result.ok ? 'loaded' : `refused ${result.error.length}`),
  });
  t.same([watched.current(), reports], [1, ['loaded']]);

  await watched.poll();
  t.equal(loads, 1, 'nothing changed, nothing is read');

  await writeFile(join(folder, 'b.yaml'), 'two');
  await watched.poll();
  t.equal(loads, 1, 'a change is only noted at first');
  await writeFile(join(folder, 'b.yaml'), 'three');
  await watched.poll();
  t.equal(loads, 1, 'still changing');
  await watched.poll();
  t.same([loads, watched.current()], [2, 2], 'at rest');

  next = 'bad';
  await rm(join(folder, 'b.yaml'));
  for (let i = 0; i < 4; i++) await watched.poll();
  t.same([loads, watched.current()], [3, 2], 'broken: refused once, and the old one stays');
  t.same(reports, ['loaded', 'loaded', 'refused 1']);
});

test('a ledger that fails is told in the log, and does not end the server', async (t) => {
  const logged: string[] = [];
  const journal = createJournal({
    records: { append: () => Promise.reject(new Error('the ledger is gone')) },
    log: pino({}, { write: (line: string) => void logged.push(line) }),
    metrics: createLedgerMetrics(),
    engine: 'test',
    node: 'test',
    keyed: false,
    now: () => '2026-11-21T10:00:00Z',
    newId: () => 'id',
    every: 1,
  });
  journal.started(null, {});
  await new Promise(setImmediate);
  t.equal(logged.length, 2);
  t.match(logged[0], /the ledger is gone/);
});

test('a withdrawal that is not kept is told in the log, and does not end the server', async (t) => {
  const logged: string[] = [];
  const log = pino({}, { write: (line: string) => void logged.push(line) });
  const faults: readonly (() => ReturnType<RecordSink['append']>)[] = [
    () => Promise.reject(new Error('the ledger is gone')),
    async () => err({ code: 'record-failed', message: 'the ledger is gone' }),
    () => {
      throw new Error('the ledger is gone');
    },
  ];
  const late = Promise.resolve(ok({ seq: 1, sum: '00' }));
  for (const append of faults) {
    await withdraw({ log, records: { append }, law: () => null, newId: () => 'id' }, 'd-1', late);
  }
  t.equal(logged.length, 3);
  for (const line of logged) {
    t.match(JSON.parse(line), { kind: 'withdrawn', decision: 'd-1', cause: 'the ledger is gone' });
  }
});

test('what stands beside the files may change without end: they are read all the same, now and then', async (t) => {
  const folder = t.testdir({ 'a.yaml': 'one' });
  let [changes, loads] = [0, 0];
  const watched = await watch({
    paths: [folder],
    beside: () => String(++changes),
    load: async () => ok(++loads),
    report: () => {},
  });
  t.equal(watched.current(), 1);
  await writeFile(join(folder, 'b.yaml'), 'two');
  await watched.poll();
  t.equal(watched.current(), 1, 'files have to come to rest');
  for (let i = 0; i < 20; i++) await watched.poll();
  t.ok(loads > 1 && loads < 10, `loaded ${loads} times`);
  t.equal(watched.current(), loads);
});

test('a set that changes while it is read is not used', async (t) => {
  const folder = t.testdir({ 'a.yaml': 'one' });
  let meddle = true;
  const watched = await watch({
    paths: [folder],
    load: async () => {
      if (meddle) await writeFile(join(folder, 'late.yaml'), 'x');
      meddle = false;
      return ok('value');
    },
    report: () => {},
  });
  t.equal(watched.current(), null);
  await watched.poll();
  t.equal(watched.current(), 'value');
});

test('a ConfigMap is swapped by a symlink above its files', async (t) => {
  const folder = t.testdir({ '..1': { 'p.yaml': 'same' }, '..2': { 'p.yaml': 'size' } });
  await symlink('..1', join(folder, '..data'));
  await symlink('..data/p.yaml', join(folder, 'p.yaml'));
  let loads = 0;
  const watched = await watch({
    paths: [join(folder, 'p.yaml')],
    load: async () => {
      loads += 1;
      return ok(loads);
    },
    report: () => {},
  });
  await symlink('..2', join(folder, '..data_tmp'));
  await rename(join(folder, '..data_tmp'), join(folder, '..data'));
  await watched.poll();
  await watched.poll();
  t.equal(watched.current(), 2);
});

test('paths that are missing, and folders that lead in circles, are watched like others', async (t) => {
  const folder = t.testdir({ a: { 'p.yaml': '' } });
  await symlink('..', join(folder, 'a', 'up'));
  let loads = 0;
  const watched = await watch({
    paths: [folder, join(folder, 'missing.yaml')],
    load: async () => {
      loads += 1;
      return ok(loads);
    },
    report: () => {},
  });
  await writeFile(join(folder, 'missing.yaml'), '');
  await watched.poll();
  await watched.poll();
  t.equal(loads, 2);
});

test('certificate files are used only when each is whole and they belong together', async (t) => {
  const [one, two] = [await makeCertificates(), await makeCertificates()];
  const folder = t.testdir({
    cert: one.cert,
    key: one.key,
    ca: one.ca,
    otherKey: two.key,
    half: one.cert.slice(0, one.cert.length / 2),
    empty: '',
    text: 'no certificate',
  });
  const rows: readonly [cert: string, key: string, ca: string | null, faulty: string | null][] = [
    ['cert', 'key', null, null],
    ['cert', 'key', 'ca', null],
    ['cert', 'otherKey', null, 'otherKey'],
    ['half', 'key', null, 'half'],
    ['empty', 'key', null, 'empty'],
    ['cert', 'text', null, 'text'],
    ['cert', 'missing', null, 'missing'],
    ['cert', 'key', 'empty', 'empty'],
    ['cert', 'key', 'text', 'text'],
    ['cert', 'key', 'missing', 'missing'],
  ];
  for (const [cert, key, ca, faulty] of rows) {
    const at = (name: string): string => join(folder, name);
    const loaded = await loadIdentity({
      tlsCert: at(cert),
      tlsKey: at(key),
      clientCa: ca === null ? null : at(ca),
    });
    const files = loaded.ok ? [] : loaded.error.map(({ code, file }) => [code, file]);
    t.same(files, faulty === null ? [] : [['tls-unusable', at(faulty)]], `${cert} ${key} ${ca}`);
  }
});

test('development certificates are short-lived and name this machine and the Service', async (t) => {
  const { X509Certificate } = await import('node:crypto');
  const { ca, cert } = await makeCertificates();
  const [authority, server] = [new X509Certificate(ca), new X509Certificate(cert)];
  t.ok(server.verify(authority.publicKey));
  t.notOk(server.ca);
  for (const name of ['localhost', 'sekisho.sekisho.svc']) t.equal(server.checkHost(name), name);
  for (const ip of ['127.0.0.1', '::1']) t.ok(server.checkIP(ip));
  const days = (Date.parse(server.validTo) - Date.now()) / 86_400_000;
  t.ok(days > 29 && days < 31);
  const expired = await (await makeAuthority()).issue({
    commonName: 'old',
    names: serverNames,
    days: -1,
  });
  t.ok(Date.parse(new X509Certificate(expired.cert).validTo) < Date.now());
});

test('development keys are readable by their owner only', async (t) => {
  const folder = t.testdir({ 'tls.key': 'an old one, readable by all' });
  await chmod(join(folder, 'tls.key'), 0o644);
  await writeCertificates(folder);
  t.equal((await stat(join(folder, 'tls.key'))).mode & 0o777, 0o600);
  const files = { tlsCert: join(folder, 'tls.crt'), tlsKey: join(folder, 'tls.key') };
  t.match(await loadIdentity({ ...files, clientCa: join(folder, 'ca.crt') }), { ok: true });
});

test('metrics count decisions by what was allowed, and nothing that a sender chooses', async (t) => {
  const metrics = createMetrics();
  metrics.decided(decisionOf())(true, 0.003);
  const results = [
    resultOf({ rule: 'p/r' }),
    resultOf({ rule: 'p/s' }),
    resultOf({ policy: 'q', exception: 'e', actions: [] }),
    resultOf({ policy: 'q', evaluation: 'error', actions: ['warn'] }),
  ];
  metrics.decided(decisionOf({ allowed: false, results }))(true, 20);
  metrics.decided(decisionOf())(false, 20);
  const audited = { mode: 'AuditOnly', wouldDeny: ['p/r'] } as const;
  metrics.decided(decisionOf({ ...audited, results: [resultOf({ rule: 'p/r', actions: [] })] }))(
    true,
    1,
  );
  metrics.unreadable('review-syntax');
  metrics.reloaded('policies', 'refused');
  metrics.recordFailed();
  const text = metrics.text({
    ready: false,
    policySet: 'sha256:00',
    auditOnly: true,
    deciding: { used: 2, waiting: 3 },
    bodies: { used: 4096, waiting: 0 },
    ledger: null,
  });
  for (const line of [
    'sekisho_decisions_total{allowed="true"} 2',
    'sekisho_decisions_total{allowed="false"} 2',
    'sekisho_policy_results_total{policy="p",action="deny"} 1',
    'sekisho_policy_results_total{policy="p",action="would-deny"} 1',
    'sekisho_policy_results_total{policy="q",action="excused"} 1',
    'sekisho_policy_results_total{policy="q",action="error"} 1',
    'sekisho_policy_results_total{policy="q",action="warn"} 1',
    'sekisho_audit_only 1',
    'sekisho_deciding 2',
    'sekisho_waiting 3',
    'sekisho_body_bytes 4096',
    'sekisho_decision_duration_seconds_bucket{le="0.0025"} 0',
    'sekisho_decision_duration_seconds_bucket{le="0.005"} 1',
    'sekisho_decision_duration_seconds_bucket{le="+Inf"} 4',
    'sekisho_decision_duration_seconds_count 4',
    'sekisho_unreadable_requests_total{code="review-syntax"} 1',
    'sekisho_reloads_total{what="policies",result="refused"} 1',
    'sekisho_record_failures_total 1',
    'sekisho_ready 0',
    'sekisho_policy_set{hash="sha256:00"} 1',
  ]) {
    t.ok(text.split('\n').includes(line), line);
  }
  for (const line of text.trimEnd().split('\n')) {
    t.match(line, /^(# (HELP|TYPE) \w+ .+|\w+(\{[^}]*\})? [\d.e+-]+)$/);
  }
});

test('A9: no label grows with what a sender or a reload brings', (t) => {
  const metrics = createMetrics();
  metrics.unreadable('from-a-sender' as Code);
  for (let i = 0; i < 700; i++) {
    const results = [resultOf({ policy: `p${i}` })];
    metrics.decided(decisionOf({ allowed: false, results }))(true, 1);
  }
  const used = { used: 0, waiting: 0 };
  const text = metrics.text({
    ready: true,
    policySet: null,
    auditOnly: false,
    deciding: used,
    bodies: used,
    ledger: null,
  });
  t.notMatch(text, /from-a-sender/);
  t.match(text, 'sekisho_unreadable_requests_total{code="internal-error"} 1');
  t.match(text, 'sekisho_policy_results_total{policy="other",action="deny"} 200');
  t.equal(
    text.split('\n').filter((line) => line.startsWith('sekisho_policy_results_total{')).length,
    501,
  );
  t.end();
});

test('ids of decisions are UUIDv7 of this moment, distinct, and sort in the order in which they were made', (t) => {
  const newId = decisionIds();
  const before = Date.now();
  const ids = Array.from({ length: 2_000 }, newId);
  for (const id of ids) {
    if (!/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test(id))
      t.fail(id);
  }
  t.equal(new Set(ids).size, ids.length);
  t.same(ids.toSorted(), ids);
  const at = Number.parseInt((ids[0] ?? '').replace('-', '').slice(0, 12), 16);
  t.ok(at >= before && at <= Date.now(), 'the time comes first');
  t.not(decisionIds()().slice(-12), decisionIds()().slice(-12), 'the rest is chance');
  t.end();
});
