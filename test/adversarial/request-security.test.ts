// Security contexts as nobody should write them, annotations and users that promise a way out, and pods of any size.
// Pod Security and the bundle agree through the server and through `check`. Ids: the catalogue of bypasses (B).
import { test } from 'tap';
import type { JsonObject, JsonValue } from '../../src/base/json.ts';
import { containerPlaces } from '../../src/k8s/containers.ts';
import { type Asked, gateOf, goodImage, podOf, podWith, reviewOf } from './request-harness.ts';

const privileged = 'denied pod-security/privileged';
const malformed = 'denied pod-security';

const flags: readonly [unknown, string][] = [
  [true, privileged],
  [false, 'allowed'],
  [null, 'allowed'],
  [undefined, 'allowed'],
  ['true', malformed],
  ['false', malformed],
  ['', malformed],
  [1, malformed],
  [0, malformed],
  [[], malformed],
  [[true], malformed],
  [{}, malformed],
];

test('B16: privileged is true, false or absent in every place of a container; any other type is refused', async (t) => {
  const gate = await gateOf(t, ['pod-security']);
  for (const place of containerPlaces) {
    for (const [value, want] of flags) {
      const container = { name: 'x', image: goodImage, securityContext: { privileged: value } };
      const pod = podOf(
        place === 'containers' ? { containers: [container] } : { [place]: [container] },
      );
      const what = `${place}: ${JSON.stringify(value)}`;
      t.equal(await gate.said(reviewOf({ object: pod })), want, what);
      t.equal(await gate.checked(JSON.stringify(pod)), want, `${what} through check`);
    }
  }
});

const restricted = `
apiVersion: pod-security.admission.config.k8s.io/v1
kind: PodSecurityConfiguration
defaults: {enforce: restricted, enforce-version: v1.33}
`;
const own = { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } };
const profile = { seccompProfile: { type: 'RuntimeDefault' } };
const whole = { ...profile, runAsNonRoot: true };

/** Of the pod, of its container, and of a second one; what is left out is unset. */
type Contexts = readonly [pod: JsonObject, container: JsonValue, second?: JsonValue];

const overrides: readonly [string, Contexts, string][] = [
  ['all in the pod', [whole, own], 'allowed'],
  ['all in the container', [{}, { ...own, ...whole }], 'allowed'],
  ['runAsNonRoot nowhere', [profile, own], 'denied pod-security/runAsNonRoot'],
  [
    'false in the pod, true in the container',
    [
      { ...profile, runAsNonRoot: false },
      { ...own, runAsNonRoot: true },
    ],
    'denied pod-security/runAsNonRoot',
  ],
  [
    'true in the pod, false in the container',
    [whole, { ...own, runAsNonRoot: false }],
    'denied pod-security/runAsNonRoot',
  ],
  ['true in the pod, null in the container', [whole, { ...own, runAsNonRoot: null }], 'allowed'],
  [
    'true in one container of two',
    [profile, { ...own, runAsNonRoot: true }, own],
    'denied pod-security/runAsNonRoot',
  ],
  [
    'user 0 in the pod alone',
    [
      { ...whole, runAsUser: 0 },
      { ...own, runAsUser: 1 },
    ],
    'denied pod-security/runAsUser',
  ],
  [
    'user 0 in the container alone',
    [
      { ...whole, runAsUser: 1 },
      { ...own, runAsUser: 0 },
    ],
    'denied pod-security/runAsUser',
  ],
  [
    'an unconfined pod',
    [
      { ...whole, seccompProfile: { type: 'Unconfined' } },
      { ...own, ...profile },
    ],
    'denied pod-security/seccompProfile_restricted',
  ],
  [
    'an unconfined container',
    [whole, { ...own, seccompProfile: { type: 'Unconfined' } }],
    'denied pod-security/seccompProfile_restricted',
  ],
  [
    'no profile in one of two',
    [{ runAsNonRoot: true }, { ...own, ...profile }, own],
    'denied pod-security/seccompProfile_restricted',
  ],
  [
    'a profile in another case',
    [whole, { ...own, seccompProfile: { type: 'runtimedefault' } }],
    'denied pod-security/seccompProfile_restricted',
  ],
  [
    'an SELinux role in the pod',
    [{ ...whole, seLinuxOptions: { role: 'r' } }, own],
    'denied pod-security/seLinuxOptions',
  ],
  [
    'an SELinux type in the container',
    [whole, { ...own, seLinuxOptions: { type: 'spc_t' } }],
    'denied pod-security/seLinuxOptions',
  ],
  [
    'AppArmor off in the pod',
    [{ ...whole, appArmorProfile: { type: 'Unconfined' } }, own],
    'denied pod-security/appArmorProfile',
  ],
  [
    'AppArmor off in the container',
    [
      { ...whole, appArmorProfile: { type: 'RuntimeDefault' } },
      { ...own, appArmorProfile: { type: 'Unconfined' } },
    ],
    'denied pod-security/appArmorProfile',
  ],
  [
    'an unmasked /proc',
    [whole, { ...own, procMount: 'Unmasked' }],
    'denied pod-security/procMount',
  ],
  [
    'an unmasked /proc in another case',
    [whole, { ...own, procMount: 'unmasked' }],
    'denied pod-security/procMount',
  ],
  [
    'escalation unset',
    [whole, { capabilities: { drop: ['ALL'] } }],
    'denied pod-security/allowPrivilegeEscalation',
  ],
  [
    'escalation null',
    [whole, { ...own, allowPrivilegeEscalation: null }],
    'denied pod-security/allowPrivilegeEscalation',
  ],
  ['escalation "false"', [whole, { ...own, allowPrivilegeEscalation: 'false' }], malformed],
  ['a list for a context', [whole, []], malformed],
  ['a text for a context', [whole, 'x'], malformed],
];

