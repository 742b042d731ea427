// Hostile senders below the review: bytes, sizes, framing, TLS and paths. None of them is ever allowed anything, none
// costs the next request its answer, and what could be read leaves its trace. Ids: the catalogue of advisories (A).
import { createHash } from 'node:crypto';
import { text } from 'node:stream/consumers';
import { connect } from 'node:tls';
import { gzipSync } from 'node:zlib';
import { type Test, test } from 'tap';
import { ok } from '../../src/base/result.ts';
import type { LedgerEntry } from '../../src/ledger/entry.ts';
import { limits } from '../../src/server/limits.ts';
import type { RecordSink } from '../../src/server/records.ts';
import { type Running, until } from '../server/harness.ts';
import { type Gate, gateOf, podOf, reviewOf } from './request-harness.ts';

const hostile = reviewOf({ object: podOf({ hostNetwork: true }) });
const good = reviewOf();
const denied = 'denied pod-security/hostNamespaces';

type Kept = { readonly entries: LedgerEntry[]; readonly records: RecordSink };

function keeper(): Kept {
  const entries: LedgerEntry[] = [];
  const append: RecordSink['append'] = async (entry) => {
    entries.push(entry);
    return ok({ seq: entries.length, sum: 'f00d' });
  };
  return { entries, records: { append } };
}

/** What the server says on a connection that is fed these pieces and left open. */
async function fed(server: Running, ...pieces: readonly (string | Buffer)[]): Promise<string> {
  const { address, ca } = server;
  const socket = connect({ ...address, ca, servername: 'localhost' });
  socket.on('error', () => {});
  const said = text(socket).catch(() => 'reset');
  for (const piece of pieces) socket.write(piece);
  return said;
}

function head(...fields: readonly string[]): string {
  const lines = ['POST /validate HTTP/1.1', 'Host: x', 'Content-Type: application/json', ...fields];
  return `${lines.join('\r\n')}\r\n\r\n`;
}

async function stillServes(t: Test, { said }: Gate, what: string): Promise<void> {
  t.equal(await said(good), 'allowed', `${what}: the next request is answered`);
  t.equal(await said(hostile), denied, `${what}: and judged`);
}

const quick = { ...limits, idle: 300, body: 300, check: 20 };
const length = Buffer.byteLength(good);

/** Bodies that lie about their length, or have two: none may reach a decision that allows. */
const framings: readonly [string, string, RegExp][] = [
  [
    'longer than what comes',
    `${head(`Content-Length: ${length + 1}`)}${good}`,
    /^$|^HTTP\/1\.1 40/,
  ],
  ['shorter than what comes', `${head('Content-Length: 10')}${good}`, /^HTTP\/1\.1 400 /],
  ['no length', `${head()}${good}`, /^HTTP\/1\.1 400 /],
  ['negative', `${head('Content-Length: -1')}${good}`, /^HTTP\/1\.1 400 /],
  ['no number', `${head('Content-Length: 1e3')}${good}`, /^HTTP\/1\.1 400 /],
  ['hexadecimal', `${head('Content-Length: 0x10')}${good}`, /^HTTP\/1\.1 400 /],
  ['two lengths', `${head('Content-Length: 1', 'Content-Length: 2')}${good}`, /^HTTP\/1\.1 400 /],
  [
    'a length and chunks',
    `${head(`Content-Length: ${length}`, 'Transfer-Encoding: chunked')}0\r\n\r\n${good}`,
    /^HTTP\/1\.1 400 /,
  ],
  ['an unknown coding', `${head('Transfer-Encoding: gzip, chunked')}0\r\n\r\n`, /^HTTP\/1\.1 4/],
  ['a chunk of no size', `${head('Transfer-Encoding: chunked')}zz\r\n${good}`, /^HTTP\/1\.1 400 /],
  [
    'a chunk that ends early',
    `${head('Transfer-Encoding: chunked')}ffff\r\n${good}`,
    /^$|^HTTP\/1\.1 40/,
  ],
  [
    'a beyond-range chunk',
    `${head('Transfer-Encoding: chunked')}ffffffffffffffffff\r\n{`,
    /^HTTP\/1\.1 4/,
  ],
  [
    'a bare line feed',
    `POST /validate HTTP/1.1\nHost: x\nContent-Length: 2\n\n{}`,
    /^HTTP\/1\.1 400 /,
  ],
  ['no HTTP at all', '\u0016\u0003\u0001\u0002\u0000', /^HTTP\/1\.1 400 /],
  ['17 KiB of headers', head(`X: ${'x'.repeat(17_000)}`), /^HTTP\/1\.1 431 /],
];

