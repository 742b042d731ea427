// The answer as the API server wants it: shape, warnings within its budget, annotation keys that it keeps.
import { test } from 'tap';
import { mapAnnotations } from '../../src/review/annotations.ts';
import { denyReview, encodeReview } from '../../src/review/encode.ts';
import { fitWarnings } from '../../src/review/warnings.ts';
import { decisionOf, policySet, resultOf } from '../fixtures/decisions.ts';

const id = '01941f2e-0000-7000-8000-000000000000';

test('C1: an answer is an admission.k8s.io/v1 AdmissionReview with the uid, and never a patch', async (t) => {
  t.same(encodeReview('u1', decisionOf(), { id }), {
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    response: {
      uid: 'u1',
      allowed: true,
      auditAnnotations: { 'decision-id': id, 'policy-set': policySet },
    },
  });
});

test('C3: a denial has code 403, reason Forbidden and a message', async (t) => {
  const denied = decisionOf({
    allowed: false,
    results: [resultOf({ rule: 'p/a' }), resultOf({ rule: 'p/b' })],
  });
  const { response } = encodeReview('u1', denied, { id, seq: 7, head: 'f00d' });
  t.equal(response.allowed, false);
  t.match(response.status, {
    code: 403,
    reason: 'Forbidden',
    message: /^\nPod shop\/web breaks 2/,
  });
  t.match(response.status?.message, new RegExp(`decision ${id}`));
  t.same(response.auditAnnotations, {
    'decision-id': id,
    'ledger-seq': '7',
    'ledger-head': 'f00d',
    'policy-set': policySet,
    'denied-by': 'p/a,p/b',
  });
});

test('what could not be decided is a denial with its code', async (t) => {
  const { response } = denyReview('u1', 'review-malformed', 'a\u001b[31m\ud800', { id });
  t.same(response, {
    uid: 'u1',
    allowed: false,
    status: {
      code: 403,
      reason: 'Forbidden',
      message: `a\\u001b[31m\ufffd (review-malformed)\ndecision ${id}`,
    },
    auditAnnotations: { 'decision-id': id, 'denied-by': 'sekisho/review-malformed' },
  });
});

/** As the API server writes them: `299 - "text"`, quotes and backslashes escaped. */
function headerBytes(texts: readonly string[]): number {
  const headers = texts.map((text) => `299 - ${JSON.stringify(text)}`);
  return Buffer.byteLength(headers.join(''));
}

test('C4: warnings are printable, distinct and as written while they fit', async (t) => {
  const long = 'w'.repeat(2000);
  const rows: readonly [string, readonly string[], readonly string[]][] = [
    ['as written', ['a', 'b'], ['a', 'b']],
    ['no duplicates, none empty', ['a', '', 'a', ' '], ['a']],
    ['no control characters', ['a\nb\u0007'], ['a\\u000ab\\u0007']],
    ['long ones stay whole', [long, 'a'], [long, 'a']],
    ['no half characters', ['\ud83d'], ['\ufffd']],
  ];
  for (const [what, given, want] of rows) t.same(fitWarnings(given), want, what);
});

test('C4: past 4,096 bytes the longest are cut, then counted', async (t) => {
  const [long, longer] = ['a'.repeat(1900), 'b'.repeat(2600)];
  t.same(fitWarnings([long, longer, 'c']), [long, `${'b'.repeat(255)}…`, 'c'], 'only the longest');

  const small = fitWarnings(Array.from({ length: 300 }, (_, i) => `${i}"\\"`));
  t.ok(headerBytes(small) <= 4096, 'what the header adds to a text counts too');
  t.ok(headerBytes(small) > 3800, 'and the budget is used');

  const many = Array.from(
    { length: 60 },
    (_, i) => `${String(i).padStart(2, '0')}"${'x'.repeat(300)}`,
  );
  const shown = fitWarnings(many);
  const [last = ''] = shown.slice(-1);
  t.ok(headerBytes(shown) <= 4096);
  t.match(last, /^\+\d+ more/);
  t.equal(Number(/\d+/.exec(last)) + shown.length - 1, 60, 'none is lost without being counted');
  t.ok(shown.length > 10);
  for (const text of shown) t.ok(text.length <= 256);
});

const validKey = /^[A-Za-z0-9](?:[A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$/;

test('C5: every annotation has a key that the API server keeps, and none is lost', async (t) => {
  const keys = [
    'decision-id',
    'policy/key',
    'policy.key',
    'validation.policy.admission.k8s.io/validation_failure',
    'pod-security.kubernetes.io/enforce-policy',
    '/leading and blank ',
    'ünïcode',
    '',
    '///',
    '__proto__',
    'constructor',
    `${'long'.repeat(30)}/one`,
    `${'long'.repeat(30)}/two`,
    `${'-'.repeat(80)}x`,
  ];
  const mapped = mapAnnotations(keys.map((key, i) => [key, String(i)]));
  t.equal(Object.keys(mapped).length, keys.length);
  t.same(new Set(Object.values(mapped)), new Set(keys.map((_, i) => String(i))));
  for (const key of Object.keys(mapped)) t.match(key, validKey);
  t.match(mapped, {
    'decision-id': '0',
    'policy.key': '1',
    'validation.policy.admission.k8s.io.validation_failure': '3',
    'pod-security.kubernetes.io.enforce-policy': '4',
  });
  t.match(Object.keys(mapped)[2], /^policy\.key-[0-9a-f]{8}$/, 'a collision has a suffix');
});

test('C5: a policy cannot displace what the gate itself notes', async (t) => {
  const noted = decisionOf({ auditAnnotations: { 'decision-id': 'forged', 'denied/by': 'x' } });
  const { auditAnnotations = {} } = encodeReview('u1', noted, { id }).response;
  t.equal(auditAnnotations['decision-id'], id);
  t.ok(Object.values(auditAnnotations).includes('forged'));
});
