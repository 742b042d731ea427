// What the tests of the cluster port have in common: policies that need each port, the least rights for us, custom kinds,
// a gate in this process, and reviews that are sent to it without the API server.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { Agent } from 'node:https';
import { join } from 'node:path';
import { pino } from 'pino';
import type { Test } from 'tap';
import type { LiveOptions } from '../../src/cluster/live/live.ts';
import type { Settings } from '../../src/config/settings.ts';
import { startServer } from '../../src/server/start.ts';
import { definitionFile } from '../docs/definition.ts';
import { type Answered, send, until } from '../server/harness.ts';
import { settingsOf } from '../server/settings.ts';
import { type Cluster, startCluster } from './cluster.ts';

/** One policy on each resource, each with one port that it needs. */
const policy = (name: string, spec: string, binding = ''): string => `
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: {name: ${name}}
spec:
${spec}
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata: {name: ${name}}
spec:
  policyName: ${name}
  validationActions: [Deny]
${binding}
---`;

const onResource = (group: string, resource: string): string =>
  `  matchConstraints: {resourceRules: [{apiGroups: ['${group}'], apiVersions: [v1], operations: [CREATE], resources: [${resource}]}]}`;

export const policies = [
  policy(
    'not-frozen',
    `${onResource('', 'pods')}
  validations: [{expression: "!('frozen' in namespaceObject.metadata.labels)", message: the namespace is frozen}]`,
  ),
  policy(
    'few-ports',
    `${onResource('', 'services')}
  paramKind: {apiVersion: v1, kind: ConfigMap}
  validations: [{expression: "object.spec.ports.size() <= int(params.data.most)", messageExpression: "'more ports than ' + params.data.most"}]`,
    '  paramRef: {name: limits, namespace: gate-params, parameterNotFoundAction: Deny}',
  ),
  policy(
    'bounded-keys',
    `${onResource('', 'configmaps')}
  paramKind: {apiVersion: example.com/v1, kind: Bound}
  validations: [{expression: "object.data.size() <= params.spec.most", messageExpression: "'more keys than ' + string(params.spec.most)"}]`,
    '  paramRef: {selector: {matchLabels: {gate: "yes"}}, parameterNotFoundAction: Deny}',
  ),
  policy(
    'may-read-secrets',
    `${onResource('', 'serviceaccounts')}
  validations: [{expression: "authorizer.group('').resource('secrets').namespace('shop').check('get').allowed()", message: you may not read secrets}]`,
  ),
  policy(
    'no-stars',
    `${onResource('rbac.authorization.k8s.io', 'clusterroles')}
  validations: [{expression: "!object.rules.exists(r, '*' in r.verbs)", message: no stars}]`,
  ),
  `
apiVersion: pod-security.admission.config.k8s.io/v1
kind: PodSecurityConfiguration
defaults: {enforce: privileged}
---
apiVersion: sekisho.dev/v1alpha1
kind: PolicySettings
spec:
  params: {namespaces: [gate-params]}
  exceptions: {namespaces: [gate-exceptions]}
`,
].join('');

const crds = `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: bounds.example.com}
spec:
  group: example.com
  scope: Cluster
  names: {kind: Bound, plural: bounds, singular: bound}
  versions:
  - name: v1
    served: true
    storage: true
    schema: {openAPIV3Schema: {type: object, properties: {spec: {type: object, properties: {most: {type: integer}}}}}}
`;

/** All that we need, and no more: what docs/cluster.md lists. */
export const rights = `apiVersion: v1
kind: Namespace
metadata: {name: shop}
---
apiVersion: v1
kind: Namespace
metadata: {name: gate-params}
---
apiVersion: v1
kind: Namespace
metadata: {name: gate-exceptions}
---
${readFileSync(new URL('../../docs/rbac.yaml', import.meta.url), 'utf8')}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: sekisho-bounds}
rules: [{apiGroups: [example.com], resources: [bounds], verbs: [list, watch]}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: sekisho-bounds}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: sekisho-bounds}
subjects: [{apiGroup: rbac.authorization.k8s.io, kind: User, name: sekisho}]
`;

export const limits = (most: number): string => `apiVersion: v1
kind: ConfigMap
metadata: {name: limits, namespace: gate-params}
data: {most: "${most}"}
`;

export const bound = (most: number): string => `apiVersion: example.com/v1
kind: Bound
metadata: {name: standard, labels: {gate: "yes"}}
spec: {most: ${most}}
`;

export type LocalGate = {
  readonly port: number;
  readonly logged: readonly string[];
  /** `allowed`, or the message of the denial. */
  readonly ask: (kind: keyof typeof asks, changes?: Changes) => Promise<string>;
  readonly ready: () => Promise<string>;
  readonly metric: (line: RegExp) => Promise<string | undefined>;
};

export type LocalOptions = {
  readonly kubeconfig: string;
  readonly live?: LiveOptions;
  readonly settings?: Partial<Settings>;
};

