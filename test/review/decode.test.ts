// What a caller may send, and what becomes of it: the bodies of a real API server, and everything else.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { test } from 'tap';
import { type Code, codes } from '../../src/base/codes.ts';
import { getIn, type JsonValue } from '../../src/base/json.ts';
import type { Attempt } from '../../src/model/attempt.ts';
import { decodeReview } from '../../src/review/decode.ts';

const folder = join(import.meta.dirname, '../fixtures/reviews');
const context = { now: '2026-11-21T00:00:00Z', deadline: 9000 };

type Fields = Readonly<Record<string, JsonValue | undefined>>;

/** A recorded body with fields of its request, and of the review, replaced; undefined leaves one out. */
function body(name: string, request: Fields = {}, review: Fields = {}): JsonValue {
  const sent = JSON.parse(readFileSync(join(folder, name), 'utf8'));
  return JSON.parse(
    JSON.stringify({ ...sent, request: { ...sent.request, ...request }, ...review }),
  );
}

function read(value: JsonValue): Attempt {
  const decoded = decodeReview(value, context);
  if (!decoded.ok) throw new Error(decoded.error.message);
  return decoded.value;
}

const files = readdirSync(folder).filter((name) => name.endsWith('.json'));

test('every body that a real API server sent is read whole', async (t) => {
  t.equal(files.length, 22);
  for (const name of files) {
    const { origin, now, deadline, userInfo, ...attempt } = read(body(name));
    t.same([origin, now, deadline], ['webhook', context.now, 9000]);
    t.match(
      getIn(body(name), ['request']),
      {
        ...attempt,
        // What the API server leaves out reads as empty.
        subResource: attempt.subResource || undefined,
        requestSubResource: attempt.requestSubResource || undefined,
        userInfo: { username: userInfo.username, groups: userInfo.groups },
      },
      name,
    );
  }
});

const pod = 'pod-create-apply.json';
const uid = getIn(body(pod), ['request', 'uid']);
const apps = { group: 'apps', version: 'v1' };
const core = { group: '', version: 'v1' };

const noReviews: readonly [string, Fields, Code, boolean, RegExp][] = [
  ['another version', { apiVersion: 'admission.k8s.io/v1beta1' }, 'review-kind', true, /v1/],
  ['no apiVersion', { apiVersion: undefined }, 'review-kind', true, /AdmissionReview/],
  ['another kind', { kind: 'Pod' }, 'review-kind', true, /AdmissionReview/],
  ['null request', { request: null }, 'review-malformed', false, /^request must be/],
  ['request as a list', { request: [] }, 'review-malformed', false, /^request must be/],
  ['request as a string', { request: 'x' }, 'review-malformed', false, /^request must be/],
  ['no request', { request: undefined }, 'review-malformed', false, /^request must be/],
];

const malformed: readonly [string, Fields, RegExp][] = [
  ['operation 7', { operation: 7 }, /request\.operation must be one of CREATE, UPDATE/],
  ['operation in small letters', { operation: 'create' }, /request\.operation/],
  ['no operation', { operation: undefined }, /request\.operation/],
  ['object "x"', { object: 'x' }, /request\.object must be an object/],
  ['object as a list', { object: [] }, /request\.object/],
  ['oldObject 1', { oldObject: 1 }, /request\.oldObject/],
  ['options true', { options: true }, /request\.options/],
  ['dryRun "true"', { dryRun: 'true' }, /request\.dryRun must be a boolean/],
  ['name 1', { name: 1 }, /request\.name/],
  ['namespace []', { namespace: [] }, /request\.namespace/],
  ['no kind', { kind: undefined }, /request\.kind/],
  ['kind as a string', { kind: 'Pod' }, /request\.kind/],
  ['kind without version', { kind: { kind: 'Pod' } }, /request\.kind\.version/],
  ['no resource', { resource: null }, /request\.resource/],
  ['requestKind 1', { requestKind: 1 }, /request\.requestKind/],
  ['userInfo as a list', { userInfo: [] }, /request\.userInfo/],
  ['groups as a string', { userInfo: { groups: 'x' } }, /userInfo\.groups/],
  ['a group 1', { userInfo: { groups: [1] } }, /userInfo\.groups must be a list of strings/],
  ['extra without lists', { userInfo: { extra: { a: 'b' } } }, /userInfo\.extra\["a"\]/],
];

