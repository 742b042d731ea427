// Exceptions relieve exactly what they name, until they end; settings that turn evaluations into actions.
import { test } from 'tap';
import { getIn, type JsonObject, type JsonValue } from '../../src/base/json.ts';
import { ok } from '../../src/base/result.ts';
import { admit } from '../../src/engine/admit.ts';
import type { Ports } from '../../src/engine/ports.ts';
import type { Attempt } from '../../src/model/attempt.ts';
import type { Decision } from '../../src/model/decision.ts';
import type { PolicySet } from '../../src/policy/model.ts';
import { attemptOf, now } from '../fixtures/attempts.ts';
import { plainPorts } from '../fixtures/ports.ts';
import { wholeSet } from '../policy/texts.ts';

const one = `sha256:${'1'.repeat(64)}`;
const two = `sha256:${'2'.repeat(64)}`;

const law = `
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata:
  name: p
  annotations: {sekisho.dev/rule-names: "no-host-network, no-host-pid"}
spec:
  matchConstraints:
    resourceRules:
      - {apiGroups: ["", apps, rbac.authorization.k8s.io], apiVersions: [v1], operations: ["*"], resources: [pods, deployments, replicasets, clusterroles]}
  validations:
    - expression: "!has(object.spec.hostNetwork)"
      message: no host network
    - expression: "!has(object.spec.hostPID) || object.spec.hostPID == false"
      message: no host pid
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata: {name: b}
spec: {policyName: p, validationActions: [Deny]}
---
apiVersion: pod-security.admission.config.k8s.io/v1
kind: PodSecurityConfiguration
defaults: {enforce: baseline}
`;

type Exception = { rules?: string; match?: string; expires?: string; name?: string };

function exception({
  rules = '[p]',
  match = '{namespaces: [shop]}',
  expires = '2027-06-01',
  name = 'e',
}: Exception): string {
  return `---
apiVersion: sekisho.dev/v1alpha1
kind: PolicyException
metadata: {name: ${name}}
spec: {rules: ${rules}, match: ${match}, expires: ${expires}, reason: r, owner: team-a, ticket: T-1, approvedBy: carol}
`;
}

const settings = (spec: string): string =>
  `---\napiVersion: sekisho.dev/v1alpha1\nkind: PolicySettings\nspec: {${spec}}\n`;

function setOf(...texts: readonly string[]): PolicySet {
  return wholeSet([law, ...texts].join('\n'));
}

const labels: Record<string, JsonValue> = {};
const ports: Ports = {
  ...plainPorts,
  namespace: async (name) =>
    ok({ value: { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } }, at: now }),
};

const bad = (spec: JsonObject = { hostNetwork: true }, metadata: JsonObject = {}): JsonObject => ({
  metadata: { name: 'web', ...metadata },
  spec: { containers: [{ name: 'web', image: `r/web@${one}` }], ...spec },
});

const byUser = (username: string) => ({ userInfo: { username, uid: '', groups: [], extra: {} } });
const controller = (name: string) => byUser(`system:serviceaccount:kube-system:${name}`);
const owner = (kind: string, name: string, more: JsonObject = {}): JsonObject => ({
  ownerReferences: [{ apiVersion: 'apps/v1', kind, name, controller: true, ...more }],
});

/** Rules of the policy `p` that deny. */
async function denied(
  texts: string | readonly string[],
  attempt: Partial<Attempt>,
): Promise<readonly string[]> {
  const set = setOf(...[texts].flat());
  const decision = await admit(set, attemptOf({ object: bad(), ...attempt }), ports);
  return denyingRules(decision).filter((rule) => rule.startsWith('p/'));
}

const denyingRules = ({ results }: Decision): readonly string[] =>
  results.filter((r) => r.actions.includes('deny')).map((r) => r.rule);

const webOfDeployment = '{namespaces: [shop], workloads: [{kind: Deployment, name: web}]}';
const ofReplicaSet = bad(
  {},
  { ...owner('ReplicaSet', 'web-5d4f'), labels: { 'pod-template-hash': '5d4f' } },
);
const hosted = (object: JsonObject): JsonObject => ({
  ...object,
  spec: { ...(object['spec'] as JsonObject), hostNetwork: true },
});

