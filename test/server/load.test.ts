// More than can be decided in time: what is on top is told at once to try again, nothing is lost, nothing slips past.
// And AuditOnly, where nothing is refused and every gap is counted.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'tap';
import { err } from '../../src/base/result.ts';
import { admit } from '../../src/engine/admit.ts';
import { peekUid } from '../../src/review/uid.ts';
import { createCapacity } from '../../src/server/capacity.ts';
import { limits } from '../../src/server/limits.ts';
import { denyHostNetwork, outcome, podReview, podUid, serve, until } from './harness.ts';

test('capacity: first come, first served, by weight, within its bounds', async (t) => {
  const capacity = createCapacity({ room: 10, waiting: 2 });
  const first = await capacity.enter(6, 1000);
  const order: string[] = [];
  const large = Promise.resolve(capacity.enter(6, 1000)).then(
    (leave) => [order.push('large'), leave] as const,
  );
  const small = Promise.resolve(capacity.enter(1, 1000)).then(
    (leave) => [order.push('small'), leave] as const,
  );
  t.equal(await capacity.enter(1, 1000), undefined, 'no more may wait');
  t.same(capacity.state(), { used: 6, waiting: 2 }, 'a small one does not overtake a large one');
  first?.();
  first?.();
  const [[, leaveLarge], [, leaveSmall]] = [await large, await small];
  t.same(order, ['large', 'small']);
  t.same(capacity.state(), { used: 7, waiting: 0 }, 'leaving twice frees once');
  leaveLarge?.();
  leaveSmall?.();
  const all = await capacity.enter(99, 1000);
  t.same(capacity.state().used, 10, 'what is larger than all room takes all of it');
  t.equal(await capacity.enter(1, 0), undefined, 'without time there is no waiting');
  t.equal(await capacity.enter(1, 5), undefined, 'who has waited long enough goes');
  t.same(capacity.state(), { used: 10, waiting: 0 });
  all?.();
});

test('capacity: a large one that gives up lets the small ones behind it in', async (t) => {
  const capacity = createCapacity({ room: 10, waiting: 2 });
  const leave = await capacity.enter(6, 1000);
  const large = capacity.enter(6, 5);
  const small = capacity.enter(1, 1000);
  t.equal(await large, undefined);
  t.ok(await small);
  leave?.();
});

/** An engine that waits until it is told. */
function held() {
  const { promise, resolve } = Promise.withResolvers<void>();
  let asked = 0;
  const slow: typeof admit = async (...args) => {
    asked += 1;
    await promise;
    return admit(...args);
  };
  return { admit: slow, go: resolve, asked: () => asked };
}

const metric = (text: string, name: string): string | undefined =>
  text.split('\n').find((line) => line.startsWith(`${name} `));

test('above the bound the answer is a denial that says to try again, and leaves a record', async (t) => {
  const engine = held();
  const server = await serve(t, {
    settings: (folder) => ({ ledger: join(folder, 'ledger') }),
    replace: { admit: engine.admit, limits: { ...limits, atOnce: 1, waiting: 1 } },
  });
  const [first, second] = [server.call({ body: podReview() }), server.call({ body: podReview() })];
  await until(
    async () => (await server.plain('/metrics')).text,
    (text) => metric(text, 'sekisho_waiting') === 'sekisho_waiting 1',
  );
  const third = await server.call({ body: podReview() });
  t.equal(outcome(third), '200 denied overloaded');
  t.match(third.json.response, {
    uid: podUid,
    allowed: false,
    status: { code: 429, reason: 'TooManyRequests', details: { retryAfterSeconds: 1 } },
  });
  t.match(third.json.response?.status?.message, /^Overloaded, retry/);
  t.equal(engine.asked(), 1, 'it was not evaluated');
  const odd = podReview().replace('"kind":"AdmissionReview"', '"kind":"AdmissionReview","x":1');
  t.equal(
    outcome(await server.call({ body: odd })),
    '503 overloaded',
    'a uid that is not at its place',
  );
  engine.go();
  t.equal(outcome(await first), '200 allowed');
  t.equal(outcome(await second), '200 allowed', 'who waited is decided');
  t.equal(
    outcome(await server.call({ body: podReview() })),
    '200 allowed',
    'and so is who comes later',
  );
  const records = (
    await until(
      async () => readFileSync(join(server.folder, 'ledger/00000000000000000001.jsonl'), 'utf8'),
      (text) => text.match(/"kind":"(?:decision|unreadable)"/g)?.length === 5,
    )
  )
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  t.equal(records.filter(({ code }) => code === 'overloaded').length, 2);
  const { text } = await server.plain('/metrics');
  t.match(text, 'sekisho_unreadable_requests_total{code="overloaded"} 2');
  t.equal(metric(text, 'sekisho_deciding'), 'sekisho_deciding 0');
});

