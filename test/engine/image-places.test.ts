// Which images of which objects image policies see, and which policies see them: places, kinds, subresources, updates,
// selectors, exceptions, bounds.
import { test } from 'tap';
import type { JsonObject, JsonValue } from '../../src/base/json.ts';
import type { Attempt } from '../../src/model/attempt.ts';
import {
  authority,
  byOthers,
  digest,
  judge,
  pinned,
  pod,
  policies,
  policy,
  settings,
  signed,
  told,
  web,
} from './image-scene.ts';

const one = policies(policy());
const deployments = {
  kind: { group: 'apps', version: 'v1', kind: 'Deployment' },
  resource: { group: 'apps', version: 'v1', resource: 'deployments' },
} as const;
const template = (...images: readonly JsonValue[]): JsonObject => {
  const { spec = null } = pod(...images);
  return { metadata: { labels: { app: 'web' } }, spec };
};
const deployment = (...images: readonly JsonValue[]): JsonObject => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web', namespace: 'shop', labels: { tier: 'front' } },
  spec: { template: template(...images) },
});

const everywhere: JsonObject = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'web' },
  spec: {
    initContainers: [{ name: 'i', image: 'init' }],
    containers: [{ name: 'c', image: 'main' }, { name: 'none' }],
    ephemeralContainers: [{ name: 'e', image: 'debug' }],
    volumes: [
      { name: 'v', image: { reference: 'files' } },
      { name: 'w', emptyDir: {} },
    ],
  },
};

async function pathsOf(attempt: Partial<Attempt>): Promise<readonly string[]> {
  const { decision } = await judge({ policySet: one, attempt, world: {} });
  const unsigned = decision.results.filter(({ code }) => code === 'image-unsigned');
  return unsigned.flatMap(({ findings }) => findings.map(({ path }) => path));
}

test('every place of a Pod and of a template that names an image is seen', async (t) => {
  const places = [
    'spec.initContainers[0].image',
    'spec.containers[0].image',
    'spec.ephemeralContainers[0].image',
    'spec.volumes[0].image.reference',
  ];
  t.strictSame(await pathsOf({ object: everywhere }), places);
  const { spec = null } = everywhere;
  const object = { ...deployment(), spec: { template: { spec } } };
  t.strictSame(
    await pathsOf({ ...deployments, object }),
    places.map((path) => `spec.template.${path}`),
  );
});

test('what carries no images of its own is not looked at', async (t) => {
  const object = pod('nginx');
  const by = (controller: string): Partial<Attempt> => ({
    userInfo: {
      username: `system:serviceaccount:kube-system:${controller}`,
      uid: '',
      groups: [],
      extra: {},
    },
  });
  const replicaSets = {
    kind: { group: 'apps', version: 'v1', kind: 'ReplicaSet' },
    resource: { group: 'apps', version: 'v1', resource: 'replicasets' },
  } as const;
  const cases: readonly (readonly [string, Partial<Attempt>, number])[] = [
    ['a new Pod', { object }, 1],
    ['a debug container', { object, subResource: 'ephemeralcontainers', operation: 'UPDATE' }, 1],
    [
      'a subresource that is not known yet',
      { object, subResource: 'resize', operation: 'UPDATE' },
      1,
    ],
    ['a status', { object, subResource: 'status', operation: 'UPDATE' }, 0],
    ['a deletion', { oldObject: object, operation: 'DELETE', object: null }, 0],
    ['a connection', { object, subResource: 'exec', operation: 'CONNECT' }, 0],
    ['a Deployment', { ...deployments, object: deployment('nginx') }, 1],
    [
      'its status',
      { ...deployments, object: deployment('nginx'), subResource: 'status', operation: 'UPDATE' },
      0,
    ],
    ['a ReplicaSet of somebody', { ...replicaSets, object: deployment('nginx') }, 1],
    [
      'one that the Deployment controller makes',
      { ...replicaSets, object: deployment('nginx'), ...by('deployment-controller') },
      0,
    ],
    ['a Pod that a controller makes', { object, ...by('replicaset-controller') }, 1],
    [
      'another kind',
      {
        kind: { group: '', version: 'v1', kind: 'ConfigMap' },
        resource: { group: '', version: 'v1', resource: 'configmaps' },
        object,
      },
      0,
    ],
  ];
  for (const [name, attempt, wanted] of cases) {
    t.equal((await pathsOf(attempt)).length, wanted, name);
  }
});

test('an image that an update leaves as it was is not verified again', async (t) => {
  const update = async (now: JsonObject, before: JsonObject, more: Partial<Attempt> = {}) => {
    const attempt = { operation: 'UPDATE', object: now, oldObject: before, ...more } as const;
    const { decision, asked } = await judge({ policySet: one, attempt, world: {} });
    return { told: told(decision), asked: asked.map(({ question }) => question.image) };
  };
  const skip = 'signed: skip image-unchanged';
  const fail = 'signed: fail image-unsigned deny';
  t.strictSame(await update(pod(pinned), pod(pinned)), { told: [skip], asked: [] });
  t.strictSame(
    (await update(pod(pinned, pinned), pod(pinned))).told,
    [fail, skip],
    'another container',
  );
  t.strictSame(
    (await update(pod('b', 'a'), pod('a', 'b'))).told.length,
    2,
    'images that change places',
  );
  const [now, before] = [deployment(pinned), deployment(pinned)];
  t.strictSame((await update(now, before, deployments)).told, [skip], 'in a template');
  const initial = { ...pod(), spec: { initContainers: [{ name: 'c0', image: pinned }] } };
  t.strictSame((await update(pod(pinned), initial)).told, [fail], 'the same name in another list');
  t.strictSame(
    (await update(pod('Bad/Name'), pod('Bad/Name'))).told,
    [],
    'even a name that cannot be read',
  );
});