test('A1: a body that lies about its length is refused or cut off, and never allowed', async (t) => {
  const gate = await gateOf(t, ['pod-security'], { replace: { limits: quick } });
  const answers = framings.map(async ([what, bytes, want]) => {
    return { what, want, said: await fed(gate, bytes) };
  });
  for (const { what, want, said } of await Promise.all(answers)) {
    t.match(said, want, what);
    t.notMatch(said, /"allowed":true/, what);
  }
  await stillServes(t, gate, 'after all of them');
});

test('A1: 8 MiB are refused, with a length and in chunks, and a sender without end is closed', async (t) => {
  const { entries, records } = keeper();
  const gate = await gateOf(t, ['pod-security'], { replace: { records } });
  const large = Buffer.alloc(8 * 1024 * 1024, ' ');
  t.match(await fed(gate, head(`Content-Length: ${large.length}`), large), /^HTTP\/1\.1 413 /);
  const chunk = Buffer.concat([
    Buffer.from('10000\r\n'),
    large.subarray(0, 65_536),
    Buffer.from('\r\n'),
  ]);
  const chunks = Array.from({ length: 256 }, () => chunk);
  const said = await fed(gate, head('Transfer-Encoding: chunked'), ...chunks);
  t.match(said, /^HTTP\/1\.1 413 .*"review-too-large"/s, '16 MiB without an end');
  t.match(entries, [
    { kind: 'unreadable', code: 'review-too-large', bytes: null, sha256: null },
    { kind: 'unreadable', code: 'review-too-large', bytes: null, sha256: null },
  ]);
  await stillServes(t, gate, 'after large bodies');
});

test('A1: a sender of a byte now and then is closed, and others are served meanwhile', async (t) => {
  const gate = await gateOf(t, ['pod-security'], { replace: { limits: { ...limits, body: 300 } } });
  const { address, ca } = gate;
  const slow = ['Content-Length: 100000', 'Transfer-Encoding: chunked'].map(async (framing) => {
    const socket = connect({ ...address, ca, servername: 'localhost' });
    socket.on('error', () => {});
    const said = text(socket).catch(() => 'reset');
    socket.write(head(framing));
    const drip = setInterval(() => socket.write(framing.startsWith('T') ? '1\r\n \r\n' : ' '), 20);
    const all = await said;
    clearInterval(drip);
    return all;
  });
  await stillServes(t, gate, 'beside slow senders');
  for (const said of await Promise.all(slow)) t.notMatch(said, /"allowed":true/);
});

test('A1: a body to a path that is not ours is not waited for: it would be held beside the room for bodies', async (t) => {
  const gate = await gateOf(t, ['pod-security'], { replace: { limits: quick } });
  for (const path of ['/elsewhere', '/readyz', '/validate/', '/validate/NO', '//validate']) {
    const bytes = head('Content-Length: 7000000').replace('/validate', path);
    t.match(await fed(gate, bytes, 'x'.repeat(1000)), /^HTTP\/1\.1 404 .*"path-unknown"/s, path);
  }
  await stillServes(t, gate, 'after them');
});

test('A1: compressed bodies are refused before they are read, however they are announced', async (t) => {
  const gate = await gateOf(t, ['pod-security']);
  const body = gzipSync(good);
  const json = { 'content-type': 'application/json' };
  for (const coding of ['gzip', 'GZIP', 'br', 'deflate', 'gzip, identity', 'x']) {
    const headers = { ...json, 'content-encoding': coding };
    t.equal(await gate.said(body, { headers }), '415 content-type', coding);
  }
  t.equal(await gate.said(body, { headers: json }), '400 review-syntax', 'not announced at all');
  await stillServes(t, gate, 'after compressed bodies');
});