type Row = readonly [
  name: string,
  exception: Exception,
  attempt: Partial<Attempt>,
  excused: boolean,
];
const rows: readonly Row[] = [
  ['a whole policy', {}, {}, true],
  ['one rule', { rules: '[p/no-host-network]' }, {}, true],
  ['another rule of the policy', { rules: '[p/no-host-pid]' }, {}, false],
  ['another namespace', { match: '{namespaces: [web]}' }, {}, false],
  ['an exact name', { match: '{namespaces: [shop], names: [web]}' }, {}, true],
  ['a longer name', { match: '{namespaces: [shop], names: [web]}' }, { name: 'web-2' }, false],
  [
    'a name that holds it',
    { match: '{namespaces: [shop], names: [ingress]}' },
    { name: 'x-ingress-y' },
    false,
  ],
  [
    'a name without a namespace means cluster-scoped objects',
    { match: '{names: [web]}' },
    {},
    false,
  ],
  ['a cluster-scoped object by its name', { match: '{names: [web]}' }, { namespace: '' }, true],
  ['an exact user', { match: '{users: [alice]}' }, {}, true],
  ['another user', { match: '{users: [alice]}' }, byUser('alice2'), false],
  [
    'two criteria of which one does not hold',
    { match: '{namespaces: [shop], users: [bob]}' },
    {},
    false,
  ],
  ['the digest of the only container', { match: `{images: ["${one}"]}` }, {}, true],
  ['another digest', { match: `{images: ["${two}"]}` }, {}, false],
  [
    'an excused image beside another one, for a finding of the whole pod',
    { match: `{images: ["${one}"]}` },
    {
      object: bad({
        hostNetwork: true,
        initContainers: [{ name: 'x', image: `r/x@${two}` }],
      }),
    },
    false,
  ],
  ['the moment before the end', { expires: '2026-11-21T10:00:01Z' }, {}, true],
  ['the moment of the end', { expires: '2026-11-21T10:00:00Z' }, {}, false],
  ['a date ends with its first moment', { expires: '2026-11-21' }, {}, false],
  [
    'the Deployment itself',
    { match: webOfDeployment },
    {
      kind: { group: 'apps', version: 'v1', kind: 'Deployment' },
      resource: { group: 'apps', version: 'v1', resource: 'deployments' },
    },
    true,
  ],
  [
    'a Pod that the replicaset-controller makes for it',
    { match: webOfDeployment },
    { ...controller('replicaset-controller'), object: hosted(ofReplicaSet), name: 'web-5d4f-x2x' },
    true,
  ],
  [
    'the same Pod by a user: the ownerReference is only a claim',
    { match: webOfDeployment },
    { object: hosted(ofReplicaSet), name: 'web-5d4f-x2x' },
    false,
  ],
  [
    'the same Pod by the controller of another kind',
    { match: webOfDeployment },
    { ...controller('job-controller'), object: hosted(ofReplicaSet) },
    false,
  ],
  [
    'the same Pod by an account of the same name in another namespace',
    { match: webOfDeployment },
    {
      ...byUser('system:serviceaccount:shop:replicaset-controller'),
      object: hosted(ofReplicaSet),
    },
    false,
  ],
  [
    'the same Pod on UPDATE: nobody knows who created it',
    { match: webOfDeployment },
    {
      ...controller('replicaset-controller'),
      operation: 'UPDATE',
      object: hosted(ofReplicaSet),
      oldObject: ofReplicaSet,
    },
    false,
  ],
  [
    'an owner that is not the controller',
    { match: webOfDeployment },
    {
      ...controller('replicaset-controller'),
      object: bad(
        { hostNetwork: true },
        {
          ...owner('ReplicaSet', 'web-5d4f', { controller: false }),
          labels: { 'pod-template-hash': '5d4f' },
        },
      ),
    },
    false,
  ],
  [
    'an owner of another group',
    { match: webOfDeployment },
    {
      ...controller('replicaset-controller'),
      object: bad(
        { hostNetwork: true },
        {
          ...owner('ReplicaSet', 'web-5d4f', { apiVersion: 'evil.example/v1' }),
          labels: { 'pod-template-hash': '5d4f' },
        },
      ),
    },
    false,
  ],
  [
    'a ReplicaSet whose name only begins like it',
    { match: webOfDeployment },
    {
      ...controller('replicaset-controller'),
      object: bad(
        { hostNetwork: true },
        { ...owner('ReplicaSet', 'web-shop-5d4f'), labels: { 'pod-template-hash': '5d4f' } },
      ),
    },
    false,
  ],
  [
    'a Pod of a CronJob by way of its Job',
    { match: '{namespaces: [shop], workloads: [{kind: CronJob, name: backup}]}' },
    {
      ...controller('job-controller'),
      object: bad(
        { hostNetwork: true },
        owner('Job', 'backup-29000000', { apiVersion: 'batch/v1' }),
      ),
    },
    true,
  ],
  ['an unreadable moment of the request excuses nothing', {}, { now: 'yesterday' }, false],
];