test('match, its selector and the namespace selector choose the policies', async (t) => {
  const covers = async (written: Parameters<typeof policy>[0], attempt: Partial<Attempt>) => {
    const policySet = policies(policy(written), settings('noMatch: warn'));
    return told((await judge({ policySet, attempt, world: { release: signed } })).decision);
  };
  const none = ['image-policies/no-match: fail image-not-covered warn'];
  const match = (more: string): string =>
    `match: [{group: apps, version: v1, resource: deployments${more}}]`;
  const made = { ...deployments, object: deployment(pinned) };
  const labelled = ', selector: {matchLabels: {tier: front}}';
  const other = ', selector: {matchLabels: {tier: back}}';
  t.strictSame(await covers({ spec: match('') }, made), ['signed: pass']);
  t.strictSame(await covers({ spec: match(labelled) }, made), ['signed: pass']);
  t.strictSame(await covers({ spec: match(other) }, made), none);
  t.strictSame(await covers({ spec: match('') }, {}), none, 'a Pod is no Deployment');
  const onPods = 'match: [{group: "", version: v1, resource: pods}]';
  t.strictSame(
    await covers({ spec: onPods }, made),
    [],
    'a template that is judged as a Pod later is covered',
  );
  const selector = (text: string) => ({ annotations: `sekisho.dev/namespace-selector: "${text}"` });
  t.strictSame(await covers(selector('env=prod'), {}), ['signed: pass']);
  t.strictSame(await covers(selector('env!=prod'), {}), none);
});

test('an image is one question, with the authorities of all policies and what the Pod logs in with', async (t) => {
  const policySet = policies(
    policy({ name: 'a' }),
    policy({ name: 'b', authorities: `${authority('release')}, ${authority('security')}` }),
    policy({ name: 'c', glob: 'other/**', authorities: authority('third') }),
  );
  const { spec } = pod(pinned, `${web}:1.4@${digest}`, 'nginx');
  const object = {
    ...pod(),
    spec: {
      ...(spec as JsonObject),
      imagePullSecrets: [{ name: 'pull' }],
      serviceAccountName: 'web',
    },
  };
  const { asked } = await judge({ policySet, attempt: { object, deadline: 9000 }, world: {} });
  t.match(asked, [
    {
      question: {
        image: pinned,
        authorities: [{ name: 'release' }, { name: 'security' }],
        namespace: 'shop',
        pullSecrets: ['pull'],
        serviceAccount: 'web',
      },
      bounds: { within: 8950, maxAge: null },
    },
    { question: { image: 'docker.io/library/nginx:latest' } },
  ]);
  t.equal(asked.length, 2);
});

test('old evidence is looked for again before an image is refused by it', async (t) => {
  const bounds: (number | null)[] = [];
  const answer = (found: 'old' | 'new') => ({
    repository: web,
    digest,
    authorities: one.imagePolicies.flatMap(({ authorities }) =>
      authorities.flatMap((each) =>
        each.kind === 'verified'
          ? [
              {
                authority: each.authority.id,
                name: each.name,
                signatures: [],
                attestations: [],
                rejected: [],
                faults: [],
                ...(found === 'new' ? signed : byOthers),
              },
            ]
          : [],
      ),
    ),
  });
  const { decision } = await judge({
    policySet: one,
    ports: {
      async images(_, { maxAge }) {
        bounds.push(maxAge);
        const found = maxAge === null ? 'old' : 'new';
        const at = maxAge === null ? '2026-11-21T09:30:00Z' : '2026-11-21T10:00:00Z';
        return { ok: true, value: { value: answer(found), at } };
      },
    },
  });
  t.strictSame(told(decision), ['signed: pass']);
  t.strictSame(bounds, [null, 30_000]);
  t.equal(
    decision.inputs.filter(({ port }) => port === 'images').length,
    1,
    'one input: what decided',
  );
});

test('a Pod of more images than are verified is refused without asking', async (t) => {
  const object = pod(...Array.from({ length: 101 }, (_, i) => `${web}:${i}`));
  const { decision, asked } = await judge({ policySet: one, attempt: { object } });
  t.strictSame(told(decision), ['image-policies/count: error image-count deny']);
  t.strictSame(asked, []);
});

test('without a port image policies that need it are skipped outside the webhook, and refuse inside', async (t) => {
  const both = policies(
    policy(),
    policy({ name: 'listed', authorities: '{static: {action: pass}}' }),
  );
  for (const [origin, wanted] of [
    ['manifest', ['listed: pass', 'signed: skip images-not-verified']],
    ['webhook', ['listed: pass', 'signed: error images-not-verified deny']],
  ] as const) {
    const { decision } = await judge({ policySet: both, attempt: { origin }, alone: true });
    t.strictSame(told(decision), wanted, origin);
  }
});

test('an exception excuses a policy by its name, and never what could not be found out', async (t) => {
  const exception = `
apiVersion: sekisho.dev/v1alpha1
kind: PolicyException
metadata: {name: old-image}
spec:
  rules: [signed]
  match: {namespaces: [shop]}
  reason: it is replaced this week
  owner: shop
  ticket: SHOP-1
  approvedBy: alice
  expires: "2026-12-10T00:00:00Z"
`;
  const policySet = policies(policy(), exception);
  const excused = await judge({ policySet, world: {} });
  t.strictSame(told(excused.decision), ['signed: fail image-unsigned']);
  t.equal(excused.decision.allowed, true);
  const down = { code: 'registry-unreachable', message: 'it cannot be reached' } as const;
  const open = await judge({ policySet, world: down });
  t.equal(open.decision.allowed, false);
});
