// The shape of a request: fields of the wrong type, forged old objects, facts that cannot be had, subresources, names.
// Whoever has a uid is answered with it, nothing malformed is allowed. Ids: the catalogue (A advisories, B bypasses).
import { test } from 'tap';
import type { JsonObject } from '../../src/base/json.ts';
import { err } from '../../src/base/result.ts';
import { admit } from '../../src/engine/admit.ts';
import type { Ports } from '../../src/engine/ports.ts';
import { outcome } from '../server/harness.ts';
import {
  type Asked,
  askOf,
  creates,
  type Gate,
  gateOf,
  podOf,
  podWith,
  reviewOf,
  uid,
  verdict,
} from './request-harness.ts';

const hostile = podOf({ hostNetwork: true });
const denied = 'denied pod-security/hostNamespaces';
const values: readonly unknown[] = [
  undefined,
  null,
  [],
  [7],
  ['x'],
  '',
  'x',
  7,
  1.5,
  true,
  {},
  { x: 7 },
];

type Typed = (value: unknown) => boolean;
const text: Typed = (value) => typeof value === 'string';
const filled: Typed = (value) => text(value) && value !== '';
const absent: Typed = (value) => value === undefined || value === null;
const map: Typed = (value) => typeof value === 'object' && value !== null && !Array.isArray(value);
const texts: Typed = (value) => Array.isArray(value) && value.every(text);
const maybe =
  (typed: Typed): Typed =>
  (value) =>
    absent(value) || typed(value);
const lists: Typed = (value) => map(value) && Object.values(Object(value)).every(maybe(texts));
const never: Typed = () => false;

/** Every field of a review, and what makes it well-formed. `never`: no value of the table does. */
const fields: readonly [string, Typed][] = [
  ['apiVersion', never],
  ['kind', never],
  ['request', never],
  ['request.uid', filled],
  ['request.operation', never],
  ...['kind', 'resource'].flatMap((field): [string, Typed][] => [
    [`request.${field}`, never],
    [`request.${field}.group`, maybe(text)],
    [`request.${field}.version`, filled],
    [`request.${field}.${field}`, filled],
  ]),
  ...(['kind', 'resource'] as const).flatMap((field): [string, Typed][] => {
    const name = field === 'kind' ? 'requestKind' : 'requestResource';
    return [
      [`request.${name}`, absent],
      [`request.${name}.group`, maybe(text)],
      [`request.${name}.version`, filled],
      [`request.${name}.${field}`, filled],
    ];
  }),
  ['request.subResource', maybe(text)],
  ['request.requestSubResource', maybe(text)],
  ['request.name', maybe(text)],
  ['request.namespace', maybe(text)],
  ['request.userInfo', maybe(map)],
  ['request.userInfo.username', maybe(text)],
  ['request.userInfo.uid', maybe(text)],
  ['request.userInfo.groups', maybe(texts)],
  ['request.userInfo.groups.0', text],
  ['request.userInfo.extra', maybe(lists)],
  ['request.userInfo.extra.scopes', maybe(texts)],
  ['request.userInfo.extra.scopes.0', text],
  ['request.object', never],
  ['request.object.spec', map],
  ['request.object.spec.containers', maybe((value) => Array.isArray(value) && value.length === 0)],
  ['request.object.spec.containers.0', map],
  ['request.object.metadata', maybe(map)],
  ['request.oldObject', absent],
  ['request.options', maybe(map)],
  ['request.dryRun', maybe((value) => typeof value === 'boolean')],
];