for (const [name, text, attempt, excused] of rows) {
  test(`A19: ${name}: ${excused ? 'excused' : 'not excused'}`, async (t) => {
    t.same(await denied(exception(text), attempt), excused ? [] : ['p/no-host-network']);
  });
}

test('A19: an exception for one rule leaves the others, and what it excused stays in the decision', async (t) => {
  const set = setOf(exception({ rules: '[p/no-host-network, pod-security/hostNamespaces]' }));
  const object = bad({ hostNetwork: true, hostPID: true });
  const decision = await admit(set, attemptOf({ object }), ports);
  t.same(denyingRules(decision), ['p/no-host-pid']);
  t.match(
    decision.results.find((r) => r.rule === 'p/no-host-network'),
    {
      evaluation: 'fail',
      actions: [],
      exception: 'e',
      findings: [{ exception: 'e' }],
    },
  );
  t.same(decision.exceptions, [
    {
      name: 'e',
      rules: ['p/no-host-network', 'pod-security/hostNamespaces'],
      reason: 'r',
      owner: 'team-a',
      ticket: 'T-1',
      approval: { claimedBy: 'carol', verified: false },
      expires: '2027-06-01T00:00:00.000Z',
    },
  ]);
});

const noVolumes = `---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: {name: v, annotations: {sekisho.dev/rule-names: "no-image-volumes"}}
spec:
  matchConstraints:
    resourceRules:
      - {apiGroups: [""], apiVersions: [v1], operations: [CREATE], resources: [pods]}
  validations:
    - expression: "!has(object.spec.volumes) || object.spec.volumes.all(v, !has(v.image) || !v.image.reference.startsWith('evil'))"
      message: no such volumes
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata: {name: v}
spec: {policyName: v, validationActions: [Deny]}
`;

const volumes: readonly (readonly [name: string, digests: string, excused: boolean])[] = [
  ['those of the container and of the volume', `["${one}", "${two}"]`, true],
  ['that of the only container, which the volume has not', `["${one}"]`, false],
];
for (const [name, digests, excused] of volumes) {
  test(`a finding in an image volume needs an exception for the volume's own image: ${name}`, async (t) => {
    const object = {
      metadata: { name: 'web' },
      spec: {
        containers: [{ name: 'web', image: `r/web@${one}` }],
        volumes: [{ name: 'v', image: { reference: `evil/v@${two}` } }],
      },
    };
    const excuse = exception({ rules: '[v]', match: `{images: ${digests}}` });
    const decision = await admit(setOf(noVolumes, excuse), attemptOf({ object }), ports);
    const { findings = [] } = decision.results.find(({ rule }) => rule.startsWith('v/')) ?? {};
    t.match(findings.at(-1), { pointer: '/spec/volumes/0/image/reference' });
    t.equal(decision.allowed, excused);
  });
}

test('an exception for an image does not excuse what is left out of a long list of findings', async (t) => {
  const rules = '[pod-security/hostPorts]';
  const excuse = exception({ rules, match: `{images: ["${one}"]}` });
  const hostPorts = Array.from({ length: 200 }, (_, i) => ({ hostPort: i + 1 }));
  const ported = (image: string, name: string): JsonObject => ({ name, image, ports: hostPorts });
  const judge = async (...containers: readonly JsonObject[]): Promise<boolean> => {
    const object = { metadata: { name: 'web' }, spec: { containers } };
    return (await admit(setOf(excuse), attemptOf({ object }), ports)).allowed;
  };
  t.equal(await judge(ported(`r/a@${one}`, 'a')), true);
  t.equal(await judge(ported(`r/a@${one}`, 'a'), ported(`r/b@${two}`, 'b')), false);
});

