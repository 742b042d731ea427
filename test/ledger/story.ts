// Three days of two replicas, as their ledgers hold them: made by the engine and the writer, with fixed clocks and ids.
import { join } from 'node:path';
import type { JsonObject } from '../../src/base/json.ts';
import { ok } from '../../src/base/result.ts';
import { admit } from '../../src/engine/admit.ts';
import type { Ports } from '../../src/engine/ports.ts';
import type { Ledger } from '../../src/ledger/store/options.ts';
import type { Attempt } from '../../src/model/attempt.ts';
import { buildPolicySet } from '../../src/policy/build.ts';
import type { PolicySet } from '../../src/policy/model.ts';
import { readDocuments } from '../../src/yaml/read.ts';
import { attemptOf } from '../fixtures/attempts.ts';
import { opened } from './opened.ts';

const policy = (name: string, resource: string, rest: string, actions: string): string => `
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: {name: ${name}, annotations: {${rest.split('\n')[0]}}}
spec:
  matchConstraints:
    resourceRules: [{apiGroups: [""], apiVersions: [v1], operations: [CREATE, UPDATE], resources: [${resource}]}]
  validations: ${rest.split('\n').slice(1).join('\n')}
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata: {name: ${name}}
spec: {policyName: ${name}, validationActions: [${actions}]}
---`;

const parts = [
  policy(
    'no-host-network',
    'pods',
    `sekisho.dev/rule-names: host-network, sekisho.dev/controls: "cis-k8s:5.2.5, nist-800-190:4.4.3", sekisho.dev/remedy: remove hostNetwork
[{expression: "!has(object.spec.hostNetwork) || !object.spec.hostNetwork", message: host network is for nodes}]`,
    'Deny',
  ),
  policy(
    'team-label',
    'pods',
    `sekisho.dev/rule-names: team
[{expression: "has(object.metadata.labels) && 'team' in object.metadata.labels", message: no team answers for it}]`,
    'Warn',
  ),
  policy(
    'config-size',
    'configmaps',
    `sekisho.dev/rule-names: size, sekisho.dev/controls: "pci-dss-4.0:6.5.4"
[{expression: object.data.size() < 100, message: too many keys}]`,
    'Deny',
  ),
  `
apiVersion: pod-security.admission.config.k8s.io/v1
kind: PodSecurityConfiguration
defaults: {enforce: baseline}
---
apiVersion: sekisho.dev/v1alpha1
kind: PolicyException
metadata: {name: node-exporter}
spec:
  rules: [no-host-network/host-network, pod-security/hostNamespaces]
  match: {namespaces: [monitoring], users: ['system:serviceaccount:monitoring:deployer']}
  reason: it reads the network counters of the node
  owner: team-observability
  ticket: OBS-482
  approvedBy: carol
  expires: "2027-03-31"
`,
];

const first = parts.join('');
/** The second law has one policy less. */
const second = parts.toSpliced(1, 1).join('');

export function law(text: string): PolicySet {
  const read = readDocuments(text, 'policies.yaml');
  const built = buildPolicySet([read.documents], { now: '2026-11-01T00:00:00Z' });
  if (!built.ok || read.faults.length > 0) {
    throw new Error(JSON.stringify([read.faults, built.ok ? [] : built.error], null, 1));
  }
  return built.value;
}

const namespace = (name: string): JsonObject => ({
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: { name, labels: { 'kubernetes.io/metadata.name': name } },
});

function portsFor({ namespace: name, now }: Attempt): Ports {
  return {
    namespace: async () => ok({ value: namespace(name), at: now }),
    params: async () => ok({ value: [], at: now }),
    turn: { elapsed: () => 0, yield: async () => undefined },
  };
}

export function pod(spec: JsonObject = {}, labels: JsonObject = { team: 'web' }): JsonObject {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'web', namespace: 'shop', labels },
    spec: { containers: [{ name: 'web', image: 'nginx' }], ...spec },
  };
}

/** Ids count; the clock is what was set last. */
export function worldOf(replica: string) {
  let ids = 0;
  let now = '2026-11-01T08:00:00.000Z';
  const own = Buffer.from(replica).toString('hex').slice(-4).padStart(4, '0');
  const newId = (): string => {
    ids += 1;
    return `01941f2e-${String(ids).padStart(4, '0')}-7000-8000-${own}${String(ids).padStart(8, '0')}`;
  };
  const set = (time: string): void => {
    now = time;
  };
  return { newId, set, now: () => now };
}

export type World = ReturnType<typeof worldOf>;

export type Writer = {
  readonly ledger: Ledger;
  readonly world: World;
  policySet: PolicySet;
  revision: string | null;
};

export async function writerIn(folder: string, replica: string): Promise<Writer> {
  const world = worldOf(replica);
  const { newId, now } = world;
  const ledger = await opened(folder, {
    ...{ replica, cluster: 'prod', engine: '0.1.0', newId, now },
    monotonic: () => Date.parse(now()),
    checkpointEvery: 1_000_000_000,
  });
  return { ledger, world, policySet: law(first), revision: '4fe1c9a' };
}

export async function decide(
  { ledger, world, policySet, revision }: Writer,
  now: string,
  attempt: Partial<Attempt>,
): Promise<string> {
  world.set(now);
  const made = attemptOf({ object: pod(), now, ...attempt });
  const decision = await admit(policySet, made, portsFor(made));
  const id = world.newId();
  const stages = { queue: 0.1, read: 0.25, decide: 0.8 };
  const entry = { kind: 'decision', id, attempt: made, decision } as const;
  await ledger.append({ ...entry, engineVersion: '0.1.0', durationMs: 1.2, stages, revision });
  return id;
}