/** The text of a review whose field at `path` is `value`; undefined takes it away. */
function altered(path: string, value: unknown): string {
  const userInfo = { username: 'alice', uid: 'u', groups: ['g'], extra: { scopes: ['s'] } };
  const request = askOf({ userInfo, options: {}, subResource: '', requestSubResource: '' });
  const review = { apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', request };
  const root = JSON.parse(JSON.stringify(review));
  const steps = path.split('.');
  const last = steps.pop() ?? '';
  const parent = steps.reduce((at, step) => at[step], root);
  parent[last] = value;
  return JSON.stringify(root);
}

test('A5: a field of any other type is a denial with the uid, or a 400 without one, and never allowed', async (t) => {
  const gate = await gateOf(t, ['pod-security']);
  const seen = { allowed: 0, denied: 0, refused: 0 };
  for (const [path, isWellFormed] of fields) {
    for (const value of values) {
      const what = `${path}: ${value === undefined ? 'missing' : JSON.stringify(value)}`;
      const { status, json } = await gate.call({ body: altered(path, value) });
      const wanted = path === 'request.uid' ? value : path === 'request' ? '' : uid;
      const readable = typeof wanted === 'string' && wanted !== '';
      t.equal(status, readable ? 200 : 400, what);
      if (readable) t.equal(json.response?.uid, wanted, what);
      if (!isWellFormed(value)) t.not(json.response?.allowed, true, `${what} is not allowed`);
      if (status === 400) seen.refused += 1;
      else seen[json.response?.allowed ? 'allowed' : 'denied'] += 1;
    }
  }
  t.ok(seen.allowed > 50 && seen.denied > 200 && seen.refused > 10, JSON.stringify(seen));
  t.equal(await gate.said(reviewOf({ object: hostile })), denied, 'and judges the next one');
});

test('A5: a uid that no API server sends is answered, or refused, but never allowed past it', async (t) => {
  const gate = await gateOf(t, ['pod-security']);
  const uids: readonly [unknown, number][] = [
    ['x'.repeat(256), 200],
    ['x'.repeat(257), 400],
    ['\u0000\u001b[31m\n', 200],
    ['__proto__', 200],
    ['"}},"allowed":true', 200],
  ];
  for (const [given, status] of uids) {
    const reply = await gate.call({ body: reviewOf({ uid: given, object: hostile }) });
    t.equal(reply.status, status);
    t.not(reply.json.response?.allowed, true);
    if (status === 200) t.equal(reply.json.response?.uid, given);
  }
});

const onEveryUpdate = `
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: {name: no-tier}
spec:
  matchConstraints:
    resourceRules:
      - {apiGroups: ["*"], apiVersions: ["*"], operations: ["*"], resources: ["*/*"]}
  matchConditions:
    - {name: has-object, expression: object != null}
  validations:
    - expression: "object.?metadata.?labels.?tier.orValue('') != 'evil'"
    - expression: "oldObject == null || oldObject.?metadata.?labels.?frozen.orValue('') == ''"
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata: {name: no-tier}
spec: {policyName: no-tier, validationActions: [Deny]}
`;

test('A15: an UPDATE is compared with request.oldObject alone; without one it is judged whole', async (t) => {
  const gate = await gateOf(t, ['pod-security', onEveryUpdate]);
  const frozen = podOf({}, { labels: { frozen: 'yes' } });
  const update = (asked: Asked): Promise<string> =>
    gate.said(reviewOf({ operation: 'UPDATE', ...asked }));
  const rows: readonly [string, Asked, string][] = [
    ['no old object', { object: hostile, oldObject: null }, denied],
    ['an old object without a spec', { object: hostile, oldObject: { kind: 'Pod' } }, denied],
    [
      'one whose containers are no list',
      { object: hostile, oldObject: { spec: { containers: 7 } } },
      denied,
    ],
    [
      'an old object of another kind',
      { object: hostile, oldObject: { kind: 'Node' } },
      'denied sekisho/inconsistent-review',
    ],
    ['the old object in the object', { object: { ...hostile, oldObject: hostile } }, denied],
    ['the old object in the options', { object: hostile, options: { oldObject: hostile } }, denied],
    ['what is forbidden in the old one', { oldObject: frozen }, 'denied no-tier/validations[1]'],
    [
      'what is forbidden in the old one, forged away',
      { object: { ...podOf(), oldObject: podOf() }, oldObject: frozen },
      'denied no-tier/validations[1]',
    ],
    ['an old object that was worse', { oldObject: hostile }, 'allowed'],
  ];
  for (const [what, asked, want] of rows) t.equal(await update(asked), want, what);
  t.equal(
    await gate.said(reviewOf({ object: hostile, oldObject: hostile })),
    'denied sekisho/inconsistent-review',
    'CREATE with an old object',
  );
  t.equal(await gate.checked(hostile, '--operation', 'UPDATE'), denied, 'check without --old');
});

const selecting = onEveryUpdate.replace(
  'validationActions: [Deny]',
  'validationActions: [Deny], matchResources: {namespaceSelector: {matchLabels: {guarded: "yes"}}}',
);

const lookups: readonly [string, Ports['namespace'], string][] = [
  [
    '404',
    async () => err({ code: 'namespace-unavailable', message: 'not found' }),
    'namespace-unavailable',
  ],
  [
    '403',
    async () => err({ code: 'namespace-unavailable', message: 'forbidden' }),
    'namespace-unavailable',
  ],
  ['rejects', () => Promise.reject(new Error('reset')), 'internal-error'],
  [
    'throws',
    () => {
      throw new Error('a bug');
    },
    'internal-error',
  ],
  ['hangs', () => new Promise(() => {}), 'deadline-exceeded'],
];

test('A18: a namespace that cannot be looked up is a denial, never a policy that does not match', async (t) => {
  const evil = podOf({}, { labels: { tier: 'evil' } });
  for (const [what, namespace, code] of lookups) {
    const replace = {
      admit: ((set, attempt, ports, options) =>
        admit(set, attempt, { ...ports, namespace }, options)) satisfies typeof admit,
    };
    const gate = await gateOf(t, [selecting], { replace });
    for (const object of [evil, podOf()]) {
      const reply = await gate.call({ body: reviewOf({ object }), path: '/validate?timeout=60ms' });
      t.equal(outcome(reply), `200 denied ${code}`, what);
    }
  }
  const gate = await gateOf(t, [selecting]);
  const unknown = { namespace: 'nowhere', object: podOf({}, { namespace: 'nowhere' }) };
  t.equal(await gate.said(reviewOf(unknown)), 'denied sekisho/namespace', 'not among the objects');
  t.equal(await gate.said(reviewOf({ object: evil })), 'allowed', 'known, and not selected');
});

const namespace = (labels: JsonObject = {}): JsonObject => ({
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: { name: 'shop', labels },
});

/** The rule of a policy, and the subresources that it reaches. */
const reaches: readonly [string, readonly string[]][] = [
  ['namespaces', ['']],
  ['namespaces/status', ['status']],
  ['namespaces/finalize', ['finalize']],
  ['namespaces/*', ['', 'status', 'finalize']],
  ['*', ['']],
  ['*/*', ['', 'status', 'finalize']],
  ['*/finalize', ['finalize']],
  ['namespaces/finalizes', []],
  ['namespace/status', []],
];

test('A20: namespaces, namespaces/status and namespaces/finalize each reach the policies that name them', async (t) => {
  for (const [resource, subs] of reaches) {
    const rule = `resources: ["${resource}"]`;
    const gate = await gateOf(t, [onEveryUpdate.replace('resources: ["*/*"]', rule)]);
    for (const subResource of ['', 'status', 'finalize']) {
      const asked = { subResource, operation: 'UPDATE', name: 'shop', oldObject: namespace() };
      const body = creates(namespace({ tier: 'evil' }), 'namespaces', asked);
      const want = subs.includes(subResource) ? 'denied no-tier/validations[0]' : 'allowed';
      t.equal(await gate.said(body), want, `${resource} and namespaces/${subResource}`);
    }
  }
});

const core = { group: '', version: 'v1' };

/** Kinds that are connected to: `resource/sub`, and what the object is. */
const connected: readonly [string, string, object][] = [
  ['pods/exec', 'PodExecOptions', { command: ['sh'], container: 'web', stdin: true }],
  ['pods/attach', 'PodAttachOptions', { container: 'web', tty: true }],
  ['pods/portforward', 'PodPortForwardOptions', { ports: [8080] }],
  ['pods/proxy', 'PodProxyOptions', { path: '/../../etc' }],
  ['services/proxy', 'ServiceProxyOptions', { path: 'https://evil' }],
  ['nodes/proxy', 'NodeProxyOptions', { path: '/exec/shop/web/web?command=sh' }],
];

function connects(where: string, kind: string, fields: object, asked: Asked = {}): string {
  const [resource = '', subResource = ''] = where.split('/');
  const object = { apiVersion: 'v1', kind, ...fields };
  return reviewOf({
    ...{ kind: { ...core, kind }, resource: { ...core, resource }, subResource, object },
    ...{ operation: 'CONNECT', namespace: resource === 'nodes' ? '' : 'shop', ...asked },
  });
}

test('B23: CONNECT is no matter of Pod Security, and a policy that names the subresource decides it', async (t) => {
  const gate = await gateOf(t, ['pod-security']);
  // A forged spec in the options is not a Pod's.
  const spec = { hostNetwork: true, containers: [{ securityContext: { privileged: true } }] };
  for (const [where, kind, fields] of connected) {
    t.equal(await gate.said(connects(where, kind, { ...fields, spec })), 'allowed', where);
    const object = { apiVersion: 'v1', kind, ...fields };
    t.equal(await gate.checked(object), 'allowed', `${where} through check`);
    t.equal(
      await gate.said(connects(where, kind, fields, { object: null })),
      'allowed',
      `${where} without an object`,
    );
  }
  const law = onEveryUpdate
    .replace('["*/*"]', '["pods/exec", "*/proxy"]')
    .replace("object.?metadata.?labels.?tier.orValue('') != 'evil'", 'false');
  const strict = await gateOf(t, [law]);
  for (const [where, kind, fields] of connected) {
    const want = /exec|proxy/.test(where) ? 'denied no-tier/validations[0]' : 'allowed';
    t.equal(await strict.said(connects(where, kind, fields)), want, where);
  }
});

const scale = { apiVersion: 'autoscaling/v1', kind: 'Scale', spec: { replicas: 9 } };
const eviction = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name: 'web' } };
const binding = { apiVersion: 'v1', kind: 'Binding', target: { kind: 'Node', name: 'n1' } };
const pods = { resource: { ...core, resource: 'pods' } };
const old = { ...hostile, metadata: { name: 'web', namespace: 'shop' } };