test('A2: one byte too many never turns a refusal into an empty review that passes', async (t) => {
  const small = { ...limits, bodyBytes: 20_000 };
  const { entries, records } = keeper();
  const gate = await gateOf(t, ['pod-security'], { replace: { limits: small, records } });
  const room = small.bodyBytes - Buffer.byteLength(hostile);
  const rows: readonly [number, string][] = [
    [room - 1, denied],
    [room, denied],
    [room + 1, '413 review-too-large'],
    [room + 70_000, '413 review-too-large'],
  ];
  for (const [more, want] of rows) {
    for (const chunked of [false, true]) {
      const [before, behind] = [' '.repeat(more) + hostile, hostile + ' '.repeat(more)];
      t.equal(await gate.said(before, { chunked }), want, `${more} before, chunked: ${chunked}`);
      t.equal(await gate.said(behind, { chunked }), want, `${more} behind, chunked: ${chunked}`);
    }
  }
  t.equal(entries.length, rows.length * 4);
  t.equal(entries.filter(({ kind }) => kind === 'unreadable').length, 8, 'each left its record');
});

function nests(depth: number): readonly [string, string][] {
  return [
    ['lists', '['.repeat(depth) + ']'.repeat(depth)],
    ['objects', `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`],
    ['lists that are never closed', '['.repeat(depth)],
    [
      'lists in a pod',
      hostile.replace('"hostNetwork":true', `"x":${'['.repeat(depth)}${']'.repeat(depth)}`),
    ],
  ];
}

test('A3: JSON nested 257 or a million deep is refused, a hundred times over; 10 deep is judged', async (t) => {
  const gate = await gateOf(t, ['pod-security']);
  for (const [what, body] of nests(10)) {
    const want = what.endsWith('pod')
      ? 'allowed'
      : what.endsWith('closed')
        ? '400 review-syntax'
        : '400 review-kind';
    t.equal(await gate.said(body), want, `10 ${what}`);
  }
  for (const depth of [257, 1_000_000]) {
    for (const [what, body] of nests(depth)) {
      // Where the uid can be read the answer is a denial with it.
      const want = what.endsWith('pod') ? 'denied sekisho/' : '400 ';
      t.equal(await gate.said(body), `${want}review-too-deep`, `${depth} ${what}`);
    }
  }
  const [, [, million] = ['', '']] = nests(100_000);
  const all = await Promise.all(Array.from({ length: 100 }, () => gate.said(million)));
  t.same(new Set(all), new Set(['400 review-too-deep']));
  await stillServes(t, gate, 'after a hundred');
});

const bomb = Array.from({ length: 9 }, (_, i) =>
  i === 0
    ? 'a0: &a0 [x,x,x,x,x,x,x,x,x]'
    : `a${i}: &a${i} [${Array(9)
        .fill(`*a${i - 1}`)
        .join(',')}]`,
).join('\n');
const configMap = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\n';
const keys = (n: number): string => Array.from({ length: n }, (_, i) => `  k${i}: v`).join('\n');
const blocks = (depth: number): string =>
  Array.from({ length: depth }, (_, i) => `${' '.repeat(i)}a:`).join('\n');