test('B16: neither the pod covers for its containers nor a container for its pod', async (t) => {
  const gate = await gateOf(t, [restricted]);
  for (const [what, [pod, ...containers], want] of overrides) {
    const list = containers.map((securityContext, i) => ({
      name: `c${i}`,
      image: goodImage,
      securityContext,
    }));
    const text = JSON.stringify(podOf({ securityContext: pod, containers: list }));
    t.equal(await gate.said(reviewOf({ object: JSON.parse(text) })), want, what);
    t.equal(await gate.checked(text), want, `${what}, through check`);
  }
});

const readOnly: readonly [unknown, 'allowed' | 'denied'][] = [
  [true, 'allowed'],
  [false, 'denied'],
  [undefined, 'denied'],
  [null, 'denied'],
  ['true', 'denied'],
  [1, 'denied'],
  [[true], 'denied'],
  [{ true: true }, 'denied'],
];

test('B17: a root filesystem is read-only only where that is said, in so many words, for each container', async (t) => {
  const gate = await gateOf(t, ['read-only-root-filesystem']);
  for (const [value, want] of readOnly) {
    const pod = podWith({ securityContext: { readOnlyRootFilesystem: value } });
    const what = JSON.stringify(value) ?? 'absent';
    t.match(await gate.said(reviewOf({ object: pod })), want, what);
    t.match(await gate.checked(JSON.stringify(pod)), want, `${what} through check`);
  }
  for (const securityContext of [undefined, null, {}]) {
    t.match(await gate.said(reviewOf({ object: podWith({ securityContext }) })), /^denied /);
  }
  const inPod = podOf({ securityContext: { readOnlyRootFilesystem: true } });
  t.match(await gate.said(reviewOf({ object: inPod })), /^denied /, 'a pod cannot say it');
});

const added = 'denied pod-security/capabilities_baseline';
const kept = 'denied pod-security/capabilities_restricted';

const capabilities: readonly [string, object, baseline: string, restricted: string][] = [
  ['none', {}, 'allowed', kept],
  ['drop ALL', { drop: ['ALL'] }, 'allowed', 'allowed'],
  ['drop all', { drop: ['all'] }, 'allowed', kept],
  ['drop All', { drop: ['All'] }, 'allowed', kept],
  ['drop CAP_ALL', { drop: ['CAP_ALL'] }, 'allowed', kept],
  ['drop " ALL"', { drop: [' ALL'] }, 'allowed', kept],
  ['drop "ALL" among others', { drop: ['CHOWN', 'ALL'] }, 'allowed', 'allowed'],
  ['drop each but ALL', { drop: ['CHOWN', 'NET_RAW', 'SYS_ADMIN'] }, 'allowed', kept],
  ['drop "ALL" as text', { drop: 'ALL' }, malformed, malformed],
  ['add SYS_ADMIN', { add: ['SYS_ADMIN'], drop: ['ALL'] }, added, kept],
  ['add CAP_SYS_ADMIN', { add: ['CAP_SYS_ADMIN'], drop: ['ALL'] }, added, kept],
  ['add sys_admin', { add: ['sys_admin'], drop: ['ALL'] }, added, kept],
  ['add ALL', { add: ['ALL'], drop: ['ALL'] }, added, kept],
  ['add all', { add: ['all'], drop: ['ALL'] }, added, kept],
  ['add nothing by name', { add: [''], drop: ['ALL'] }, added, kept],
  ['add " CHOWN"', { add: [' CHOWN'], drop: ['ALL'] }, added, kept],
  ['add CHOWN', { add: ['CHOWN'], drop: ['ALL'] }, 'allowed', kept],
  ['add chown', { add: ['chown'], drop: ['ALL'] }, added, kept],
  ['add NET_BIND_SERVICE', { add: ['NET_BIND_SERVICE'], drop: ['ALL'] }, 'allowed', 'allowed'],
  ['add it as text', { add: 'SYS_ADMIN', drop: ['ALL'] }, malformed, malformed],
  ['add a list', { add: [['SYS_ADMIN']], drop: ['ALL'] }, malformed, malformed],
];