/** What is no change of a Pod's containers or images: Pod Security lets it pass. */
const harmless: readonly [string, string][] = [
  ['a label', update({ metadata: { name: 'web', labels: { a: 'b' } } })],
  ['a finalizer', update({ metadata: { name: 'web', finalizers: ['a/b'] } })],
  ['a deletion that is under way', update({ metadata: { name: 'web', deletionTimestamp: 'x' } })],
  [
    'tolerations',
    update({ spec: { ...Object(hostile['spec']), tolerations: [{ operator: 'Exists' }] } }),
  ],
  ['a deadline', update({ spec: { ...Object(hostile['spec']), activeDeadlineSeconds: 1 } })],
  ['pods/status', update({ status: { phase: 'Failed' } }, { subResource: 'status' })],
  ['pods/eviction', creates(eviction, 'pods', { ...pods, subResource: 'eviction' })],
  ['pods/binding', creates(binding, 'pods', { subResource: 'binding' })],
  [
    'deployments/scale',
    creates(scale, 'deployments', {
      resource: { group: 'apps', version: 'v1', resource: 'deployments' },
      subResource: 'scale',
      operation: 'UPDATE',
    }),
  ],
  ['DELETE', reviewOf({ operation: 'DELETE', object: null, oldObject: old })],
  ['DELETE of which nothing is known', reviewOf({ operation: 'DELETE', object: null })],
  ['deletecollection', reviewOf({ operation: 'DELETE', object: null, oldObject: null, name: '' })],
];

