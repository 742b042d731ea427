// The webhook configuration of a policy set: who is asked where, what is never asked about, what is refused.
import { test } from 'tap';
import { getIn } from '../../src/base/json.ts';
import type { PolicySet } from '../../src/policy/model.ts';
import { type Registration, webhookObjects } from '../../src/policy/registration/configuration.ts';
import { entriesOf, isAskedAt, isEntryName } from '../../src/policy/registration/entries.ts';
import { lockoutRisks } from '../../src/policy/registration/lockout.ts';
import { mergeRules, type WebhookRule } from '../../src/policy/registration/rules.ts';
import { wholeSet } from './texts.ts';

type Given = {
  readonly name: string;
  readonly rules: string;
  readonly fail?: 'Fail' | 'Ignore';
  readonly exact?: boolean;
  readonly templates?: boolean;
};

const podSecurity = `apiVersion: pod-security.admission.config.k8s.io/v1
kind: PodSecurityConfiguration
`;

function setOf(...given: readonly Given[]): PolicySet {
  const text = given.map(
    ({
      name,
      rules,
      fail = 'Fail',
      exact = false,
      templates = false,
    }) => `apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: {name: ${name}${templates ? ", annotations: {sekisho.dev/pod-templates: 'true'}" : ''}}
spec:
  failurePolicy: ${fail}
  matchConstraints: {matchPolicy: ${exact ? 'Exact' : 'Equivalent'}, resourceRules: ${rules}}
  validations: [{expression: 'true'}]
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata: {name: ${name}}
spec: {policyName: ${name}, validationActions: [Deny]}
`,
  );
  return wholeSet(podSecurity, ...text);
}

const rule = (group: string, versions: string, resources: string, operations = 'CREATE'): string =>
  `[{apiGroups: ['${group}'], apiVersions: [${versions}], operations: [${operations}], resources: [${resources}]}]`;
const pods = rule('', 'v1', 'pods');

const registration: Registration = {
  name: 'sekisho',
  client: { kind: 'service', namespace: 'sekisho', name: 'sekisho', port: 443, ca: null },
  timeoutSeconds: 10,
  excludedNamespaces: ['sekisho', 'kube-system'],
  adminGroups: [],
  certManager: null,
};

const entries: readonly [string, readonly Given[], readonly string[]][] = [
  ['no policy at all: Pod Security', [], ['fail-v1: pod-security']],
  ['one version, one entry', [{ name: 'a', rules: pods }], ['fail-v1: a pod-security']],
  [
    'each failurePolicy has its own',
    [{ name: 'a', rules: pods, fail: 'Ignore' }],
    ['fail-v1: pod-security', 'ignore-v1: a'],
  ],
  [
    'policies of other versions are asked elsewhere, in those versions',
    [
      { name: 'a', rules: rule('apps', "'*'", 'deployments') },
      { name: 'b', rules: rule('x.io', 'v1beta1, v1', 'things') },
      { name: 'c', rules: rule('x.io', 'v1beta1', 'things') },
    ],
    ['fail-any: a', 'fail-v1: pod-security', 'fail-v1.v1beta1: b', 'fail-v1beta1: c'],
  ],
  [
    'Exact policies are not converted for',
    [{ name: 'a', rules: pods, exact: true }],
    ['fail-exact-v1: a', 'fail-v1: pod-security'],
  ],
];

for (const [name, given, wanted] of entries) {
  test(`entries: ${name}`, (t) => {
    const set = setOf(...given);
    const found = entriesOf(set);
    t.same(
      found.map((entry) => `${entry.name}: ${entry.policies.join(' ')}`),
      wanted,
    );
    for (const policy of set.policies) {
      const asking = found.filter((entry) => isAskedAt(policy, entry.name));
      t.equal(asking.length, 1, `${policy.name} is evaluated at one path, once`);
      t.equal(isAskedAt(policy, policy.failurePolicy.toLowerCase()), true);
    }
    t.ok(found.every((entry) => isEntryName(entry.name)));
    t.end();
  });
}

test('what no policy set can name is no path', (t) => {
  for (const name of ['', 'x', 'fail-', 'FAIL', 'fail-v1/..', 'fail-v1.', 'pods', 'fail v1']) {
    t.equal(isEntryName(name), false, name);
  }
  t.end();
});

const all = (resources: readonly string[], more: Partial<WebhookRule> = {}): WebhookRule => ({
  ...{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources, scope: '*' },
  ...more,
});