const inconsistent: readonly [string, Fields, RegExp][] = [
  [
    'Pod as a deployment',
    { resource: { ...apps, resource: 'deployments' } },
    /"Pod".*"deployments"/,
  ],
  ['Deployment as a pod', { kind: { ...apps, kind: 'Deployment' } }, /"Deployment".*"pods"/],
  ['Pod as an unknown resource', { resource: { ...core, resource: 'podz' } }, /"podz"/],
  ['Pod of another group', { kind: { ...core, group: 'x.dev', kind: 'Pod' } }, /"pods"/],
  ['another version of pods', { resource: { ...core, version: 'v2', resource: 'pods' } }, /"v2"/],
  ['an unknown kind as a pod', { kind: { ...core, kind: 'Podling' } }, /"Podling".*"pods"/],
  [
    'Event of another group',
    {
      kind: { ...core, kind: 'Event' },
      resource: { group: 'events.k8s.io', version: 'v1', resource: 'events' },
    },
    /kind "Event" .* does not belong to the resource "events"/,
  ],
  [
    'oldObject of another kind',
    { operation: 'UPDATE', oldObject: { kind: 'Service' } },
    /oldObject\.kind/,
  ],
  ['requestKind of another', { requestResource: { ...core, resource: 'services' } }, /requestKind/],
  ['exec with a Pod', { subResource: 'exec' }, /pods\/exec/],
  ['scale with a Pod', { subResource: 'scale' }, /pods\/scale/],
  ['object of another kind', { object: { kind: 'Service' } }, /request\.object\.kind is "Service"/],
  ['object of another version', { object: { apiVersion: 'v2' } }, /object\.apiVersion is "v2"/],
  ['object of kind 1', { object: { kind: 1 } }, /object\.kind is not a string/],
  ['CREATE without object', { object: null }, /request\.object is missing/],
  ['UPDATE without object', { operation: 'UPDATE', object: undefined }, /object is missing/],
  ['CREATE with oldObject', { oldObject: { kind: 'Pod' } }, /oldObject is set/],
  ['DELETE with object', { operation: 'DELETE' }, /object is set/],
];

const noUids: readonly [string, Fields, RegExp][] = [
  ['no uid', { uid: undefined }, /request\.uid/],
  ['empty uid', { uid: '' }, /request\.uid/],
  ['uid as a number', { uid: 7 }, /request\.uid/],
  ['endless uid', { uid: 'u'.repeat(257) }, /request\.uid/],
];

type Row = [what: string, sent: JsonValue, code: Code, hasUid: boolean, message: RegExp];

function rowOf(
  [what, fields, message]: readonly [string, Fields, RegExp],
  code: Code,
  hasUid: boolean,
): Row {
  return [what, body(pod, fields), code, hasUid, message];
}

test('what is no review of a request is refused, with the uid wherever there is one', async (t) => {
  const rows: readonly Row[] = [
    ...noReviews.map(([what, fields, ...rest]): Row => [what, body(pod, {}, fields), ...rest]),
    ...malformed.map((row) => rowOf(row, 'review-malformed', true)),
    ...inconsistent.map((row) => rowOf(row, 'inconsistent-review', true)),
    ...noUids.map((row) => rowOf(row, 'review-malformed', false)),
  ];
  for (const [what, value, code, hasUid, message] of rows) {
    const wanted = { ok: false, error: { code, uid: hasUid ? uid : null, message } };
    t.match(decodeReview(value, context), wanted, what);
  }
});

