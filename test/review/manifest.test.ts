// Manifests in: kinds to resources, lists, defaults of metadata, operations, faults with their places.
import { test } from 'tap';
import { getIn, type JsonValue } from '../../src/base/json.ts';
import {
  type CustomKinds,
  customKind,
  guessResource,
  mapKind,
  resourceFor,
} from '../../src/k8s/resources.ts';
import {
  attemptsOf,
  type ManifestObject,
  type ManifestOptions,
  manifestObjects,
  oldObjectsOf,
} from '../../src/review/manifest.ts';
import { readDocuments } from '../../src/yaml/read.ts';

const userInfo = { username: 'alice', uid: '', groups: ['dev'], extra: {} };
const noKinds: CustomKinds = new Map();

function read(text: string, options: Partial<ManifestOptions> = {}) {
  const { documents, faults } = readDocuments(text, 'm.yaml');
  if (faults.length > 0) throw new Error(JSON.stringify(faults));
  const { attempts, faults: found } = attemptsOf(documents, {
    operation: null,
    namespace: 'default',
    userInfo,
    now: '2026-11-21T10:00:00Z',
    customKinds: noKinds,
    old: new Map(),
    ...options,
  });
  return { attempts, faults: found };
}

function objectsOf(text: string): readonly ManifestObject[] {
  const { documents } = readDocuments(text, 'old.yaml');
  return documents.flatMap((document) =>
    [...manifestObjects(document)].flatMap((found) => (found.ok ? [found.value] : [])),
  );
}

function one(text: string, options: Partial<ManifestOptions> = {}) {
  const { attempts, faults } = read(text, options);
  const [first] = attempts;
  if (first === undefined || attempts.length > 1 || faults.length > 0) {
    throw new Error(`not one attempt: ${JSON.stringify(faults)}`);
  }
  return first.attempt;
}

const pod = 'apiVersion: v1\nkind: Pod\nmetadata: {name: web}\n';

const kinds: readonly [group: string, kind: string, want: string, namespaced: boolean][] = [
  ['', 'Pod', 'pods', true],
  ['', 'Endpoints', 'endpoints', true],
  ['', 'Namespace', 'namespaces', false],
  ['apps', 'Deployment', 'deployments', true],
  ['batch', 'CronJob', 'cronjobs', true],
  ['networking.k8s.io', 'Ingress', 'ingresses', true],
  ['networking.k8s.io', 'NetworkPolicy', 'networkpolicies', true],
  ['rbac.authorization.k8s.io', 'ClusterRole', 'clusterroles', false],
  ['storage.k8s.io', 'CSIDriver', 'csidrivers', false],
  ['storage.k8s.io', 'CSIStorageCapacity', 'csistoragecapacities', true],
  ['scheduling.k8s.io', 'PriorityClass', 'priorityclasses', false],
  ['resource.k8s.io', 'ResourceClaim', 'resourceclaims', true],
  ['policy', 'PodDisruptionBudget', 'poddisruptionbudgets', true],
];

test('built-in kinds map by group and kind, whatever the version', (t) => {
  for (const [group, kind, resource, namespaced] of kinds) {
    t.same(resourceFor(group, kind), { resource, namespaced }, kind);
    for (const version of ['v1', 'v1beta1', 'v9']) {
      t.match(mapKind({ group, version, kind }, noKinds), {
        resource: { group, version, resource },
        namespaced,
        guessed: false,
      });
    }
  }
  t.equal(resourceFor('', 'Deployment'), undefined);
  t.equal(resourceFor('', '__proto__'), undefined);
  t.end();
});

test('an unknown kind gets the plural that Kubernetes would guess, and says so', (t) => {
  const guesses = { Widget: 'widgets', Gateway: 'gatewaies', Canvas: 'canvases' };
  for (const [kind, plural] of Object.entries(guesses)) t.equal(guessResource(kind), plural);
  t.equal(guessResource('MyEndpoints'), 'myendpoints');
  const { attempts } = read('apiVersion: a.b/v1\nkind: Widget\nmetadata: {name: w}\n');
  t.match(attempts[0]?.attempt.resource, { group: 'a.b', version: 'v1', resource: 'widgets' });
  t.equal(attempts[0]?.attempt.namespace, 'default');
  t.match(attempts[0]?.notes, [/"Widget" is no built-in kind/]);
  t.end();
});