const merges: readonly [string, readonly WebhookRule[], readonly WebhookRule[]][] = [
  ['resources are joined and sorted', [all(['pods']), all(['nodes'])], [all(['nodes', 'pods'])]],
  [
    'pods/* holds pods and its subresources',
    [all(['pods/*', 'pods', 'pods/exec'])],
    [all(['pods/*'])],
  ],
  ['*/* holds all', [all(['*/*', '*', 'pods/*'])], [all(['*/*'])]],
  ['* is not its subresources', [all(['*', 'pods/exec'])], [all(['*', 'pods/exec'])]],
  [
    'a rule inside another is left out',
    [all(['pods']), all(['*'], { operations: ['*'] })],
    [all(['*'], { operations: ['*'] })],
  ],
  [
    'never over versions: a webhook is asked in the versions that it names',
    [all(['pods']), all(['pods'], { apiVersions: ['*'] })],
    [all(['pods'], { apiVersions: ['*'] }), all(['pods'])],
  ],
  [
    'scopes stay apart',
    [all(['x'], { scope: 'Cluster' }), all(['y'], { scope: 'Namespaced' })],
    [all(['x'], { scope: 'Cluster' }), all(['y'], { scope: 'Namespaced' })],
  ],
];

for (const [name, given, wanted] of merges) {
  test(`rules: ${name}`, (t) => {
    t.same(mergeRules(given), wanted);
    t.same(mergeRules([...given].reverse()), wanted, 'in any order');
    t.end();
  });
}

test('templates are asked about for Pod Security and for policies that judge them', (t) => {
  const set = setOf({ name: 'a', rules: rule('', "'*'", 'pods'), fail: 'Ignore', templates: true });
  for (const { name, rules } of entriesOf(set)) {
    const apps = rules.find(({ apiGroups }) => apiGroups.includes('apps'));
    t.same(apps?.resources, ['daemonsets', 'deployments', 'replicasets', 'statefulsets'], name);
  }
  t.end();
});

test('what must never wait is kept out where a star would send it', (t) => {
  const [configuration] = webhookObjects(
    setOf({ name: 'a', rules: rule('*', "'*'", "'*/*'") }),
    registration,
  );
  const conditions = JSON.stringify(
    getIn(configuration ?? null, ['webhooks', 0, 'matchConditions']),
  );
  for (const name of [
    'leases',
    'nodes',
    'events',
    'tokenreviews',
    'subjectaccessreviews',
    'certificatesigningrequests',
    'apiservices',
  ]) {
    t.match(conditions, `request.resource.resource == \\"${name}\\"`);
  }
  const [narrow] = webhookObjects(
    setOf({ name: 'a', rules: rule('x.io', 'v2', 'things') }),
    registration,
  );
  t.same(getIn(narrow ?? null, ['webhooks', 1, 'matchConditions']), [], 'and nowhere else');
  t.end();
});

test('statuses of pods are kept out, unless a policy is about one', (t) => {
  const expression = (set: PolicySet): string =>
    JSON.stringify(
      getIn(webhookObjects(set, registration)[0] ?? null, ['webhooks', 0, 'matchConditions']),
    );
  t.match(expression(setOf()), '\\"exec\\", \\"log\\"');
  t.notMatch(
    expression(setOf({ name: 'a', rules: rule('', 'v1', 'pods/exec', 'CONNECT') })),
    'exec',
  );
  t.end();
});

const risks: readonly [string, string, number][] = [
  ['leases by name', rule('coordination.k8s.io', 'v1', 'leases'), 1],
  ['the status of nodes by name', rule('', 'v1', 'nodes/status'), 1],
  ['nodes with a star for the subresource', rule('', 'v1', "'nodes/*'"), 2],
  ['all groups', rule('*', "'*'", 'leases'), 1],
  ['a star is kept out instead', rule('*', "'*'", "'*/*'"), 0],
  ['pods', pods, 0],
];
for (const [name, rules, wanted] of risks) {
  test(`lockout: ${name}: ${wanted === 0 ? 'no risk' : 'a risk'}`, (t) => {
    const found = lockoutRisks(setOf({ name: 'a', rules }));
    t.equal(found.length, wanted);
    t.ok(found.every(({ policy, failurePolicy }) => policy === 'a' && failurePolicy === 'Fail'));
    t.end();
  });
}

test('our own namespace is left out by the label that nobody can change, and guarded in-tree', (t) => {
  const [configuration, guard, binding] = webhookObjects(setOf(), {
    ...registration,
    adminGroups: ['ops'],
  });
  t.same(getIn(configuration ?? null, ['webhooks', 0, 'namespaceSelector']), {
    matchExpressions: [
      { key: 'kubernetes.io/metadata.name', operator: 'NotIn', values: ['sekisho', 'kube-system'] },
    ],
  });
  t.same(getIn(guard ?? null, ['spec', 'matchConstraints', 'namespaceSelector']), {
    matchExpressions: [
      { key: 'kubernetes.io/metadata.name', operator: 'In', values: ['sekisho', 'kube-system'] },
    ],
  });
  t.match(getIn(guard ?? null, ['spec', 'validations', 0, 'expression']), '"ops"');
  t.same(getIn(binding ?? null, ['spec', 'validationActions']), ['Deny']);
  t.end();
});