const manifests: readonly [string, string, string][] = [
  ['flow lists, 1e6 deep', `${configMap}data: ${'['.repeat(1_000_000)}`, 'exit 2 yaml-too-deep'],
  ['flow maps, 1e5 deep', `${configMap}data: ${'{a: '.repeat(100_000)}`, 'exit 2 yaml-too-deep'],
  ['blocks, 2,000 deep', `${configMap}${blocks(2_000)} 1\n`, 'exit 2 yaml-too-deep'],
  [
    'list items on one line',
    `${configMap}data:\n  ${'- '.repeat(100_000)}x\n`,
    'exit 2 yaml-too-deep',
  ],
  ['explicit keys', `${'? '.repeat(100_000)}x\n`, 'exit 2 yaml-too-deep'],
  ['a bomb of aliases', `${configMap}${bomb}\n`, 'exit 2 yaml-alias-limit'],
  ['an alias to itself', `${configMap}data: &a\n  x: *a\n`, 'exit 2 yaml-syntax'],
  [
    'JSON, 1e6 deep',
    `{"apiVersion":"v1","kind":"ConfigMap","data":${'['.repeat(1_000_000)}`,
    'exit 2 yaml-too-deep',
  ],
  ['20,000 keys', `${configMap}data:\n${keys(20_000)}\n`, 'allowed'],
  [
    '20,000 keys and the first again',
    `${configMap}data:\n${keys(20_000)}\n  k0: w\n`,
    'exit 2 yaml-duplicate-key',
  ],
];

test('A3: manifests that nest, multiply or repeat without end are refused by check with a place', async (t) => {
  const { checked } = await gateOf(t, ['pod-security']);
  for (const [what, manifest, want] of manifests) t.equal(await checked(manifest), want, what);
  for (let i = 0; i < 100; i++) await checked(manifests[i % 3 === 0 ? 5 : 6]?.[1] ?? '');
  t.equal(await checked(podOf({ hostNetwork: true })), denied, 'and decides the next one');
});

const spellings: readonly string[] = [
  'application/json',
  'Application/JSON',
  'APPLICATION/JSON; CHARSET=UTF-8',
  'application/json;charset=utf-8',
  'application/json ;\tcharset="utf-8"',
  'application/json; a=b; charset=utf-8',
  '\tapplication/json\t',
];
const others: readonly string[] = [
  'application/json\ta',
  'application/json garbage',
  'application/json,text/plain',
  'application/json, application/json',
  'application/jsonx',
  'xapplication/json',
  'application/json/',
  'application /json',
  'application/json; charset=utf-7',
  'application/json; charset',
  'application/json; charset=utf-8; charset=utf-16',
  'application/json; a="',
  'application/json\u00a0',
  'application/merge-patch+json',
  'application/vnd.kubernetes.protobuf',
  'application/yaml',
  'text/json',
  'text/plain',
  'multipart/form-data; boundary=application/json',
  '*/*',
  '',
];

test('A4: every spelling that HTTP holds equal to application/json gets the same decision, no other is read', async (t) => {
  const { entries, records } = keeper();
  const gate = await gateOf(t, ['pod-security'], { replace: { records } });
  const heads = (type: string) => ({ headers: { 'content-type': type } });
  for (const type of spellings) {
    t.equal(await gate.said(hostile, heads(type)), denied, JSON.stringify(type));
    t.equal(await gate.said(good, heads(type)), 'allowed', JSON.stringify(type));
  }
  entries.length = 0;
  for (const type of others) {
    t.equal(await gate.said(good, heads(type)), '415 content-type', JSON.stringify(type));
  }
  t.equal(await gate.said(good, { headers: {} }), '415 content-type', 'none at all');
  t.equal(entries.length, others.length + 1);
  t.ok(entries.every(({ kind }) => kind === 'unreadable'));
  for (const first of ['application/json', 'text/plain']) {
    const second = first === 'text/plain' ? 'application/json' : 'text/plain';
    const fields = [`Content-Length: ${Buffer.byteLength(hostile)}`, `Content-Type: ${second}`];
    const bytes = head('Connection: close', ...fields).replace('application/json', first);
    const said = await fed(gate, bytes + hostile);
    t.match(said, /^HTTP\/1\.1 415 |"allowed":false/, `two types, ${first} first`);
  }
});