test('a custom resource definition names plural and scope, but cannot redefine what is built in', (t) => {
  const crd = (group: string, kind: string, plural: JsonValue, scope: string): JsonValue => ({
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    spec: { group, scope, names: { kind, plural } },
  });
  const defined = [
    crd('a.b', 'Widget', 'widgetry', 'Cluster'),
    crd('a.b', 'Gadget', 'gadgetry', 'Namespaced'),
    crd('', 'Pod', 'nopods', 'Cluster'),
    crd('a.b', 'Broken', 7, 'Cluster'),
  ].flatMap((each) => customKind(each) ?? []);
  t.equal(defined.length, 6, 'pairs of key and resource; the broken one is none');
  const custom: CustomKinds = new Map([
    ['a.b/Widget', { resource: 'widgetry', namespaced: false }],
    ['/Pod', { resource: 'nopods', namespaced: false }],
  ]);
  const widget = mapKind({ group: 'a.b', version: 'v1', kind: 'Widget' }, custom);
  t.match(widget, { resource: { resource: 'widgetry' }, namespaced: false, guessed: false });
  t.equal(mapKind({ group: '', version: 'v1', kind: 'Pod' }, custom).resource.resource, 'pods');
  const attempt = one('apiVersion: a.b/v1\nkind: Widget\nmetadata: {name: w, namespace: x}\n', {
    customKinds: custom,
  });
  t.equal(attempt.namespace, '');
  t.equal(getIn(attempt.object ?? {}, ['metadata', 'namespace']), undefined, 'as in-tree');
  t.end();
});

test('a missing namespace is the default one before anything looks', (t) => {
  for (const metadata of [
    '{name: web}',
    '{name: web, namespace: ""}',
    '{name: web, namespace: null}',
  ]) {
    const attempt = one(`apiVersion: v1\nkind: Pod\nmetadata: ${metadata}\n`, {
      namespace: 'shop',
    });
    t.equal(attempt.namespace, 'shop', metadata);
    t.equal(getIn(attempt.object ?? {}, ['metadata', 'namespace']), 'shop', metadata);
  }
  t.equal(one('apiVersion: v1\nkind: Pod\n').namespace, 'default', 'no metadata at all');
  t.equal(one('apiVersion: v1\nkind: Pod\nmetadata: {namespace: own}\n').namespace, 'own');
  t.equal(one('apiVersion: v1\nkind: Node\nmetadata: {name: node}\n').namespace, '');
  t.end();
});

test("a Namespace's request is in itself, and carries the label that all have", (t) => {
  const attempt = one('apiVersion: v1\nkind: Namespace\nmetadata: {name: shop, labels: {a: b}}\n');
  t.equal(attempt.namespace, 'shop');
  t.same(getIn(attempt.object ?? {}, ['metadata']), {
    name: 'shop',
    labels: { a: 'b', 'kubernetes.io/metadata.name': 'shop' },
  });
  t.end();
});

test('with generateName there is a name already, of the length that the API server makes', (t) => {
  const attempt = one('apiVersion: v1\nkind: Pod\nmetadata: {generateName: web-}\n');
  t.equal(attempt.name, 'web-xxxxx');
  t.equal(getIn(attempt.object ?? {}, ['metadata', 'name']), 'web-xxxxx');
  const long = one(`apiVersion: v1\nkind: Pod\nmetadata: {generateName: ${'a'.repeat(80)}}\n`);
  t.equal(long.name.length, 63);
  const named = one('apiVersion: v1\nkind: Pod\nmetadata: {generateName: web-, name: own}\n');
  t.equal(named.name, 'own');
  t.end();
});

test('an attempt says who, when and what, and that it is a manifest', (t) => {
  const attempt = one(pod);
  t.match(attempt, {
    uid: '',
    origin: 'manifest',
    operation: 'CREATE',
    kind: { group: '', version: 'v1', kind: 'Pod' },
    requestResource: { resource: 'pods' },
    subResource: '',
    name: 'web',
    userInfo,
    oldObject: null,
    dryRun: false,
    now: '2026-11-21T10:00:00Z',
    deadline: null,
  });
  t.end();
});

test('every item of a list is an attempt, lists inside lists too, and knows where it stands', (t) => {
  const { attempts, faults } = read(`
apiVersion: v1
kind: List
items:
  - {apiVersion: v1, kind: Pod, metadata: {name: a}}
  - apiVersion: v1
    kind: PodList
    items:
      - metadata: {name: b}
      - {apiVersion: v1, kind: ConfigMap, metadata: {name: c}}
---
{"apiVersion": "v1", "kind": "List", "items": null}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: shell}
items:
  - {apiVersion: v1, kind: Pod, metadata: {name: hidden}}
---
apiVersion: example.com/v1
kind: AllowList
metadata: {name: no-items}
`);
  t.same(faults, []);
  t.same(
    attempts.map((m) => [m.attempt.kind.kind, m.attempt.name, m.basePath, m.document.index]),
    [
      ['Pod', 'a', ['items', 0], 0],
      ['Pod', 'b', ['items', 1, 'items', 0], 0],
      ['ConfigMap', 'c', ['items', 1, 'items', 1], 0],
      ['Pod', 'hidden', ['items', 0], 2],
      ['AllowList', 'no-items', [], 3],
    ],
  );
  t.end();
});

const operationCases: readonly [
  options: Partial<ManifestOptions>,
  operation: string,
  object: boolean,
  old: boolean,
][] = [
  [{}, 'CREATE', true, false],
  [{ operation: 'DELETE' }, 'DELETE', false, true],
  [{ operation: 'CONNECT' }, 'CONNECT', true, false],
  [{ operation: 'UPDATE' }, 'UPDATE', true, false],
];