test('A19: two exceptions neither widen nor narrow each other: each image its own findings', async (t) => {
  const rules = '[pod-security/privileged]';
  const each = [
    exception({ rules, match: `{images: ["${one}"]}` }),
    exception({ rules, match: `{images: ["${two}"]}`, name: 'f' }),
  ];
  const privileged = (image: string, name: string): JsonObject => ({
    name,
    image,
    securityContext: { privileged: true },
  });
  const both = {
    spec: { containers: [privileged(`r/a@${one}`, 'a'), privileged(`r/b@${two}`, 'b')] },
  };
  const judge = async (texts: readonly string[], object: JsonObject): Promise<Decision> =>
    admit(setOf(...texts), attemptOf({ object: { metadata: { name: 'web' }, ...object } }), ports);
  t.equal((await judge(each, both)).allowed, true);
  const half = await judge(each.slice(0, 1), both);
  t.equal(half.allowed, false);
  t.same(
    half.results
      .filter((r) => r.actions.includes('deny'))
      .flatMap((r) => r.findings.map((f) => [getIn(f, ['pointer']), f.exception])),
    [
      ['/spec/containers/0/securityContext/privileged', 'e'],
      ['/spec/containers/1/securityContext/privileged', undefined],
    ],
  );
});

test('an error is not excused', async (t) => {
  const set = setOf(exception({}));
  const decision = await admit(set, attemptOf({ object: { metadata: {} } }), ports);
  t.equal(decision.allowed, false);
  t.ok(decision.results.some((r) => r.evaluation === 'error' && r.actions.includes('deny')));
});

test('in its last days what an exception excuses is a warning, once', async (t) => {
  const both = bad({ hostNetwork: true, hostPID: true });
  const warned = async (expires: string): Promise<readonly string[]> => {
    const rules = '[p, pod-security]';
    return (await admit(setOf(exception({ rules, expires })), attemptOf({ object: both }), ports))
      .warnings;
  };
  t.same(await warned('2026-12-06'), []);
  const warnings = await warned('2026-12-05');
  t.match(
    warnings[0],
    /permitted by exception "e" only until 2026-12-05T00:00:00.000Z; owner: team-a$/,
  );
  t.equal(new Set(warnings).size, warnings.length);
});

test('what is excused in a warn mode is not warned about, and no refusal means that warnings are told', async (t) => {
  labels['pod-security.kubernetes.io/warn'] = 'baseline';
  const object = bad({ hostNetwork: true, hostPID: true });
  const rules = '[p, pod-security/hostNamespaces]';
  const excused = await admit(setOf(exception({ rules })), attemptOf({ object }), ports);
  t.same([excused.allowed, excused.warnings], [true, []]);
  const port = bad({
    hostPID: true,
    containers: [{ name: 'w', image: 'i', ports: [{ containerPort: 1, hostPort: 1 }] }],
  });
  const set = setOf(exception({ rules: '[p, pod-security/hostNamespaces]' }));
  const left = await admit(set, attemptOf({ object: port }), ports);
  t.same([left.allowed, left.warnings], [false, []]);
  delete labels['pod-security.kubernetes.io/warn'];
});

test('AuditOnly refuses nothing, whatever happens, and says what it would have refused', async (t) => {
  const set = setOf(settings('mode: AuditOnly'));
  const decision = await admit(set, attemptOf({ object: bad() }), ports);
  t.match(decision, {
    allowed: true,
    mode: 'AuditOnly',
    wouldDeny: ['pod-security/hostNamespaces', 'p/no-host-network'],
  });
  t.ok(decision.results.every((r) => !r.actions.includes('deny')));
  const broken = await admit(set, attemptOf({ object: { spec: 1 } }), ports);
  t.equal(broken.allowed, true);
  t.ok((broken.wouldDeny ?? []).length > 0);
  t.notOk('mode' in (await admit(setOf(), attemptOf({ object: bad() }), ports)));
});

test('errors: Deny refuses what Ignore would let pass', async (t) => {
  const lenient = law.replace('spec:\n', 'spec:\n  failurePolicy: Ignore\n');
  const decide = async (...texts: string[]): Promise<boolean> => {
    const set = wholeSet([lenient, ...texts].join('\n'));
    const role = { group: 'rbac.authorization.k8s.io', version: 'v1' };
    const attempt = attemptOf({
      kind: { ...role, kind: 'ClusterRole' },
      resource: { ...role, resource: 'clusterroles' },
      namespace: '',
      object: { metadata: { name: 'r' } },
    });
    return (await admit(set, attempt, ports)).allowed;
  };
  t.equal(await decide(), true);
  t.equal(await decide(settings('errors: Deny')), false);
});

const floor = (level: string, version = 'latest'): string =>
  settings(`podSecurity: {floor: {level: ${level}, version: ${version}}}`);
const root = { spec: { containers: [{ name: 'web', image: 'i' }] }, metadata: { name: 'web' } };
const privilegedLabel = { 'pod-security.kubernetes.io/enforce': 'privileged' };

