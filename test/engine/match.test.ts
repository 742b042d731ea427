// Matching as kube-apiserver does it: rows follow the rules of the in-tree predicates and vap-semantics.
import { test } from 'tap';
import { isExempt, matchesNamespace, matchesRules } from '../../src/engine/match.ts';
import type { Subject } from '../../src/engine/subject.ts';
import { everything } from '../../src/k8s/selector.ts';
import type { MatchResources, ResourceRule } from '../../src/policy/model.ts';
import { attemptOf } from '../fixtures/attempts.ts';

const anyPod: ResourceRule = {
  apiGroups: [''],
  apiVersions: ['v1'],
  operations: ['*'],
  resources: ['pods'],
  resourceNames: [],
  scope: '*',
};

function rule(changes: Partial<ResourceRule>): ResourceRule {
  return { ...anyPod, ...changes };
}

function match(changes: Partial<MatchResources>): MatchResources {
  return {
    matchPolicy: 'Equivalent',
    namespaceSelector: everything,
    objectSelector: everything,
    resourceRules: [anyPod],
    excludeResourceRules: [],
    ...changes,
  };
}

type Wanted = {
  group?: string;
  version?: string;
  resource?: string;
  subResource?: string;
  namespace?: string;
  name?: string;
  operation?: 'CREATE' | 'UPDATE' | 'DELETE' | 'CONNECT';
  labels?: Record<string, string>;
  oldLabels?: Record<string, string>;
};

function subject(wanted: Wanted = {}): Subject {
  const { group = '', version = 'v1', resource = 'pods', subResource = '' } = wanted;
  const object = wanted.labels === undefined ? {} : { metadata: { labels: wanted.labels } };
  const oldObject =
    wanted.oldLabels === undefined ? null : { metadata: { labels: wanted.oldLabels } };
  const attempt = attemptOf({
    operation: wanted.operation ?? 'CREATE',
    resource: { group, version, resource },
    subResource,
    namespace: wanted.namespace ?? 'shop',
    name: wanted.name ?? 'web',
    object,
    oldObject,
  });
  return {
    attempt,
    resource: attempt.resource,
    subResource,
    object,
    oldObject,
    basePath: [],
    template: false,
    shown: () => ({ object: null, oldObject: null, secrets: [] }),
  };
}

const apps = { group: 'apps', resource: 'deployments' };
const scalers = { apiGroups: ['autoscaling'], resources: ['horizontalpodautoscalers'] };
const widgets = { apiGroups: ['example.com'], resources: ['widgets'] };
const namespaces = { resource: 'namespaces', namespace: 'shop' };