test('B18: capabilities are compared letter by letter: no other spelling is allowed, none other drops ALL', async (t) => {
  const baseline = restricted.replace('enforce: restricted', 'enforce: baseline');
  for (const [level, text] of [
    ['baseline', baseline],
    ['restricted', restricted],
  ] as const) {
    const gate = await gateOf(t, [text]);
    for (const [what, given, atBaseline, atRestricted] of capabilities) {
      const securityContext = { ...whole, allowPrivilegeEscalation: false, capabilities: given };
      const pod = JSON.stringify(podWith({ securityContext }));
      const want = level === 'baseline' ? atBaseline : atRestricted;
      t.equal(await gate.said(reviewOf({ object: JSON.parse(pod) })), want, `${level}: ${what}`);
      t.equal(await gate.checked(pod), want, `${level}: ${what}, through check`);
    }
  }
});

const hostile = (metadata: object = {}): JsonObject => podOf({ hostNetwork: true }, metadata);
const hostNamespaces = 'denied pod-security/hostNamespaces';

test('B29: no annotation, label or owner of a Pod is a way past Pod Security', async (t) => {
  const gate = await gateOf(t, ['pod-security']);
  const promises: readonly object[] = [
    { annotations: { 'kubernetes.io/config.mirror': 'x' } },
    { annotations: { 'kubernetes.io/config.mirror': 'x', 'kubernetes.io/config.source': 'file' } },
    { annotations: { 'pod-security.kubernetes.io/exempt': 'namespace' } },
    { annotations: { 'sekisho.dev/exempt': 'true' } },
    { labels: { 'pod-security.kubernetes.io/enforce': 'privileged' } },
    {
      ownerReferences: [{ apiVersion: 'v1', kind: 'Node', name: 'n', uid: 'u', controller: true }],
    },
    {
      ownerReferences: [
        { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'r', uid: 'u', controller: true },
      ],
    },
    { deletionTimestamp: '2026-11-21T00:00:00Z' },
    { managedFields: 7 },
  ];
  const users = ['alice', 'system:node:n1', 'system:kube-controller-manager'];
  for (const promise of promises) {
    const pod = hostile(promise);
    for (const username of users) {
      const userInfo = { username, groups: ['system:nodes', 'system:masters'] };
      const what = `${JSON.stringify(promise)} by ${username}`;
      t.equal(await gate.said(reviewOf({ object: pod, userInfo })), hostNamespaces, what);
    }
    t.equal(
      await gate.checked(pod, '--user', 'system:node:n1', '--group', 'system:nodes'),
      hostNamespaces,
    );
  }
});

const exempting = `
apiVersion: pod-security.admission.config.k8s.io/v1
kind: PodSecurityConfiguration
defaults: {enforce: baseline, enforce-version: v1.30}
exemptions:
  usernames: [system:serviceaccount:ci:bot]
  namespaces: [kube-system]
`;