test('who waits for longer than the deadline allows is told so in time', async (t) => {
  const engine = held();
  const replace = { admit: engine.admit, limits: { ...limits, atOnce: 1 } };
  const server = await serve(t, { replace });
  const first = server.call({ body: podReview() });
  await until(
    async () => engine.asked(),
    (asked) => asked === 1,
  );
  const second = await server.call({ path: '/validate?timeout=50ms', body: podReview() });
  t.equal(outcome(second), '200 denied overloaded');
  engine.go();
  t.equal(outcome(await first), '200 allowed');
});

test('bodies that do not fit beside the others wait unread, or are refused', async (t) => {
  const engine = held();
  const body = podReview();
  const bodiesAtOnce = body.length + 10;
  const server = await serve(t, {
    replace: { admit: engine.admit, limits: { ...limits, bodiesAtOnce } },
  });
  const first = server.call({ body });
  await until(
    async () => engine.asked(),
    (asked) => asked === 1,
  );
  const waits = server.call({ body });
  const late = await server.call({ path: '/validate?timeout=50ms', body });
  t.equal(outcome(late), '503 overloaded');
  t.equal(late.headers.connection, 'close');
  t.equal(engine.asked(), 1);
  engine.go();
  t.equal(outcome(await first), '200 allowed');
  t.equal(outcome(await waits), '200 allowed');
  const chunked = await server.call({ body, chunked: true });
  t.equal(outcome(chunked), '200 allowed', 'one of unknown length takes all room, and goes');
  await until(
    async () => (await server.plain('/metrics')).text,
    (text) => metric(text, 'sekisho_body_bytes') === 'sekisho_body_bytes 0',
  );
});

const uids: readonly [string, string, string | undefined][] = [
  ['as the API server writes it', podReview(), podUid],
  ['with spaces', '{ "kind": "AdmissionReview", "request": { "uid": "a" ', 'a'],
  ['after another field', '{"request":{"name":"x","uid":"a"', undefined],
  ['with an escape', '{"request":{"uid":"a\\u0062"', undefined],
  ['too long', `{"request":{"uid":"${'a'.repeat(300)}"`, undefined],
  ['empty', '{"request":{"uid":""', undefined],
  ['nothing', '', undefined],
  ['bytes that are no text', '\u0000\u00ff', undefined],
];
for (const [name, text, uid] of uids) {
  test(`the uid of a body that is not read: ${name}`, (t) => {
    t.equal(peekUid(Buffer.from(text)), uid);
    t.end();
  });
}

const auditOnly = `${denyHostNetwork}
---
apiVersion: sekisho.dev/v1alpha1
kind: PolicySettings
spec: {mode: AuditOnly}
`;

test('AuditOnly: nothing is refused, and everything is told', async (t) => {
  let failing = false;
  const append = async () =>
    failing
      ? err({ code: 'record-failed', message: 'disk' } as const)
      : ({ ok: true, value: { seq: 1, sum: 'x' } } as const);
  const server = await serve(t, {
    policies: { 'p.yaml': auditOnly },
    replace: { records: { append } },
  });
  t.ok(
    server.logged.some((line) => line.includes('AuditOnly') && line.includes('"level":40')),
    'at the start',
  );
  const bad = await server.call({ body: podReview({ hostNetwork: true }) });
  t.match(bad.json.response, {
    allowed: true,
    auditAnnotations: { mode: 'AuditOnly', 'would-deny': 'no-host-network/validations[0]' },
  });
  const typed = await server.call({ body: podReview({}, { operation: 7 }) });
  t.match(typed.json.response, {
    allowed: true,
    warnings: [/^not decided, and allowed because Sekisho only audits/],
    auditAnnotations: { undecided: 'sekisho/review-malformed' },
  });
  failing = true;
  const unrecorded = await server.call({ body: podReview({ hostNetwork: true }) });
  t.match(unrecorded.json.response, {
    allowed: true,
    auditAnnotations: { undecided: 'sekisho/record-failed' },
  });
  const { text } = await server.plain('/metrics');
  t.equal(metric(text, 'sekisho_audit_only'), 'sekisho_audit_only 1');
  t.equal(metric(text, 'sekisho_record_failures_total'), 'sekisho_record_failures_total 1');
  t.match(text, 'sekisho_policy_results_total{policy="no-host-network",action="would-deny"} 2');
  t.equal(
    outcome(await server.call({ body: '{' })),
    '400 review-syntax',
    'what has no uid cannot be allowed',
  );
});