export async function start(writer: Writer): Promise<void> {
  const { ledger, world, policySet, revision } = writer;
  const { hash, text } = policySet;
  await ledger.append({
    ...{ kind: 'start', id: world.newId(), engine: '0.1.0', node: 'v24.0.0', mode: 'Enforce' },
    ...{ policySet: hash, revision, policies: text, settings: { listen: '[::]:8443' } },
  });
}

const user = (username: string, ...groups: string[]): Attempt['userInfo'] => ({
  ...{ username, uid: '', extra: {} },
  groups: [...groups, 'system:authenticated'],
});
const deployer = user('system:serviceaccount:monitoring:deployer', 'system:serviceaccounts');
const configMap = { group: '', version: 'v1', kind: 'ConfigMap' };
const configMaps = { group: '', version: 'v1', resource: 'configmaps' };

async function firstReplica(folder: string): Promise<void> {
  const writer = await writerIn(folder, 'gate-0');
  const { ledger, world } = writer;
  await start(writer);
  await decide(writer, '2026-11-01T08:00:01.250Z', { uid: 'u-1' });
  await decide(writer, '2026-11-01T08:05:00.000Z', {
    uid: 'u-2',
    object: pod({}, {}),
    name: 'unlabelled',
  });
  const hostile = {
    ...{ uid: 'u-3', userInfo: user('mallory\u001b[2J') },
    object: pod({ hostNetwork: true }),
  };
  await decide(writer, '2026-11-01T09:00:00.000Z', hostile);
  await decide(writer, '2026-11-01T10:00:00.000Z', {
    ...{ uid: 'u-4', userInfo: deployer, namespace: 'monitoring', name: 'node-exporter' },
    object: pod({ hostNetwork: true }),
  });
  world.set('2026-11-02T07:00:00.000Z');
  const before = writer.policySet.hash;
  writer.policySet = law(second);
  writer.revision = '9b02d7e';
  const { hash, text } = writer.policySet;
  await ledger.append({
    ...{ kind: 'reload', id: world.newId(), outcome: 'accepted', policySet: hash, from: before },
    ...{ revision: '9b02d7e', policies: text, warnings: [], faults: [] },
  });
  await ledger.append({
    ...{ kind: 'reload', id: world.newId(), outcome: 'refused', policySet: hash, from: hash },
    ...{ revision: 'e11f003', policies: null, warnings: [] },
    faults: ['policies/a.yaml:3:1: yaml-syntax: <b>not</b> YAML'],
  });
  const changed = {
    operation: 'UPDATE',
    oldObject: pod({ hostNetwork: true }),
    uid: 'u-5',
  } as const;
  await decide(writer, '2026-11-02T08:00:00.000Z', changed);
  await decide(writer, '2026-11-02T08:30:00.000Z', {
    ...{ uid: 'u-6', kind: configMap, resource: configMaps, name: '=HYPERLINK("evil")' },
    object: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'x', namespace: 'shop' } },
  });
  world.set('2026-11-02T09:00:00.000Z');
  await ledger.append({
    ...{ kind: 'unreadable', id: world.newId(), at: world.now(), code: 'review-syntax' },
    ...{ message: 'the body is not JSON in UTF-8', uid: null, bytes: 12, sha256: '00'.repeat(32) },
  });
  const sample = { cause: 'no client certificate', address: '10.0.0.9' };
  await ledger.append({
    ...{ kind: 'refused', id: world.newId(), count: 12, sample },
    ...{ from: '2026-11-02T08:59:00.000Z', to: '2026-11-02T09:00:00.000Z' },
  });
  world.set('2026-11-02T18:00:00.000Z');
  await ledger.close('SIGTERM');
}

async function secondReplica(folder: string): Promise<void> {
  const writer = await writerIn(folder, 'gate-1');
  const { ledger, world } = writer;
  await start(writer);
  await decide(writer, '2026-11-01T08:02:00.000Z', { uid: 'v-1', userInfo: user('bob') });
  await decide(writer, '2026-11-01T09:30:00.000Z', {
    ...{ uid: 'v-2', userInfo: user('bob'), dryRun: true },
    object: pod({ hostNetwork: true, hostPID: true }),
  });
  await decide(writer, '2026-11-03T08:00:00.000Z', {
    uid: 'v-3',
    operation: 'DELETE',
    object: null,
    oldObject: pod(),
  });
  const late = await decide(writer, '2026-11-03T08:00:10.000Z', { uid: 'v-4' });
  await ledger.append({
    ...{ kind: 'withdrawn', id: world.newId(), decision: late },
    cause: 'the record was durable after its deadline',
  });
  world.set('2026-11-03T12:00:00.000Z');
  await ledger.close('SIGTERM');
}

/** Folders `gate-0` and `gate-1`. */
export async function story(root: string): Promise<readonly string[]> {
  const folders = ['gate-0', 'gate-1'].map((name) => join(root, name));
  await firstReplica(folders[0] ?? '');
  await secondReplica(folders[1] ?? '');
  return folders;
}

/** Keys are born anew in every run, and segments compressed beside: what follows from that is not compared. */
export function masked(text: string): string {
  return text
    .replaceAll('.jsonl.zst', '.jsonl')
    .replace(/(?<!sha256:)\b[0-9a-f]{64}\b/g, (hash) => '#'.repeat(hash.length))
    .replace(/[0-9A-Za-z+/]{43}=|[0-9A-Za-z+/]{91}=/g, (key) => '#'.repeat(key.length));
}