const rows: readonly [string, Partial<MatchResources>, Wanted, 'yes' | 'no' | 'equivalent'][] = [
  ['the very resource matches', {}, {}, 'yes'],
  ['another resource does not', {}, { resource: 'services' }, 'no'],
  ['another group does not', {}, { group: 'apps' }, 'no'],
  [
    'a group star matches any group',
    { resourceRules: [rule({ apiGroups: ['*'] })] },
    { group: 'x' },
    'yes',
  ],
  ['pods does not match pods/exec', {}, { subResource: 'exec' }, 'no'],
  [
    'pods/exec matches it',
    { resourceRules: [rule({ resources: ['pods/exec'] })] },
    { subResource: 'exec' },
    'yes',
  ],
  [
    'pods/* matches a subresource',
    { resourceRules: [rule({ resources: ['pods/*'] })] },
    { subResource: 'exec' },
    'yes',
  ],
  [
    'pods/* matches pods themselves',
    { resourceRules: [rule({ resources: ['pods/*'] })] },
    {},
    'yes',
  ],
  ['*/* matches the main resource', { resourceRules: [rule({ resources: ['*/*'] })] }, {}, 'yes'],
  [
    '*/* matches any subresource',
    { resourceRules: [rule({ resources: ['*/*'] })] },
    { subResource: 'exec' },
    'yes',
  ],
  [
    '* matches no subresource',
    { resourceRules: [rule({ resources: ['*'] })] },
    { subResource: 'exec' },
    'no',
  ],
  [
    '*/status does not match the main resource',
    { resourceRules: [rule({ resources: ['*/status'] })] },
    {},
    'no',
  ],
  [
    '*/status matches a status',
    { resourceRules: [rule({ resources: ['*/status'] })] },
    { subResource: 'status' },
    'yes',
  ],
  ['the operation must be listed', { resourceRules: [rule({ operations: ['UPDATE'] })] }, {}, 'no'],
  [
    'a listed operation matches',
    { resourceRules: [rule({ operations: ['UPDATE', 'CREATE'] })] },
    {},
    'yes',
  ],
  [
    'a resource name must be equal',
    { resourceRules: [rule({ resourceNames: ['api'] })] },
    {},
    'no',
  ],
  [
    'a resource name that is equal matches',
    { resourceRules: [rule({ resourceNames: ['web'] })] },
    {},
    'yes',
  ],
  ['an exclusion wins', { excludeResourceRules: [anyPod] }, {}, 'no'],
  [
    'an exclusion of something else does not',
    { excludeResourceRules: [rule({ resources: ['services'] })] },
    {},
    'yes',
  ],
  ['no rules at all: everything', { resourceRules: [] }, { resource: 'services' }, 'yes'],
  [
    'Namespaced matches a namespaced object',
    { resourceRules: [rule({ scope: 'Namespaced' })] },
    {},
    'yes',
  ],
  [
    'Cluster does not match a namespaced object',
    { resourceRules: [rule({ scope: 'Cluster' })] },
    {},
    'no',
  ],
  [
    'Cluster matches a cluster-scoped object',
    { resourceRules: [rule({ scope: 'Cluster' })] },
    { namespace: '' },
    'yes',
  ],
  [
    'a Namespace is cluster-scoped, although its request names a namespace',
    { resourceRules: [rule({ resources: ['namespaces'], scope: 'Cluster' })] },
    namespaces,
    'yes',
  ],
  [
    'Namespaced does not match a Namespace',
    { resourceRules: [rule({ resources: ['namespaces'], scope: 'Namespaced' })] },
    namespaces,
    'no',
  ],
  [
    'another version that is served, under Equivalent, would need conversion',
    { resourceRules: [rule({ ...scalers, apiVersions: ['v2'] })] },
    { group: 'autoscaling', resource: 'horizontalpodautoscalers' },
    'equivalent',
  ],
  [
    'excluding another version that is served excludes this one',
    { resourceRules: [], excludeResourceRules: [rule({ ...scalers, apiVersions: ['v2'] })] },
    { group: 'autoscaling', resource: 'horizontalpodautoscalers' },
    'no',
  ],
  [
    'events of the other group are the same objects',
    { resourceRules: [rule({ apiGroups: ['events.k8s.io'], resources: ['*'] })] },
    { resource: 'events' },
    'equivalent',
  ],
  [
    'also when both groups are named, and the request is of the first',
    { resourceRules: [rule({ apiGroups: ['', 'events.k8s.io'], resources: ['events'] })] },
    { resource: 'events' },
    'yes',
  ],
  [
    'a version that no API server has is no other version',
    {
      resourceRules: [
        rule({ apiGroups: ['apps'], resources: ['deployments'], apiVersions: ['v1beta1'] }),
      ],
    },
    apps,
    'no',
  ],
  [
    'nor does its exclusion exclude',
    { excludeResourceRules: [rule({ apiVersions: ['v1beta1'] })] },
    {},
    'yes',
  ],
  [
    'of a custom resource any version may be served',
    { resourceRules: [rule({ ...widgets, apiVersions: ['v2'] })] },
    { group: 'example.com', resource: 'widgets' },
    'equivalent',
  ],
  [
    'and may be excluded',
    { resourceRules: [], excludeResourceRules: [rule({ ...widgets, apiVersions: ['v2'] })] },
    { group: 'example.com', resource: 'widgets' },
    'equivalent',
  ],
  [
    'another version under Exact does not match',
    { matchPolicy: 'Exact', resourceRules: [rule({ ...scalers, apiVersions: ['v2'] })] },
    { group: 'autoscaling', resource: 'horizontalpodautoscalers' },
    'no',
  ],
  [
    'a version star matches any version',
    { resourceRules: [rule({ apiVersions: ['*'] })] },
    { version: 'v9' },
    'yes',
  ],
  [
    'a rule that names the version beats one that does not',
    { resourceRules: [rule({ apiVersions: ['v9'] }), anyPod] },
    {},
    'yes',
  ],
  [
    'the object selector reads the object',
    { objectSelector: { matchLabels: { app: 'web' }, matchExpressions: [] } },
    { labels: { app: 'web' } },
    'yes',
  ],
  [
    'or the old object',
    { objectSelector: { matchLabels: { app: 'web' }, matchExpressions: [] } },
    { labels: {}, oldLabels: { app: 'web' } },
    'yes',
  ],
  [
    'an object without the label is not selected',
    { objectSelector: { matchLabels: { app: 'web' }, matchExpressions: [] } },
    {},
    'no',
  ],
];

