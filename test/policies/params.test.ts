// The policies that name users, groups or roles in a ConfigMap do what it says, letter for letter; without it, or with
// nothing in it, they refuse.
import { join } from 'node:path';
import { test } from 'tap';
import type { JsonObject } from '../../src/base/json.ts';
import { ok } from '../../src/base/result.ts';
import { admit } from '../../src/engine/admit.ts';
import type { Attempt } from '../../src/model/attempt.ts';
import type { Decision } from '../../src/model/decision.ts';
import { attemptOf, now } from '../fixtures/attempts.ts';
import { plainPorts } from '../fixtures/ports.ts';
import { bundlePath, policySetAt } from './load.ts';

const labelled: JsonObject = {
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: { name: 'shop', labels: { environment: 'production' } },
};

/** The policy without the params.yaml beside it, which would beat what the cluster has. */
async function decide(
  policy: string,
  params: readonly JsonObject[],
  attempt: Attempt,
): Promise<Decision> {
  const files = ['policy.yaml', 'binding.yaml'].map((name) => join(bundlePath, policy, name));
  return admit(await policySetAt(...files), attempt, {
    ...plainPorts,
    namespace: async () => ok({ value: labelled, at: now }),
    params: async () => ok({ value: params, at: now }),
  });
}

const configMap = (name: string, rest: JsonObject, namespace = 'sekisho'): JsonObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace },
  ...rest,
});

const rbac = { group: 'rbac.authorization.k8s.io', version: 'v1' };
const options: JsonObject = { apiVersion: 'v1', kind: 'PodExecOptions', command: ['sh'] };
const bindingOf = (role: string): JsonObject => ({
  apiVersion: 'rbac.authorization.k8s.io/v1',
  kind: 'ClusterRoleBinding',
  metadata: { name: 'shop' },
  roleRef: { apiGroup: rbac.group, kind: 'ClusterRole', name: role },
  subjects: [{ kind: 'ServiceAccount', name: 'web', namespace: 'shop' }],
});

/** What each policy refuses when nobody is named; alice asks, of the groups dev and ops. */
const attempts = {
  'no-exec-in-production': attemptOf({
    operation: 'CONNECT',
    kind: { group: '', version: 'v1', kind: 'PodExecOptions' },
    subResource: 'exec',
    object: options,
    userInfo: { username: 'alice', uid: '', groups: ['dev', 'ops'], extra: {} },
  }),
  'guarded-namespace-labels': attemptOf({
    kind: { group: '', version: 'v1', kind: 'Namespace' },
    resource: { group: '', version: 'v1', resource: 'namespaces' },
    name: 'shop',
    object: labelled,
    userInfo: { username: 'alice', uid: '', groups: ['dev', 'ops'], extra: {} },
  }),
  'no-cluster-admin-bindings': attemptOf({
    kind: { ...rbac, kind: 'ClusterRoleBinding' },
    resource: { ...rbac, resource: 'clusterrolebindings' },
    namespace: '',
    object: bindingOf('cluster-admin'),
  }),
} as const;
type Policy = keyof typeof attempts;
const withParams = Object.keys(attempts) as readonly Policy[];

test('without its ConfigMap, or with that of another name or namespace, a policy refuses', async (t) => {
  for (const policy of withParams) {
    const data = { users: 'alice', groups: 'dev', labels: 'environment', roles: '' };
    for (const params of [
      [],
      [configMap('other', { data })],
      [configMap(policy, { data }, 'default')],
    ]) {
      const decision = await decide(policy, params, attempts[policy]);
      t.match(decision, { allowed: false, results: [{ code: 'params-not-found' }] }, policy);
    }
  }
});

test('with nothing in its ConfigMap a policy refuses', async (t) => {
  for (const policy of withParams) {
    for (const rest of [{}, { data: {} }, { data: { users: '', groups: '\n \n', labels: '' } }]) {
      const named = policy === 'guarded-namespace-labels' && 'labels' in (rest.data ?? {});
      const decision = await decide(policy, [configMap(policy, rest)], attempts[policy]);
      // The one list that says what is guarded, and not who may: empty, it guards nothing.
      t.equal(decision.allowed, named, `${policy}: ${JSON.stringify(rest)}`);
    }
  }
});

const named: readonly (readonly [data: Readonly<Record<string, string>>, allowed: boolean])[] = [
  [{ users: 'alice' }, true],
  [{ users: 'bob\n  alice  \n' }, true],
  [{ groups: 'ops' }, true],
  [{ users: 'bob', groups: 'audit\ndev\n' }, true],
  [{ users: 'Alice' }, false],
  [{ users: 'alic\nalicee\nalice,bob' }, false],
  [{ users: '*' }, false],
  [{ users: 'dev', groups: 'alice' }, false],
  [{ groups: 'de\ndevs\ndev,ops' }, false],
  [{ members: 'alice' }, false],
];

test('users and groups are those that the ConfigMap names, letter for letter', async (t) => {
  for (const policy of ['no-exec-in-production', 'guarded-namespace-labels'] as const) {
    for (const [data, allowed] of named) {
      const params = [configMap(policy, { data: { labels: 'environment', ...data } })];
      const decision = await decide(policy, params, attempts[policy]);
      t.equal(decision.allowed, allowed, `${policy}: ${JSON.stringify(data)}`);
    }
  }
});

test('nobody without a name is named by an empty line', async (t) => {
  for (const policy of ['no-exec-in-production', 'guarded-namespace-labels'] as const) {
    const data = { users: '\n\n', groups: '\n', labels: 'environment' };
    const userInfo = { username: '', uid: '', groups: [''], extra: {} };
    const attempt = { ...attempts[policy], userInfo };
    t.equal((await decide(policy, [configMap(policy, { data })], attempt)).allowed, false, policy);
  }
});

const guards: readonly (readonly [labels: string, allowed: boolean])[] = [
  ['team\n environment ', false],
  ['environment/', true],
  ['env', true],
  ['Environment', true],
];

test('labels are guarded by their whole key, or by a prefix that ends with a slash', async (t) => {
  const policy = 'guarded-namespace-labels';
  for (const [labels, allowed] of guards) {
    const params = [configMap(policy, { data: { labels } })];
    const decision = await decide(policy, params, attempts[policy]);
    t.equal(decision.allowed, allowed, labels);
  }
});

const roles: readonly (readonly [data: JsonObject, role: string, allowed: boolean])[] = [
  [{ roles: 'owner\n  root \n' }, 'root', false],
  [{ roles: 'owner' }, 'root', true],
  [{ roles: 'owner' }, 'cluster-admin', false],
  [{ roles: '\n' }, '', true],
  [{}, 'root', true],
];

test('roles as powerful as cluster-admin are added by the ConfigMap, and cluster-admin is never taken off', async (t) => {
  const policy = 'no-cluster-admin-bindings';
  for (const [data, role, allowed] of roles) {
    const attempt = { ...attempts[policy], object: bindingOf(role) };
    const decision = await decide(policy, [configMap(policy, { data })], attempt);
    t.equal(decision.allowed, allowed, `${JSON.stringify(data)}: ${role}`);
  }
});
