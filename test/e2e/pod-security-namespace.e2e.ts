// Labels of namespaces and custom resources with pod templates, against the real API server: what the in-tree plugin says
// of a label change alone, we say word for word; what it never looks at is refused with the field.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'tap';
import { get, getIn, isArray, type JsonObject, type JsonValue } from '../../src/base/json.ts';
import { openLiveCluster } from '../../src/cluster/live/live.ts';
import { presetKinds, presetNames } from '../../src/k8s/pod-template-presets.ts';
import { judgeNamespace } from '../../src/pss/namespaces.ts';
import { attemptOf } from '../fixtures/attempts.ts';
import { type Cluster, guard, service, startCluster, untilAccounts, whyNot } from './cluster.ts';
import { rights } from './cluster-scene.ts';
import { exemptNamespace } from './control-plane.ts';
import { until } from './processes.ts';
import { decisionsIn, manifest } from './scene.ts';

const prefix = 'pod-security.kubernetes.io/';
const privileged = { level: 'privileged', version: 'latest' } as const;

const law = [
  {
    apiVersion: 'pod-security.admission.config.k8s.io/v1',
    kind: 'PodSecurityConfiguration',
    defaults: { enforce: 'privileged' },
    exemptions: { namespaces: [exemptNamespace] },
  },
  {
    apiVersion: 'sekisho.dev/v1alpha1',
    kind: 'PolicySettings',
    spec: { podTemplates: presetNames.map((preset) => ({ preset })) },
  },
]
  .map(manifest)
  .join('---\n');

const podOf = (name: string, namespace: string, spec: JsonObject): string =>
  manifest({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace },
    spec: { containers: [{ name: 'web', image: 'web' }], ...spec },
  });

/** Several pods of one controller, pods that break the same, pods that break more, and one that breaks nothing. */
const running = [
  manifest({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'agent', namespace: 'old' },
    spec: {
      replicas: 3,
      selector: { matchLabels: { app: 'agent' } },
      template: {
        metadata: { labels: { app: 'agent' } },
        spec: { hostNetwork: true, containers: [{ name: 'web', image: 'web' }] },
      },
    },
  }),
  podOf('b', 'old', { hostPID: true }),
  podOf('a', 'old', { hostIPC: true }),
  podOf('disk', 'old', { volumes: [{ name: 'v', hostPath: { path: '/' } }] }),
  podOf('plain', 'old', {}),
].join('---\n');

const namespace = (name: string): string =>
  manifest({ apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels: {} } });

type Labels = Readonly<Record<string, string | null>>;

/** Changes of namespaces that enforce nothing. */
const changes: readonly [name: string, namespace: string, Labels][] = [
  ['baseline', 'old', { enforce: 'baseline' }],
  ['restricted', 'old', { enforce: 'restricted' }],
  ['an old baseline', 'old', { enforce: 'baseline', 'enforce-version': 'v1.20' }],
  ['an old privileged', 'old', { enforce: 'privileged', 'enforce-version': 'v1.20' }],
  ['audit and warn alone', 'old', { audit: 'restricted', warn: 'restricted' }],
  ['nothing of Pod Security', 'old', {}],
  ['a level that is ignored', exemptNamespace, { enforce: 'restricted', audit: 'baseline' }],
  ['labels that are ignored anyway', exemptNamespace, { warn: 'restricted' }],
];

const wrong: readonly [string, Labels][] = [
  ['a level', { enforce: 'strict' }],
  ['a version', { 'warn-version': '1.30' }],
  ['several labels', { enforce: 'x', audit: 'Baseline', 'audit-version': 'latest-1' }],
];

const full = (labels: Labels): JsonObject =>
  Object.fromEntries(Object.entries(labels).map(([key, value]) => [prefix + key, value]));