/** A gate in this process, so that its clock and its age limit can be turned. */
export async function startLocalGate(
  t: Test,
  cluster: Cluster,
  { kubeconfig, live = {}, settings = {} }: LocalOptions,
): Promise<LocalGate> {
  const folder = join(cluster.folder, `gate-${t.name.replace(/\W+/g, '-').slice(0, 40)}`);
  mkdirSync(folder, { recursive: true });
  const names = [
    { type: 'dns' as const, value: 'sekisho.sekisho.svc' },
    { type: 'ip' as const, value: '127.0.0.1' },
  ];
  const { cert, key } = await cluster.authority.issue({ commonName: 'sekisho', names });
  const put = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  const logged: string[] = [];
  const log = pino({ level: 'info' }, { write: (line: string) => void logged.push(line) });
  const needed = {
    policies: [put('policies.yaml', policies)],
    tlsCert: put('tls.crt', cert),
    tlsKey: put('tls.key', key),
  };
  const replace = { pollEvery: 50, cluster: live };
  const whole = settingsOf(needed, { kubeconfig, ...settings });
  const started = await startServer(whole, { log, engineVersion: 'test', replace });
  if (!started.ok) throw new Error(JSON.stringify(started.error));
  const { address, metricsAddress, stop } = started.value;
  const agent = new Agent({ keepAlive: true, ca: cluster.authority.certificate });
  t.teardown(async () => {
    agent.destroy();
    await stop();
  });
  const plain = async (path: string): Promise<string> =>
    (await fetch(`http://127.0.0.1:${metricsAddress.port}${path}`)).text();
  return {
    port: address.port,
    logged,
    ask: askGate(agent, address.port),
    ready: async () => (await plain('/readyz')).trim(),
    metric: async (line) => (await plain('/metrics')).split('\n').find((each) => line.test(each)),
  };
}

/** Sends the gate at this port what the API server would. */
export function askGate(agent: Agent, port: number): LocalGate['ask'] {
  return async (kind, changes = {}) => {
    const { json } = await send({ agent, port, body: review(kind, changes) });
    return textOf(json);
  };
}

/** With the custom kinds, rights for us and the params of these policies; it ends with the test. */
export async function startWatchedCluster(t: Test, given = rights): Promise<Cluster> {
  const cluster = await startCluster();
  t.teardown(() => cluster.stop());
  await cluster.apply(`${crds}---\n${readFileSync(definitionFile, 'utf8')}`);
  await cluster.kubectl(['wait', '--for=condition=Established', 'crd', '--all', '--timeout=30s']);
  await cluster.apply(`${given}---\n${limits(2)}---\n${bound(2)}`);
  return cluster;
}

/** To wait for, of what a gate answers. */
export const isAllowed = (text: string): boolean => text === 'allowed';
export const says =
  (words: string) =>
  (text: string): boolean =>
    text.includes(words);

/** A label that changes now is seen: the watch, or a list, works. */
export async function changedLabelIsSeen(
  cluster: Cluster,
  { ask }: Pick<LocalGate, 'ask'>,
): Promise<void> {
  await cluster.kubectl(['label', 'namespace', 'shop', 'frozen=yes']);
  await until(() => ask('pod'), says('the namespace is frozen'));
  await cluster.kubectl(['label', 'namespace', 'shop', 'frozen-']);
  await until(() => ask('pod'), isAllowed);
}

function textOf({ response }: Answered): string {
  if (response === undefined) return 'no answer';
  return response.allowed ? 'allowed' : (response.status?.message ?? '');
}

export type Changes = {
  readonly namespace?: string;
  readonly name?: string;
  readonly user?: string;
  readonly object?: object;
};

type Asked = {
  readonly group: string;
  readonly kind: string;
  readonly resource: string;
  readonly namespaced: boolean;
  readonly object: object;
};

const ports = [{ port: 80 }, { port: 81 }, { port: 82 }];
const asks = {
  pod: row('', 'Pod', 'pods', { spec: { containers: [{ name: 'web', image: 'web' }] } }),
  service: row('', 'Service', 'services', { spec: { ports } }),
  configMap: row('', 'ConfigMap', 'configmaps', { data: { a: '', b: '', c: '' } }),
  account: row('', 'ServiceAccount', 'serviceaccounts', {}),
  role: {
    ...row('rbac.authorization.k8s.io', 'ClusterRole', 'clusterroles', { rules: [] }),
    namespaced: false,
  },
} as const;

function row(group: string, kind: string, resource: string, object: object): Asked {
  return { group, kind, resource, namespaced: true, object };
}

function review(of: keyof typeof asks, changes: Changes): string {
  const { group, kind, resource, namespaced, object } = asks[of];
  const { namespace = 'shop', name = 'web', user = 'alice' } = changes;
  const place = namespaced ? { namespace } : {};
  const apiVersion = group === '' ? 'v1' : `${group}/v1`;
  const request = {
    uid: 'df963d50-e631-490d-8159-2dcaa11603c6',
    kind: { group, version: 'v1', kind },
    resource: { group, version: 'v1', resource },
    ...{ requestKind: { group, version: 'v1', kind } },
    requestResource: { group, version: 'v1', resource },
    ...{ name, ...place, operation: 'CREATE', dryRun: false, oldObject: null },
    userInfo: { username: user, groups: ['system:authenticated'] },
    object: { apiVersion, kind, metadata: { name, ...place }, ...object, ...changes.object },
    options: { apiVersion: 'meta.k8s.io/v1', kind: 'CreateOptions' },
  };
  return JSON.stringify({ apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', request });
}
