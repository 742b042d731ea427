// Ways to have an image admitted that the image policies do not want, each by its name: what an update leaves as it is,
// who made the object, and names that mean something else to a node. What is found of an image is made up here.
import { test } from 'tap';
import type { JsonObject } from '../../src/base/json.ts';
import type { Attempt } from '../../src/model/attempt.ts';
import {
  authority,
  halfFetched,
  judge,
  pinned,
  pod,
  policies,
  policy,
  settings,
  signature,
  signed,
  told,
  type World,
} from '../engine/image-scene.ts';

type Law = ReturnType<typeof policies>;

async function said(
  policySet: Law,
  attempt: Partial<Attempt>,
  world: World = {},
): Promise<readonly string[]> {
  return told((await judge({ policySet, attempt, world })).decision);
}

const onPods = (labels: string): string =>
  `match: [{group: "", version: v1, resource: pods, selector: {matchLabels: {${labels}}}}]`;
const condition = (text: string): string => `policy: {type: cel, data: "${text}"}`;
const labelled = (labels: JsonObject): JsonObject => ({
  ...pod(pinned),
  metadata: { name: 'web', namespace: 'shop', labels },
});
const relabelled = (before: JsonObject, after: JsonObject): Partial<Attempt> => ({
  operation: 'UPDATE',
  oldObject: labelled(before),
  object: labelled(after),
});
const [plain, payments] = [{ app: 'web' }, { app: 'web', tier: 'payments' }];

test('a label that is put on later brings its policy with it, though the image is as before', async (t) => {
  const law = policies(policy({ spec: onPods('tier: payments') }), settings('noMatch: allow'));
  const fail = 'signed: fail image-unsigned deny';
  t.strictSame(await said(law, { object: labelled(plain) }), [], 'not concerned');
  t.strictSame(await said(law, relabelled(plain, payments)), [fail]);
  t.strictSame(await said(law, relabelled(plain, payments), { release: signed }), ['signed: pass']);
  t.strictSame(await said(law, relabelled(payments, { ...payments, more: 'x' })), [
    'signed: skip image-unchanged',
  ]);
});

test('a label that is taken off takes no image out of every policy', async (t) => {
  const listed = { name: 'listed', authorities: '{static: {action: pass}}' };
  const law = policies(policy({ ...listed, spec: onPods('app: web') }));
  t.strictSame(await said(law, { object: labelled(plain) }), ['listed: pass']);
  const fail = 'image-policies/no-match: fail image-not-covered deny';
  t.strictSame(await said(law, relabelled(plain, {})), [fail]);
  t.strictSame(await said(law, relabelled({}, { other: 'x' })), [], 'it was not covered before');
});

test('a condition that reads the Pod is asked again when the Pod is another', async (t) => {
  const both = `${authority('release')}, ${authority('security')}`;
  const strict =
    "object.metadata.?labels.?tier.orValue('') != 'payments' || 'security' in authorityMatches";
  const law = policies(policy({ authorities: both, spec: condition(strict) }));
  const world = { release: signed };
  t.strictSame(await said(law, { object: labelled(plain) }, world), ['signed: pass']);
  t.strictSame(await said(law, relabelled(plain, payments), world), [
    'signed: fail image-condition deny',
  ]);
  const finalized = { ...labelled(plain), metadata: { labels: plain, finalizers: ['x'] } };
  t.strictSame(
    await said(law, { ...relabelled(plain, plain), object: finalized }, world),
    ['signed: skip image-unchanged'],
    'what controllers write',
  );
});

test('a Job that the CronJob controller makes is judged by a policy for Jobs', async (t) => {
  const law = policies(
    policy({ spec: 'match: [{group: batch, version: v1, resource: jobs}]' }),
    settings('noMatch: allow'),
  );
  const { spec = null } = pod(pinned);
  const job: Partial<Attempt> = {
    kind: { group: 'batch', version: 'v1', kind: 'Job' },
    resource: { group: 'batch', version: 'v1', resource: 'jobs' },
    object: { apiVersion: 'batch/v1', kind: 'Job', spec: { template: { spec } } },
  };
  const username = 'system:serviceaccount:kube-system:cronjob-controller';
  const userInfo = { username, uid: '', groups: [], extra: {} };
  const fail = 'signed: fail image-unsigned deny';
  t.strictSame(await said(law, job), [fail]);
  t.strictSame(await said(law, { ...job, userInfo }), [fail]);
});