test('values that are no object at all are refused without a uid', async (t) => {
  for (const value of [null, true, 7, 2n ** 70n, 'x', [], {}, [[]], { request: {} }]) {
    t.match(decodeReview(value, context), { ok: false, error: { code: 'review-kind', uid: null } });
  }
});

test('all broken fields are told at once, in bounded length', async (t) => {
  const wrong = { name: 7, namespace: 7, subResource: 7, dryRun: 7, options: 7, operation: 7 };
  const userInfo = { username: 1, groups: 'x', extra: { ['k'.repeat(10_000)]: 1 } };
  const decoded = decodeReview(body(pod, { ...wrong, userInfo }), context);
  const message = decoded.ok ? '' : decoded.error.message;
  t.match(message, /request\.name must be a string; .*\+4 more$/);
  t.ok(message.length < 1500);
  const kind = { ...core, kind: 'K'.repeat(100_000) };
  const long = decodeReview(body(pod, { kind, requestKind: kind }), context);
  t.ok(!long.ok && long.error.message.length < 500);
});

test('keys that mean something to JavaScript are ordinary keys', async (t) => {
  const stolen = JSON.parse(
    '{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","request":{"__proto__":{"uid":"u"}}}',
  );
  t.match(decodeReview(stolen, context), { ok: false, error: { uid: null } });
  const userInfo = JSON.parse('{"extra":{"__proto__":["a"],"constructor":["b"]}}');
  const { extra } = read(body(pod, { userInfo })).userInfo;
  t.same(Object.entries(extra), [
    ['__proto__', ['a']],
    ['constructor', ['b']],
  ]);
});

test('what the API server may leave out has its defaults', async (t) => {
  const absent = Object.fromEntries(
    ['requestKind', 'requestResource', 'oldObject', 'options', 'dryRun', 'name', 'userInfo'].map(
      (key) => [key, undefined],
    ),
  );
  t.match(read(body(pod, { ...absent, namespace: null })), {
    requestKind: { ...core, kind: 'Pod' },
    requestResource: { ...core, resource: 'pods' },
    requestSubResource: '',
    oldObject: null,
    options: null,
    dryRun: false,
    name: '',
    namespace: '',
    userInfo: { username: '', uid: '', groups: [], extra: {} },
  });
});

test('the object says nothing about where it is: the request does', async (t) => {
  const object = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'x', namespace: 'elsewhere' } };
  t.match(read(body(pod, { object })), { name: 'web', namespace: 'capture', object });
});

test('kinds, resources and subresources that are not known are taken as sent', async (t) => {
  const own = { requestKind: undefined, requestResource: undefined };
  const rollout = { group: 'x.dev', version: 'v1' };
  const taken: readonly Fields[] = [
    { subResource: 'something-new' },
    { object: { metadata: {} } },
    {
      ...own,
      kind: { ...rollout, kind: 'Rollout' },
      resource: { ...rollout, resource: 'rollouts' },
      object: { apiVersion: 'x.dev/v1', kind: 'Rollout' },
    },
    {
      ...own,
      kind: { group: 'policy', version: 'v1', kind: 'Eviction' },
      subResource: 'eviction',
      object: { apiVersion: 'policy/v1', kind: 'Eviction' },
    },
  ];
  for (const fields of taken) t.equal(read(body(pod, fields)).uid, uid);
});

test('whatever stands in whatever field, the answer is an attempt or a code', async (t) => {
  const sent = Object.keys(JSON.parse(readFileSync(join(folder, pod), 'utf8')).request);
  const field = fc.constantFrom(...sent, 'subResource', 'requestSubResource', '__proto__');
  const fields = fc.dictionary(field, fc.jsonValue({ maxDepth: 4 }), { maxKeys: 4 });
  fc.assert(
    fc.property(fields, (changes) => {
      const decoded = decodeReview(body(pod, changes as Fields), context);
      if (decoded.ok) return decoded.value.uid === (changes['uid'] ?? uid);
      return decoded.error.message !== '' && decoded.error.code in codes;
    }),
    { numRuns: 2000 },
  );
  t.pass('2,000 runs');
});