const floors: readonly [string, Record<string, string>, string[], JsonObject, boolean][] = [
  ['labels below the floor', privilegedLabel, [floor('baseline')], bad(), false],
  ['labels below it, and no floor', privilegedLabel, [], bad({ hostNetwork: false }), true],
  ['a pod that keeps to the floor', privilegedLabel, [floor('baseline')], root, true],
  [
    'labels above the floor',
    { 'pod-security.kubernetes.io/enforce': 'restricted' },
    [floor('baseline')],
    root,
    false,
  ],
  [
    'labels of the same level in an older version',
    {
      'pod-security.kubernetes.io/enforce': 'baseline',
      'pod-security.kubernetes.io/enforce-version': 'v1.0',
    },
    [floor('baseline')],
    {
      ...root,
      spec: {
        ...root.spec,
        containers: [{ name: 'w', image: 'i', livenessProbe: { httpGet: { host: 'h', port: 1 } } }],
      },
    },
    false,
  ],
  [
    'a stricter level in an older version',
    {
      'pod-security.kubernetes.io/enforce': 'restricted',
      'pod-security.kubernetes.io/enforce-version': 'v1.0',
    },
    [floor('baseline')],
    {
      ...root,
      spec: {
        securityContext: { runAsNonRoot: true },
        containers: [
          {
            name: 'w',
            image: 'i',
            securityContext: { runAsNonRoot: true },
            livenessProbe: { httpGet: { host: 'h', port: 1 } },
          },
        ],
      },
    },
    false,
  ],
];

for (const [name, own, texts, object, allowed] of floors) {
  test(`the Pod Security floor: ${name}: ${allowed ? 'allowed' : 'refused'}`, async (t) => {
    Object.assign(labels, own);
    const decision = await admit(
      setOf(...texts),
      attemptOf({ object: { ...object, metadata: { name: 'web' } } }),
      ports,
    );
    for (const key of Object.keys(own)) delete labels[key];
    const rules = denyingRules(decision);
    t.equal(
      decision.results.some((r) => r.kind === 'PodSecurity' && r.actions.includes('deny')),
      !allowed,
      rules.join(),
    );
  });
}

const rollout = {
  kind: { group: 'argoproj.io', version: 'v1alpha1', kind: 'Rollout' },
  resource: { group: 'argoproj.io', version: 'v1alpha1', resource: 'rollouts' },
};
const trained = {
  kind: { group: 'kubeflow.org', version: 'v1', kind: 'PyTorchJob' },
  resource: { group: 'kubeflow.org', version: 'v1', resource: 'pytorchjobs' },
};
const custom = settings(
  'podTemplates: [{apiGroup: argoproj.io, kind: Rollout, resource: rollouts, path: spec.template}, {apiGroup: kubeflow.org, kind: PyTorchJob, resource: pytorchjobs, path: spec.replicas.*.template}]',
);

test('B7: the templates of custom resources are judged where PolicySettings say, in all their places', async (t) => {
  const paths = async (texts: string[], attempt: Partial<Attempt>): Promise<readonly string[]> =>
    (await admit(setOf(...texts), attemptOf(attempt), ports)).results
      .filter((r) => r.actions.includes('deny'))
      .flatMap((r) => r.findings.map((f) => f.path));
  const template = { spec: { hostNetwork: true, containers: [] } };
  t.same(await paths([custom], { ...rollout, object: { spec: { template } } }), [
    'spec.template.spec.hostNetwork',
  ]);
  t.same(
    await paths([], { ...rollout, object: { spec: { template } } }),
    [],
    'the Pod is the backstop',
  );
  const replicas = { master: { template: { spec: { containers: [] } } }, worker: { template } };
  t.same(await paths([custom], { ...trained, object: { spec: { replicas } } }), [
    'spec.replicas.worker.template.spec.hostNetwork',
  ]);
});

test('B7: a policy with pod-templates sees the Pod of a custom resource', async (t) => {
  const onTemplates = law.replace(
    'annotations: {',
    'annotations: {sekisho.dev/pod-templates: "true", ',
  );
  const set = wholeSet([onTemplates, custom].join('\n'));
  const template = { spec: { hostPID: true, containers: [] } };
  const attempt = attemptOf({ ...rollout, object: { spec: { template } } });
  const decision = await admit(set, attempt, ports);
  t.same(denyingRules(decision), ['pod-security/hostNamespaces', 'p/no-host-pid']);
});
