// The webhook over real HTTPS on loopback: the contract of the API server (C1 to C10 of the research), and hostile callers.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pino } from 'pino';
import { test } from 'tap';
import { getIn } from '../../src/base/json.ts';
import { err, ok } from '../../src/base/result.ts';
import { admit } from '../../src/engine/admit.ts';
import type { LedgerEntry } from '../../src/ledger/entry.ts';
import type { Attempt } from '../../src/model/attempt.ts';
import { type AppDeps, createApp } from '../../src/server/app.ts';
import { createCapacity } from '../../src/server/capacity.ts';
import { createLifecycle } from '../../src/server/lifecycle.ts';
import { limits } from '../../src/server/limits.ts';
import { createMetrics } from '../../src/server/metrics.ts';
import type { RecordSink } from '../../src/server/records.ts';
import { denyHostNetwork, outcome, podReview, podUid, serve } from './harness.ts';

const reviews = join(import.meta.dirname, '../fixtures/reviews');
const hostile = podReview({ hostNetwork: true });
const good = podReview();

test('C1: every body of a real API server is answered with a v1 review and its uid', async (t) => {
  const { call } = await serve(t);
  for (const name of readdirSync(reviews).filter((file) => file.endsWith('.json'))) {
    const body = readFileSync(join(reviews, name), 'utf8');
    const { status, json, headers } = await call({ body, path: '/validate?timeout=5s' });
    t.equal(status, 200, name);
    t.match(headers['content-type'], /^application\/json/);
    t.match(json, { apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview' });
    t.equal(json.response?.uid, getIn(JSON.parse(body), ['request', 'uid']), name);
    t.type(json.response?.allowed, 'boolean', name);
    t.same(Object.keys(json).sort(), ['apiVersion', 'kind', 'response']);
  }
});

const unanswerable: readonly [what: string, body: string, want: string][] = [
  ['nothing', '', '400 review-empty'],
  ['no JSON', '{', '400 review-syntax'],
  ['two documents', `${good}${good}`, '400 review-syntax'],
  ['YAML', 'apiVersion: admission.k8s.io/v1', '400 review-syntax'],
  ['null', 'null', '400 review-kind'],
  ['a list', '[]', '400 review-kind'],
  ['a pod', '{"apiVersion":"v1","kind":"Pod"}', '400 review-kind'],
  [
    'no request',
    '{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview"}',
    '400 review-malformed',
  ],
  ['no uid', podReview({}, { uid: undefined }), '400 review-malformed'],
  ['a wrong operation', podReview({}, { operation: 7 }), '200 denied review-malformed'],
  ['a string for an object', podReview({}, { object: 'x' }), '200 denied review-malformed'],
  ['no object', podReview({}, { object: null }), '200 denied inconsistent-review'],
  [
    'another resource',
    podReview({}, { resource: { group: 'apps', version: 'v1', resource: 'deployments' } }),
    '200 denied inconsistent-review',
  ],
  ['a pod that breaks a rule', hostile, '200 denied'],
  ['a good pod', good, '200 allowed'],
];

test('C2: whoever has a uid is answered with HTTP 200, all others with 4xx', async (t) => {
  const { call } = await serve(t);
  for (const [what, body, want] of unanswerable) {
    const reply = await call({ body });
    t.equal(outcome(reply), want, what);
    if (reply.status === 200) t.equal(reply.json.response?.uid, podUid, what);
  }
});

test('C3: a denial is code 403, reason Forbidden, and a message with policy, decision and law', async (t) => {
  const { call } = await serve(t);
  const { response } = (await call({ body: hostile })).json;
  t.match(response?.status, { code: 403, reason: 'Forbidden' });
  const message = response?.status?.message ?? '';
  t.match(
    message,
    /^\nPod capture\/web breaks 1 rule\n {2}no-host-network: spec\.hostNetwork is true: host network is not for you/,
  );
  t.match(
    message,
    /decision [0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-.* · policies sha256:[0-9a-f]{12}$/,
  );
});

test('C4: warnings of policies reach the caller', async (t) => {
  const warning = denyHostNetwork.replace('[Deny]', '[Warn]');
  const { call } = await serve(t, { policies: { 'policy.yaml': warning } });
  const { response } = (await call({ body: hostile })).json;
  t.equal(response?.allowed, true);
  t.same(response?.warnings, [
    "Validation failed for ValidatingAdmissionPolicy 'no-host-network' with binding 'no-host-network': host network is not for you",
  ]);
  t.notOk('warnings' in ((await call({ body: good })).json.response ?? {}));
});

test('C5: annotations witness the decision, its place in the ledger and the rules that denied', async (t) => {
  const records: RecordSink = { append: async () => ok({ seq: 41, sum: 'f00d' }) };
  const { call } = await serve(t, { replace: { records, newId: () => 'the-id' } });
  const { auditAnnotations = {} } = (await call({ body: hostile })).json.response ?? {};
  t.match(auditAnnotations, {
    'decision-id': 'the-id',
    'policy-set': /^sha256:[0-9a-f]{64}$/,
    'ledger-seq': '41',
    'ledger-head': 'f00d',
    'denied-by': 'no-host-network/validations[0]',
  });
  for (const key of Object.keys(auditAnnotations))
    t.match(key, /^[A-Za-z0-9][\w.-]{0,61}[A-Za-z0-9]$/);
});

test('C6: what is not decided before the deadline is a denial that says so', async (t) => {
  const deadlines: (number | null)[] = [];
  const { call } = await serve(t, {
    replace: {
      admit: (_set, { deadline }) => {
        deadlines.push(deadline);
        return new Promise(() => {});
      },
    },
  });
  const reply = await call({ body: good, path: '/validate?timeout=20ms' });
  t.equal(outcome(reply), '200 denied deadline-exceeded');
  t.same(deadlines, [10]);
});

/** A review of exactly so many bytes that must be refused for what it says, not for its size. */
function padded(bytes: number): string {
  const empty = podReview({ hostNetwork: true, padding: '' });
  return podReview({ hostNetwork: true, padding: 'x'.repeat(bytes - Buffer.byteLength(empty)) });
}

test('C9: bodies of up to 7 MiB are decided whole, larger ones are refused and never cut', async (t) => {
  const { call } = await serve(t);
  t.equal(limits.bodyBytes, 7 * 1024 * 1024);
  const rows: readonly [number, string][] = [
    [limits.bodyBytes - 1, '200 denied'],
    [limits.bodyBytes, '200 denied'],
    [limits.bodyBytes + 1, '413 review-too-large'],
  ];
  for (const [bytes, want] of rows) {
    const body = padded(bytes);
    t.equal(Buffer.byteLength(body), bytes);
    for (const chunked of [false, true]) {
      t.equal(outcome(await call({ body, chunked })), want, `${bytes} bytes, chunked: ${chunked}`);
    }
  }
  t.equal(outcome(await call({ body: good })), '200 allowed', 'the next request is served');
});

/** A review whose deepest value lies so many objects and lists deep. */
function nested(depth: number): string {
  const outside = 4; // review, request, object, spec
  const inside = depth - outside;
  const marker = '"deep":0';
  const deep = `"deep":${'['.repeat(inside)}${']'.repeat(inside)}`;
  return podReview({ deep: 0 }).replace(marker, deep);
}

test('C9: nesting is bounded before it is parsed', async (t) => {
  const { call } = await serve(t);
  t.equal(limits.depth, 256);
  t.equal(outcome(await call({ body: nested(255) })), '200 allowed');
  t.equal(outcome(await call({ body: nested(256) })), '200 allowed');
  t.equal(outcome(await call({ body: nested(257) })), '200 denied review-too-deep');
  t.equal(outcome(await call({ body: '['.repeat(7_000_000) })), '400 review-too-deep');
});

const contentTypes: readonly [string, string][] = [
  ['application/json', '200 allowed'],
  ['APPLICATION/JSON', '200 allowed'],
  ['application/json; charset=utf-8', '200 allowed'],
  ['application/json;charset="UTF-8"', '200 allowed'],
  [' application/json ', '200 allowed'],
  ['application/json\ta', '415 content-type'],
  ['application/json garbage', '415 content-type'],
  ['application/json; charset=utf-16', '415 content-type'],
  ['text/plain', '415 content-type'],
  ['application/x-www-form-urlencoded', '415 content-type'],
  ['', '415 content-type'],
];

test('C10: only application/json is read, in every spelling that HTTP holds equal to it', async (t) => {
  const { call } = await serve(t);
  for (const [type, want] of contentTypes) {
    const reply = await call({ body: good, headers: { 'content-type': type } });
    t.equal(outcome(reply), want, JSON.stringify(type));
  }
  t.equal(outcome(await call({ body: good, headers: {} })), '415 content-type', 'none');
  const gzip = { 'content-type': 'application/json', 'content-encoding': 'gzip' };
  t.equal(outcome(await call({ body: good, headers: gzip })), '415 content-type', 'compressed');
});

test('connections are kept for longer than the API server keeps them idle', async (t) => {
  const deps: AppDeps = {
    law: () => null,
    records: null,
    log: pino({ level: 'silent' }),
    metrics: createMetrics(),
    limits,
    deciding: createCapacity({ room: 1, waiting: 0 }),
    bodies: createCapacity({ room: 1, waiting: 0 }),
    engineVersion: 'test',
    now: () => '',
    newId: () => '',
    onFailure: 'deny',
    refusedCaller: () => {},
    admit,
  };
  const lifecycle = createLifecycle({ grace: 0, lastCall: 0, sleep: async () => {} });
  const { server } = createApp({}, deps, lifecycle);
  for (const end of ['keepAliveTimeout', 'headersTimeout', 'requestTimeout'] as const) {
    t.ok(server[end] > 90_000, `${end}: used ones, and ones that never were`);
  }
  const { call } = await serve(t);
  const [first, second] = [await call({ body: good }), await call({ body: good })];
  const seconds = Number(/timeout=(\d+)/.exec(String(first.headers['keep-alive']))?.[1]);
  t.ok(seconds > 90, `${seconds} s`);
  t.equal(first.localPort, second.localPort, 'the same connection');
});

const unknownPaths: readonly [method: string, path: string][] = [
  ['POST', '/'],
  ['POST', '//validate'],
  ['POST', '/validate/'],
  ['POST', '/validate//fail'],
  ['POST', '/validate/../x'],
  ['POST', '/validate/../validate'],
  ['POST', '/./validate'],
  ['POST', '/validate%2ffail'],
  ['POST', '/validate%2Ffail'],
  ['POST', '/Validate'],
  ['POST', '/validate/other'],
  ['POST', '/validate;x'],
  ['POST', '/%zz'],
  ['GET', '/validate'],
  ['PUT', '/validate'],
  ['GET', '/metrics'],
  ['GET', '/healthz'],
];

test('only the documented paths answer, in one spelling each', async (t) => {
  const { call } = await serve(t);
  for (const [method, path] of unknownPaths) {
    t.equal(
      outcome(await call({ method, path, body: hostile })),
      '404 path-unknown',
      `${method} ${path}`,
    );
  }
  t.equal((await call({ method: 'GET', path: '/readyz' })).text, 'ready\n');
});

test('/validate/fail and /validate/ignore evaluate only policies of that failurePolicy', async (t) => {
  const ignoring = denyHostNetwork
    .replaceAll('no-host-network', 'ignoring')
    .replace('failurePolicy: Fail', 'failurePolicy: Ignore');
  const { call } = await serve(t, { policies: { 'a.yaml': denyHostNetwork, 'b.yaml': ignoring } });
  const rows: readonly [string, string | undefined][] = [
    ['/validate', 'no-host-network/validations[0],ignoring/validations[0]'],
    ['/validate/fail', 'no-host-network/validations[0]'],
    ['/validate/ignore', 'ignoring/validations[0]'],
  ];
  for (const [path, want = ''] of rows) {
    const { auditAnnotations = {} } = (await call({ path, body: hostile })).json.response ?? {};
    t.same(auditAnnotations['denied-by']?.split(',').sort(), want.split(',').sort(), path);
  }
});

test('integers beyond 2^53 reach the policies exactly', async (t) => {
  const seen: Attempt[] = [];
  const { call } = await serve(t, {
    replace: {
      admit: async (_set, attempt) => {
        seen.push(attempt);
        throw new Error('seen enough');
      },
    },
  });
  const body = podReview({ priority: 0 }).replace('"priority":0', '"priority":9007199254740993');
  await call({ body });
  t.equal(getIn(seen[0]?.object ?? null, ['spec', 'priority']), 9007199254740993n);
});

test('a fault of our own is a denial with the uid, and is logged', async (t) => {
  const { call, logged } = await serve(t, {
    replace: {
      admit: () => {
        throw new Error('a bug');
      },
    },
  });
  const reply = await call({ body: good });
  t.equal(outcome(reply), '200 denied internal-error');
  t.notMatch(reply.text, /a bug/);
  t.match(logged.join(''), /a bug/);
});

test('nothing is answered before it is recorded', async (t) => {
  const entries: LedgerEntry[] = [];
  const release = Promise.withResolvers<void>();
  const records: RecordSink = {
    async append(entry) {
      entries.push(entry);
      await release.promise;
      return ok({ seq: entries.length, sum: 'f00d' });
    },
  };
  const { call } = await serve(t, { replace: { records } });
  let answered = false;
  const reply = call({ body: hostile }).then((r) => {
    answered = true;
    return r;
  });
  while (entries.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  t.notOk(answered);
  release.resolve();
  const { auditAnnotations = {} } = (await reply).json.response ?? {};
  t.match(entries, [
    { kind: 'decision', id: auditAnnotations['decision-id'], engineVersion: 'test' },
  ]);
  await call({ body: good });
  t.match(entries[1], { kind: 'decision', attempt: { uid: podUid }, decision: { allowed: true } });
  await call({ body: '{' });
  await call({ body: podReview({}, { operation: 7 }) });
  t.match(entries.slice(2), [
    {
      kind: 'unreadable',
      code: 'review-syntax',
      bytes: 1,
      sha256: /^021fb596db81e6d02bf3d2586ee39/,
    },
    { kind: 'unreadable', code: 'review-malformed', uid: podUid },
  ]);
});

test('a record that fails, throws or hangs is a denial', async (t) => {
  const sinks: readonly [string, RecordSink['append']][] = [
    ['fails', async () => err({ code: 'record-failed', message: 'no space' })],
    ['rejects', () => Promise.reject(new Error('a bug'))],
    [
      'throws',
      () => {
        throw new Error('a bug');
      },
    ],
    ['hangs', () => new Promise(() => {})],
  ];
  for (const [what, append] of sinks) {
    const { call, plain } = await serve(t, { replace: { records: { append } } });
    const reply = await call({ body: good, path: '/validate?timeout=40ms' });
    t.equal(outcome(reply), '200 denied record-failed', what);
    t.match((await plain('/metrics')).text, /^sekisho_record_failures_total 1$/m);
  }
});

test('while nothing can be recorded the server is not ready', async (t) => {
  let available = true;
  const records: RecordSink = {
    append: async () => err({ code: 'record-failed', message: 'no space' }),
    available: () => available,
  };
  const { plain } = await serve(t, { replace: { records } });
  t.equal((await plain('/readyz')).status, 200);
  available = false;
  t.match(await plain('/readyz'), { status: 503, text: 'not ready: audit log unavailable\n' });
});

test('probes and metrics answer over plain HTTP, and tell nothing of policies or objects', async (t) => {
  const { plain, call } = await serve(t);
  await call({ body: hostile });
  t.same(await plain('/healthz'), { status: 200, text: 'ok\n' });
  t.same(await plain('/readyz'), { status: 200, text: 'ready\n' });
  const { status, text } = await plain('/metrics');
  t.equal(status, 200);
  t.match(text, /^sekisho_decisions_total\{allowed="false"\} 1$/m);
  t.notMatch(text, /host network|capture|"web/, 'names of policies, but no text of theirs');
  t.equal((await plain('/validate')).status, 404);
});