test('the id of an image that the node has is no name, whatever list covers its letters', async (t) => {
  const law = policies(
    policy({ name: 'listed', glob: 'docker.io/**', authorities: '{static: {action: pass}}' }),
  );
  const hex = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';
  for (const id of [hex, `sha256:${hex}`, 'sha256:e3b0', 'sha256:e']) {
    const fail = 'image-policies/reference: fail image-reference deny';
    t.strictSame(await said(law, { object: pod(id) }), [fail], id);
  }
});

test('an authority that may veto is not taken for silent because it could not be asked', async (t) => {
  const both = `${authority('release')}, ${authority('recalled')}`;
  const error = 'signed: error registry-unreachable deny';
  const world = { release: signed, recalled: halfFetched };
  for (const [veto, wanted] of [
    ["!('recalled' in authorityMatches)", error],
    ['size(authorityMatches) == 1', error],
    ["authorityMatches.all(name, name == 'release')", error],
    ["'release' in authorityMatches", 'signed: pass'],
    ['size(authorityMatches) >= 1', 'signed: pass'],
  ] as const) {
    const law = policies(policy({ authorities: both, spec: condition(veto) }));
    t.strictSame(await said(law, {}, world), [wanted], veto);
    t.strictSame(await said(law, {}, { release: signed }), ['signed: pass'], veto);
  }
});

test('names that every JavaScript object has are names of no authority', async (t) => {
  for (const name of ['__proto__', 'constructor', 'toString']) {
    const names = `${authority(name)}, ${authority('release')}`;
    const held = `'${name}' in authorityMatches && size(authorityMatches) == 2`;
    const law = policies(policy({ authorities: names, spec: condition(held) }));
    const fail = 'signed: fail image-condition deny';
    t.strictSame(await said(law, {}, { release: signed }), [fail], name);
    const world = Object.fromEntries([name, 'release'].map((each) => [each, signed]));
    t.strictSame(await said(law, {}, world), ['signed: pass'], name);
  }
});

test('an exception for what no policy covers does not excuse so many images that none is judged', async (t) => {
  const exception = (rule: string): string => `
apiVersion: sekisho.dev/v1alpha1
kind: PolicyException
metadata: {name: others}
spec:
  rules: [${rule}]
  match: {namespaces: [shop]}
  reason: third-party tools
  owner: shop
  ticket: SHOP-2
  approvedBy: alice
  expires: "2026-12-10T00:00:00Z"
`;
  const excusing = exception('image-policies');
  const law = policies(policy({ glob: 'registry.example.com/**' }), excusing);
  const many = Array.from({ length: 100 }, (_, i) => `registry.example.com/shop/web:${i}`);
  const { decision } = await judge({ policySet: law, attempt: { object: pod(pinned, ...many) } });
  t.strictSame(told(decision), ['image-policies/count: error image-count deny']);
  t.equal(decision.allowed, false);
  t.ok((await judge({ policySet: law, attempt: { object: pod('nginx') } })).decision.allowed);
  t.throws(() => policies(policy(), exception('image-policies/count')), /there is no rule/);
});

test('a signature says for which repository it is, where the policy asks', async (t) => {
  const own = "s.annotations['repository'] == image.repository";
  const asks = condition(`authorityMatches['release'].signatures.exists(s, ${own})`);
  const law = policies(policy({ spec: asks }));
  const signedFor = (repository: string): World => ({
    release: { signatures: [signature({ annotations: { repository } })] },
  });
  t.strictSame(await said(law, {}, signedFor('shop/web')), ['signed: pass']);
  const fail = 'signed: fail image-condition deny';
  t.strictSame(await said(law, {}, signedFor('shop/cart')), [fail], 'copied from elsewhere');
  t.strictSame(await said(law, {}, { release: signed }), [fail], 'for none');
});

test('a tag that is written beside a digest is nothing that a condition believes', async (t) => {
  const law = policies(policy({ spec: condition("image.tag.startsWith('2.')") }));
  const world = { release: signed };
  const old = pinned.replace('@', ':2.0@');
  t.strictSame(await said(law, { object: pod(old) }, world), ['signed: fail image-condition deny']);
});

test('capital letters in a host take no image out of a condition on its registry', async (t) => {
  const both = `${authority('release')}, ${authority('security')}`;
  const strict = "image.registry != 'registry.example.com' || 'security' in authorityMatches";
  const law = policies(policy({ authorities: both, spec: condition(strict) }));
  const world = { release: signed };
  for (const name of [pinned, pinned.replace('registry', 'REGISTRY')]) {
    const fail = 'signed: fail image-condition deny';
    t.strictSame(await said(law, { object: pod(name) }, world), [fail], name);
  }
});