for (const [name, changes, wanted, expected] of rows) {
  test(name, (t) => {
    t.equal(matchesRules(match(changes), subject(wanted)), expected);
    t.end();
  });
}

test('an object selector never selects where there is no object at all', (t) => {
  const gone: Subject = { ...subject(), object: null, oldObject: null };
  const selector = {
    matchLabels: {},
    matchExpressions: [{ key: 'a', operator: 'DoesNotExist', values: [] }],
  } as const;
  t.equal(matchesRules(match({ objectSelector: selector }), gone), 'no');
  t.end();
});

test('what a connection is asked with has no labels, and lacks none either', (t) => {
  const absent = {
    matchLabels: {},
    matchExpressions: [{ key: 'a', operator: 'DoesNotExist', values: [] }],
  } as const;
  const connect = subject({ operation: 'CONNECT', subResource: 'exec' });
  const exec = match({ resourceRules: [rule({ resources: ['pods/exec'] })] });
  t.equal(matchesRules({ ...exec, objectSelector: absent }, connect), 'no');
  t.equal(matchesRules(exec, connect), 'yes');
  const labelled = subject({ operation: 'CONNECT', subResource: 'exec', labels: {} });
  t.equal(matchesRules({ ...exec, objectSelector: absent }, labelled), 'yes');
  t.end();
});

test('a namespace selector: cluster-scoped objects always match, NotIn matches a missing label', (t) => {
  const notIn = {
    matchLabels: {},
    matchExpressions: [{ key: 'env', operator: 'NotIn', values: ['dev'] }],
  } as const;
  const prod = { matchLabels: { env: 'prod' }, matchExpressions: [] };
  t.equal(matchesNamespace(match({ namespaceSelector: prod }), null), true);
  t.equal(matchesNamespace(match({ namespaceSelector: prod }), { env: 'prod' }), true);
  t.equal(matchesNamespace(match({ namespaceSelector: prod }), {}), false);
  t.equal(matchesNamespace(match({ namespaceSelector: notIn }), {}), true);
  t.equal(matchesNamespace(match({ namespaceSelector: notIn }), { env: 'dev' }), false);
  t.end();
});

test('policies never judge admission policies and their bindings, nor who asks what it may do', (t) => {
  for (const [group, resource] of [
    ['admissionregistration.k8s.io', 'validatingadmissionpolicies'],
    ['admissionregistration.k8s.io', 'validatingadmissionpolicybindings'],
    ['admissionregistration.k8s.io', 'mutatingadmissionpolicies'],
    ['authentication.k8s.io', 'selfsubjectreviews'],
    ['authentication.k8s.io', 'tokenreviews'],
    ['authorization.k8s.io', 'localsubjectaccessreviews'],
    ['authorization.k8s.io', 'selfsubjectaccessreviews'],
    ['authorization.k8s.io', 'selfsubjectrulesreviews'],
    ['authorization.k8s.io', 'subjectaccessreviews'],
  ] as const) {
    t.equal(isExempt(subject({ group, resource })), true, resource);
  }
  for (const resource of ['validatingadmissionpolicies', 'tokenreviews']) {
    t.equal(isExempt(subject({ group: 'example.com', resource })), false);
  }
  t.end();
});