function relabel({ api }: Cluster, name: string, labels: JsonObject) {
  const body = { metadata: { labels: { ...labels, 'example.com/changed': name } } };
  const path = `/api/v1/namespaces/${name}?dryRun=All`;
  return api.send('PATCH', path, body, 'application/merge-patch+json');
}

const definition = (group: string, kind: string, resource: string): string =>
  manifest({
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${resource}.${group}` },
    spec: {
      ...{ group, scope: 'Namespaced' },
      names: { kind, plural: resource, singular: kind.toLowerCase() },
      versions: [
        {
          ...{ name: 'v1', served: true, storage: true },
          schema: {
            openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
          },
        },
      ],
    },
  });

const kinds = presetNames.flatMap((name) => presetKinds(name));
const definitions = [
  ...new Set(kinds.map(({ group, kind, resource }) => definition(group, kind, resource))),
].join('---\n');

const inside = (path: readonly (string | number)[], value: JsonValue): JsonValue => {
  const [first, ...rest] = path;
  if (first === undefined) return value;
  return first === '*' ? [inside(rest, value)] : { [String(first)]: inside(rest, value) };
};

/** What breaks baseline in a template, and in each part of a pod. */
const breaking: Readonly<Record<string, readonly [field: string, value: JsonObject]>> = {
  template: ['hostPID', { spec: { hostPID: true, containers: [{ name: 'c', image: 'i' }] } }],
  'tekton-pod': ['hostNetwork', { hostNetwork: true }],
  'tekton-task': [
    'privileged',
    { steps: [{ name: 's', image: 'i', securityContext: { privileged: true } }] },
  ],
  'kubevirt-machine': [
    'hostDisk',
    { volumes: [{ name: 'v', hostDisk: { path: '/d', type: 'Disk' } }] },
  ],
};

test('Pod Security of namespaces and of custom resources', {
  skip: whyNot(),
  timeout: 600_000,
}, async (t) => {
  const cluster = await startCluster();
  t.teardown(() => cluster.stop());
  await cluster.apply(`${service}---\n${rights}---\n${definitions}`);
  const named = ['old', 'strict', exemptNamespace];
  await cluster.apply(named.map(namespace).join('---\n'));
  await untilAccounts(cluster, named);
  await cluster.apply(running);
  await until('all pods', 30, async () => (await pods(cluster)) === 7);

  const inTree = new Map<string, readonly string[]>();
  for (const [name, namespace, labels] of changes) {
    const answer = await relabel(cluster, namespace, full(labels));
    t.equal(answer.status, 200, name);
    inTree.set(name, answer.warnings);
  }
  t.ok((inTree.get('restricted')?.length ?? 0) >= 4, String(inTree.get('restricted')));
  t.match(inTree.get('baseline')?.[0], /^existing pods in namespace "old" violate/);
  t.match(inTree.get('a level that is ignored'), [
    /^namespace "exempt" is exempt from Pod Security/,
  ]);

  await t.test('wrong labels: the API server refuses them in our words', async (t) => {
    const namespaces = { group: '', version: 'v1', resource: 'namespaces' };
    const none = { enforce: privileged, audit: privileged, warn: privileged };
    const exemptions = { usernames: [], namespaces: [], runtimeClasses: [] };
    for (const [name, labels] of wrong) {
      const answer = await relabel(cluster, 'old', full(labels));
      const attempt = attemptOf({
        ...{ resource: namespaces, operation: 'UPDATE', name: 'old', namespace: 'old' },
      });
      const given = { now: full(labels) as Record<string, string>, before: {} };
      const said = judgeNamespace(attempt, given, { defaults: none, exemptions });
      if (said.kind !== 'invalid' || said.evaluation.kind !== 'fail') throw new Error(said.kind);
      t.equal(answer.status, 422, name);
      t.equal(getIn(answer.body as JsonValue, ['message']), said.evaluation.message, name);
    }
  });

  await t.test('the API server tells how many pods are left out', async (t) => {
    const live = openLiveCluster({ kubeconfig: cluster.kubeconfigOf('sekisho') });
    const answer = await live.ports.inventory({ namespace: 'old', limit: 2, within: 5_000 });
    t.match(answer, { ok: true, value: { total: 7, value: { length: 2 } } });
    live.stop();
  });

  const policies = join(cluster.folder, 'policies.yaml');
  writeFileSync(policies, law);
  const ledger = join(cluster.folder, 'ledger');
  const { kubectl } = cluster;
  await kubectl(['label', 'namespace', 'strict', `${prefix}enforce=baseline`]);
  const gate = await guard(t, cluster, {
    policies: ['-p', policies],
    serve: ['--ledger', ledger, '--kubeconfig', cluster.kubeconfigOf('sekisho')],
    refuses: manifest(rollout(true)),
  });

  await t.test('a label change: nothing is said twice, and we say all that is said', async (t) => {
    for (const [name, namespace, labels] of changes) {
      const answer = await relabel(cluster, namespace, full(labels));
      t.equal(answer.status, 200, name);
      // The API server tells equal texts once: another word of ours would be another warning.
      t.same(answer.warnings, inTree.get(name), name);
    }
  });

  await t.test('custom resources are refused where their templates break the level', async (t) => {
    for (const { group, kind, resource, path, part } of kinds) {
      const [field, value] = breaking[part ?? 'template'] ?? ['', {}];
      const spec = inside(path, value);
      const object = {
        apiVersion: `${group}/v1`,
        kind,
        metadata: { name: 'x' },
        ...asObject(spec),
      };
      const at = (namespace: string): string =>
        `/apis/${group}/v1/namespaces/${namespace}/${resource}?dryRun=All`;
      const refused = await cluster.api.send('POST', at('strict'), object);
      t.equal(refused.status, 403, `${kind} ${path.join('.')}`);
      t.match(String(getIn(refused.body as JsonValue, ['message'])), field, kind);
      const allowed = await cluster.api.send('POST', at('old'), object);
      t.equal(allowed.status, 201, `${kind}: ${JSON.stringify(allowed.body)}`);
    }
    const good = await kubectl(['create', '--dry-run=server', '-f', '-'], {
      input: manifest(rollout(false)),
    });
    t.equal(good.code, 0, good.stderr);
  });

  await gate.stop();
  await t.test('the ledger holds the same warnings, and counts instead of pods', async (t) => {
    const namespaces = new Set<unknown>(changes.map(([, namespace]) => namespace));
    const decisions = (await decisionsIn(ledger))
      .map((record) => get(record, 'decision'))
      .filter((each) => getIn(each, ['request', 'kind', 'kind']) === 'Namespace')
      .filter((each) => namespaces.has(getIn(each, ['request', 'name'])));
    t.same(
      decisions.map((each) => get(each, 'warnings')),
      changes.map(([name]) => inTree.get(name)),
    );
    t.match(getIn(decisions[0], ['inputs']), [
      { port: 'inventory', question: { namespace: 'old' }, answer: { total: 7, checked: 7 } },
    ]);
    t.notMatch(JSON.stringify(decisions), '"containers"');
  });
});

function asObject(spec: JsonValue): JsonObject {
  return typeof spec === 'object' && spec !== null && !isArray(spec) ? (spec as JsonObject) : {};
}

function rollout(hostPID: boolean): JsonObject {
  const containers = [{ name: 'c', image: 'i' }];
  return {
    apiVersion: 'argoproj.io/v1',
    kind: 'Rollout',
    metadata: { name: 'probe', namespace: 'strict' },
    spec: { template: { spec: { ...(hostPID ? { hostPID } : {}), containers } } },
  };
}

async function pods({ api }: Cluster): Promise<number> {
  const items = get((await api.get('/api/v1/namespaces/old/pods')).body, 'items');
  return isArray(items) ? items.length : 0;
}