test('the operation says which side the manifest is on', (t) => {
  for (const [options, operation, object, old] of operationCases) {
    const attempt = one(pod, options);
    t.equal(attempt.operation, operation);
    t.equal(attempt.object !== null, object, operation);
    t.equal(attempt.oldObject !== null, old, operation);
  }
  t.match(read(pod, { operation: 'UPDATE' }).attempts[0]?.notes, [/oldObject is null/]);
  t.end();
});

test('--old pairs by group, kind, namespace and name, whatever the version', (t) => {
  const kindsAndNamespace = { customKinds: noKinds, namespace: 'default' };
  const old = oldObjectsOf(
    objectsOf(`
apiVersion: v2
kind: Pod
metadata: {name: web, namespace: default, labels: {before: "yes"}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: app, namespace: other}
`),
    kindsAndNamespace,
  );
  const changed = one(pod, { old });
  t.equal(changed.operation, 'UPDATE');
  t.equal(getIn(changed.oldObject ?? {}, ['metadata', 'labels', 'before']), 'yes');
  t.equal(one(pod, { old, namespace: 'other' }).operation, 'CREATE', 'another namespace');
  t.equal(one(pod.replace('Pod', 'Service'), { old }).operation, 'CREATE', 'another kind');
  t.end();
});

test('kinds that are sent to a subresource go there', (t) => {
  const exec = one('apiVersion: v1\nkind: PodExecOptions\nmetadata: {name: web}\nstdin: true\n');
  t.match(exec, {
    operation: 'CONNECT',
    resource: { group: '', version: 'v1', resource: 'pods' },
    subResource: 'exec',
    requestSubResource: 'exec',
    name: 'web',
    namespace: 'default',
  });
  t.same(exec.object, { apiVersion: 'v1', kind: 'PodExecOptions', stdin: true });
  const eviction = one('apiVersion: policy/v1\nkind: Eviction\nmetadata: {name: web}\n');
  t.match(eviction, {
    operation: 'CREATE',
    kind: { group: 'policy' },
    resource: { group: '', resource: 'pods' },
    subResource: 'eviction',
  });
  t.end();
});

const broken: readonly [text: string, code: string, line: number, column: number][] = [
  ['a: 1\n', 'manifest-kind', 1, 1],
  ['kind: Pod\n', 'manifest-kind', 1, 1],
  ['apiVersion: v1\nkind: ""\n', 'manifest-kind', 1, 1],
  ['- a\n', 'manifest-malformed', 1, 1],
  ['just text\n', 'manifest-malformed', 1, 1],
  ['apiVersion: v1\nkind: 7\n', 'manifest-malformed', 2, 7],
  ['apiVersion: a/b/c\nkind: Pod\n', 'manifest-malformed', 1, 13],
  ['apiVersion: 1\nkind: Pod\n', 'manifest-malformed', 1, 13],
  ['apiVersion: v1\nkind: Pod\nmetadata: []\n', 'manifest-malformed', 3, 11],
  ['apiVersion: v1\nkind: Pod\nmetadata:\n  name: 7\n', 'manifest-malformed', 4, 9],
  ['apiVersion: v1\nkind: Pod\nmetadata:\n  labels:\n    v: 1.0\n', 'manifest-malformed', 5, 8],
  ['apiVersion: v1\nkind: Pod\nmetadata:\n  annotations: x\n', 'manifest-malformed', 4, 16],
  ['apiVersion: v1\nkind: List\nitems:\n  - 7\n', 'manifest-malformed', 4, 5],
  ['apiVersion: v1\nkind: List\nitems:\n  - a: b\n', 'manifest-kind', 4, 5],
  ['items: []\n', 'manifest-kind', 1, 1],
];

test('what is no manifest is a fault at its place', (t) => {
  for (const [text, code, line, column] of broken) {
    const { attempts, faults } = read(text);
    t.equal(attempts.length, 0, text);
    t.same(
      faults.map((f) => [f.code, f.file, f.line, f.column]),
      [[code, 'm.yaml', line, column]],
      text,
    );
  }
  t.end();
});

test('one bad document does not keep the others from being decided, and all faults are told', (t) => {
  const { attempts, faults } = read(
    `${pod}---\na: b\n---\n${pod}---\napiVersion: v1\nkind: Pod\nmetadata: {name: 1, labels: {a: true}}\n`,
  );
  t.equal(attempts.length, 2);
  t.same(
    faults.map((f) => f.code),
    ['manifest-kind', 'manifest-malformed', 'manifest-malformed'],
  );
  t.end();
});

test('keys like __proto__ are ordinary', (t) => {
  const attempt = one(
    'apiVersion: x.io/v1\nkind: Web\nmetadata: {name: web, labels: {__proto__: x, constructor: z}}\n__proto__: {namespace: evil}\n',
  );
  t.equal(attempt.namespace, 'default');
  t.equal(getIn(attempt.object ?? {}, ['metadata', 'labels', '__proto__']), 'x');
  t.equal(getIn(attempt.object ?? {}, ['__proto__', 'namespace']), 'evil');
  t.end();
});