const callers: readonly [string, Asked, string][] = [
  ['the user itself', { userInfo: { username: 'system:serviceaccount:ci:bot' } }, 'allowed'],
  ['one more letter', { userInfo: { username: 'system:serviceaccount:ci:bot2' } }, hostNamespaces],
  ['one less', { userInfo: { username: 'system:serviceaccount:ci:bo' } }, hostNamespaces],
  ['another case', { userInfo: { username: 'system:serviceaccount:ci:Bot' } }, hostNamespaces],
  ['white space', { userInfo: { username: ' system:serviceaccount:ci:bot' } }, hostNamespaces],
  [
    'a NUL behind it',
    { userInfo: { username: 'system:serviceaccount:ci:bot\u0000' } },
    hostNamespaces,
  ],
  [
    'as a group',
    { userInfo: { username: 'eve', groups: ['system:serviceaccount:ci:bot'] } },
    hostNamespaces,
  ],
  [
    'as a uid',
    { userInfo: { username: 'eve', uid: 'system:serviceaccount:ci:bot' } },
    hostNamespaces,
  ],
  [
    'as extra',
    { userInfo: { username: 'eve', extra: { username: ['system:serviceaccount:ci:bot'] } } },
    hostNamespaces,
  ],
  ['nobody', { userInfo: { username: '' } }, hostNamespaces],
  ['no user at all', { userInfo: null }, hostNamespaces],
  [
    'system:masters',
    { userInfo: { username: 'admin', groups: ['system:masters'] } },
    hostNamespaces,
  ],
  ['the namespace itself', { namespace: 'kube-system' }, 'allowed'],
  ['a namespace with more letters', { namespace: 'kube-system-2' }, hostNamespaces],
  ['a namespace in another case', { namespace: 'Kube-System' }, hostNamespaces],
  [
    'the namespace in the object',
    { object: hostile({ namespace: 'kube-system' }) },
    hostNamespaces,
  ],
];
const namespaces = ['kube-system', 'kube-system-2', 'Kube-System']
  .map((name) => `{apiVersion: v1, kind: Namespace, metadata: {name: ${name}}}`)
  .join('\n---\n');

test('B30: exemptions are exact: no other user, group or namespace shares them', async (t) => {
  const gate = await gateOf(t, [exempting], {
    files: { 'more.yaml': namespaces },
    settings: (folder) => ({ clusterObjects: [`${folder}/shop.yaml`, `${folder}/more.yaml`] }),
  });
  for (const [what, asked, want] of callers) {
    t.equal(await gate.said(reviewOf({ object: hostile(), ...asked })), want, what);
  }
  const user = 'system:serviceaccount:ci:bot';
  t.equal(await gate.checked(hostile(), '--user', user), 'allowed', 'check --user');
  t.equal(await gate.checked(hostile(), '--user', `${user}2`), hostNamespaces);
  t.equal(await gate.checked(hostile(), '--user', 'eve', '--group', user), hostNamespaces);
});

const many = (n: number, of: (i: number) => object): object[] =>
  Array.from({ length: n }, (_, i) => of(i));
const bad = { name: 'last', image: goodImage, securityContext: { privileged: true } };

/** Each with something bad at its very end. */
const large: readonly [string, JsonObject, string][] = [
  [
    '10,000 environment variables',
    podOf({
      containers: [
        {
          name: 'a',
          image: goodImage,
          env: many(10_000, (i) => ({ name: `E${i}`, value: 'v'.repeat(120) })),
        },
        bad,
      ],
    }),
    privileged,
  ],
  [
    '5,000 containers',
    podOf({ containers: [...many(5_000, (i) => ({ name: `c${i}`, image: goodImage })), bad] }),
    privileged,
  ],
  [
    '5,000 volumes',
    podOf({
      volumes: [
        ...many(5_000, (i) => ({ name: `v${i}`, emptyDir: {} })),
        { name: 'h', hostPath: { path: '/' } },
      ],
    }),
    'denied pod-security/hostPathVolumes',
  ],
  [
    '250 KiB of annotations',
    hostile({ annotations: { a: 'x'.repeat(250 * 1024) } }),
    hostNamespaces,
  ],
  [
    '5,000 labels',
    hostile({
      labels: Object.fromEntries(Array.from({ length: 5_000 }, (_, i) => [`l${i}`, 'v'])),
    }),
    hostNamespaces,
  ],
  [
    '1.5 MiB in one text',
    podWith({ command: ['x'.repeat(1_500_000)], securityContext: { privileged: true } }),
    privileged,
  ],
];

test('B31: a pod of any size is judged whole: what is bad at its very end is found', async (t) => {
  const gate = await gateOf(t, ['pod-security']);
  for (const [what, object, want] of large) {
    t.equal(await gate.said(reviewOf({ object })), want, what);
    t.equal(await gate.checked(object), want, `${what}, through check`);
  }
  t.equal(await gate.said(reviewOf()), 'allowed', 'and answers the next one');
});

test('B31: policies refuse a pod of any size for what is in it, or for its cost', async (t) => {
  const laws = ['no-privileged-containers', 'no-host-namespaces', 'allowed-registries'];
  const gate = await gateOf(t, [...laws, 'images-by-digest', 'resource-limits', 'pod-security']);
  for (const [what, object] of large) {
    t.match(await gate.said(reviewOf({ object })), /^denied /, what);
  }
  t.match(await gate.said(reviewOf()), /^denied resource-limits/, 'and answers the next one');
});