function update(changes: object, asked: Asked = {}): string {
  return reviewOf({
    operation: 'UPDATE',
    object: { ...old, ...changes },
    oldObject: old,
    ...asked,
  });
}

test('B24: what changes no container passes Pod Security; a ValidatingAdmissionPolicy judges every UPDATE', async (t) => {
  const gate = await gateOf(t, ['pod-security', onEveryUpdate]);
  for (const [what, body] of harmless) t.equal(await gate.said(body), 'allowed', what);
  const added = { ...Object(hostile['spec']), containers: [{ name: 'a' }, { name: 'b' }] };
  t.equal(await gate.said(update({ spec: added })), denied, 'a container more');
  t.equal(await gate.said(update({ spec: added }, { subResource: 'resize' })), denied, 'by resize');
  t.equal(
    await gate.said(update({ spec: added }, { subResource: 'new' })),
    denied,
    'an unknown subresource',
  );
  const evil = { metadata: { name: 'web', labels: { tier: 'evil' } } };
  for (const asked of [{}, { subResource: 'status' }, { subResource: 'resize' }]) {
    t.equal(await gate.said(update(evil, asked)), 'denied no-tier/validations[0]');
  }
  const dying = { metadata: { ...evil.metadata, deletionTimestamp: 'x', finalizers: ['a/b'] } };
  t.equal(await gate.said(update(dying)), 'denied no-tier/validations[0]', 'while it is deleted');
});