const paths: readonly string[] = [
  '//validate',
  '/validate/',
  '/validate/../x',
  '/validate/../validate',
  '/./validate',
  '/x/..//validate',
  '/validate%2f',
  '/validate%2F..%2fvalidate',
  '/%76alidate/',
  '/Validate',
  '/VALIDATE',
  '/validate\\',
  '/validate;a=b',
  '/validate%00',
  '/validate%20',
  '/validate/fail/',
  '/validate/ignore/..',
  '/validate/%69gnore/x',
  '/validate/nobody',
  '/mutate',
  '*',
];
/** What only adds a query, or escapes what needs no escape, names the same path. */
const same: readonly string[] = [
  '/validate?x',
  '/validate?timeout=10s&x=//validate',
  '/validate?timeout=abc',
  '/validate?timeout=1s&timeout=2s',
  '/validate?timeout[x]=1s',
  '/validate?__proto__=x&timeout=10s',
  `/validate?${'x'.repeat(10_000)}`,
  '/validate#x',
  '/%76alidate',
];

test('A24: a path is found in one spelling or not at all, and a query changes no decision', async (t) => {
  const gate = await gateOf(t, ['pod-security']);
  for (const path of paths) t.equal(await gate.said(hostile, { path }), '404 path-unknown', path);
  for (const path of same) {
    t.equal(await gate.said(hostile, { path }), denied, path.slice(0, 80));
    t.equal(await gate.said(good, { path }), 'allowed', path.slice(0, 80));
  }
  for (const method of ['GET', 'HEAD', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'SEARCH']) {
    const bytes = head(`Content-Length: ${length}`, 'Connection: close').replace('POST', method);
    const said = await fed(gate, bytes + good);
    t.match(said, /^HTTP\/1\.1 40[045] /, method);
  }
  t.match(
    await fed(
      gate,
      `POST http://evil/validate HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(hostile)}\r\nConnection: close\r\n\r\n${hostile}`,
    ),
    /^HTTP\/1\.1 404 |"allowed":false/,
    'in absolute form',
  );
});

const unreadable: readonly [string, string | Buffer, string][] = [
  ['no JSON', '{"a":', 'review-syntax'],
  ['YAML', 'apiVersion: admission.k8s.io/v1\nkind: AdmissionReview\n', 'review-syntax'],
  ['UTF-16', Buffer.from(good, 'utf16le'), 'review-syntax'],
  ['no UTF-8', Buffer.from([0x22, 0xff, 0x22]), 'review-syntax'],
  ['NUL bytes', Buffer.alloc(1000), 'review-syntax'],
  ['protobuf', Buffer.from('k8s\u0000\n\u0015\n\u0002v1', 'latin1'), 'review-syntax'],
  ['gzip that is not announced', gzipSync(good), 'review-syntax'],
  ['nested too deep', '['.repeat(300), 'review-too-deep'],
  ['another kind', '{"apiVersion":"v1","kind":"Pod"}', 'review-kind'],
  ['no uid', reviewOf({ uid: '' }), 'review-malformed'],
  ['a wrong field', reviewOf({ operation: 'PATCH' }), 'review-malformed'],
  ['a review that contradicts itself', reviewOf({ object: null }), 'inconsistent-review'],
];

test('A25: whatever cannot be read leaves a record with its length and hash before it is answered', async (t) => {
  const { entries, records } = keeper();
  const gate = await gateOf(t, ['pod-security'], { replace: { records } });
  for (const [what, body, code] of unreadable) {
    for (const chunked of [false, true]) {
      entries.length = 0;
      t.not(await gate.said(body, { chunked }), 'allowed', what);
      const bytes = Buffer.from(body);
      const sha256 = createHash('sha256').update(bytes).digest('hex');
      t.match(entries, [{ kind: 'unreadable', code, bytes: bytes.length, sha256 }], what);
    }
  }
  entries.length = 0;
  await gate.said('', {});
  t.match(entries, [{ kind: 'unreadable', code: 'review-empty', bytes: 0 }]);
  entries.length = 0;
  const { address, ca } = gate;
  const socket = connect({ ...address, ca, servername: 'localhost' });
  socket.on('error', () => {});
  socket.write(`${head(`Content-Length: ${length + 1}`)}${good}`, () => socket.destroySoon());
  await until(
    async () => entries.length,
    (n) => n > 0,
  );
  t.match(
    entries,
    [{ kind: 'unreadable', code: 'review-syntax', bytes: null }],
    'given up half-way',
  );
});