const apps = { group: 'apps', version: 'v1' };
const batch = { group: 'batch', version: 'v1' };

/** A hostile Pod under a name that is not its own: `denied`, or refused for what does not fit. */
const disguised: readonly [string, Asked, string][] = [
  ['generateName, not yet named', { name: '' }, denied],
  ['generateName, with its final name', { name: 'web-x7x2q' }, denied],
  [
    'no namespace in the object',
    { object: podOf({ hostNetwork: true }, { namespace: undefined }) },
    denied,
  ],
  [
    'an exempt namespace in the object',
    { object: podOf({ hostNetwork: true }, { namespace: 'kube-system' }) },
    denied,
  ],
  ['no namespace in the request', { namespace: '' }, denied],
  [
    'the kind of a Deployment',
    { kind: { ...apps, kind: 'Deployment' } },
    'denied sekisho/inconsistent-review',
  ],
  [
    'the resource of Deployments',
    { resource: { ...apps, resource: 'deployments' } },
    'denied sekisho/inconsistent-review',
  ],
  [
    'the resource of Jobs',
    { resource: { ...batch, resource: 'jobs' } },
    'denied sekisho/inconsistent-review',
  ],
  [
    'a kind that nobody knows',
    { kind: { ...core, kind: 'Pods' } },
    'denied sekisho/inconsistent-review',
  ],
  ['another case', { kind: { ...core, kind: 'pod' } }, 'denied sekisho/inconsistent-review'],
  [
    'another group',
    { kind: { group: 'core', version: 'v1', kind: 'Pod' } },
    'denied sekisho/inconsistent-review',
  ],
  [
    'another version',
    { kind: { ...core, version: 'v2', kind: 'Pod' } },
    'denied sekisho/inconsistent-review',
  ],
  [
    'a Secret inside',
    { object: { ...hostile, kind: 'Secret' } },
    'denied sekisho/inconsistent-review',
  ],
  [
    'another apiVersion inside',
    { object: { ...hostile, apiVersion: 'v2' } },
    'denied sekisho/inconsistent-review',
  ],
  ['a Pod sent to exec', { subResource: 'exec' }, 'denied sekisho/inconsistent-review'],
  ['a Pod sent to bind', { subResource: 'binding' }, 'denied sekisho/inconsistent-review'],
  ['a CONNECT to it', { operation: 'CONNECT' }, 'denied sekisho/inconsistent-review'],
  [
    'a CONNECT by resize',
    { operation: 'CONNECT', subResource: 'resize' },
    'denied sekisho/inconsistent-review',
  ],
  ['a DELETE that brings it', { operation: 'DELETE' }, 'denied sekisho/inconsistent-review'],
  [
    'requestKind of a Deployment',
    { requestKind: { ...apps, kind: 'Deployment' } },
    'denied sekisho/inconsistent-review',
  ],
];

test('B25: names and namespaces of the object count for nothing, and a kind must fit its resource', async (t) => {
  const gate: Gate = await gateOf(t, ['pod-security']);
  for (const [what, asked, want] of disguised) {
    t.equal(
      verdict(await gate.call({ body: reviewOf({ object: hostile, ...asked }) })),
      want,
      what,
    );
  }
  const generated = podOf({ hostNetwork: true }, { name: undefined, generateName: 'web-' });
  t.equal(await gate.checked(JSON.stringify(generated)), denied, 'generateName through check');
  const labelled = { ...namespace({ 'pod-security.kubernetes.io/enforce': 'privileged' }) };
  t.equal(
    await gate.said(creates(labelled, 'namespaces', { name: 'shop' })),
    'allowed',
    'a Namespace is no Pod',
  );
  t.equal(
    await gate.checked(podWith({ ports: [{ hostPort: 1 }] })),
    'denied pod-security/hostPorts',
  );
});
