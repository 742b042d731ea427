// A guarded cluster as people find it: namespaces, a developer with rights in them, the gate with the bundle behind its
// webhook, and what is left when all is done: the API server's audit log and the ledger, which must agree.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Test } from 'tap';
import { getIn, isObject, type JsonObject, type JsonValue } from '../../src/base/json.ts';
import { sekisho } from '../cli/harness.ts';
import { root } from '../gate.ts';
import {
  type Cluster,
  type Gate,
  service,
  startCluster,
  startGate,
  untilAccounts,
  untilRefused,
  webhookOf,
} from './cluster.ts';
import { until } from './processes.ts';

export type Scene = {
  readonly cluster: Cluster;
  readonly ledger: string;
  /** A file of policies beside the bundle, which the gate reads again when it changes. */
  readonly policies: string;
  readonly gate: () => Gate;
  /** Ends the gate alone. */
  stopGate(signal?: 'SIGTERM' | 'SIGKILL'): Promise<void>;
  /** Starts it again on the same port, with the same ledger. */
  startGate(): Promise<void>;
};

export type SceneOptions = {
  /** Policies beside the bundle, as YAML. */
  readonly policies?: string;
  /** What is created before the gate is asked about anything. */
  readonly before?: string;
  /** Further flags of `serve`. */
  readonly serve?: readonly string[];
};

export const namespaces = `apiVersion: v1
kind: Namespace
metadata: {name: shop}
---
apiVersion: v1
kind: Namespace
metadata: {name: payments, labels: {environment: production}}
---
apiVersion: v1
kind: Namespace
metadata: {name: vault, labels: {sekisho.dev/network: default-deny}}
`;

/** alice may do as she likes in all of them, and look after the namespaces themselves. */
const rights = `apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: developer}
rules:
- {apiGroups: ["", apps, batch, argoproj.io, networking.k8s.io], resources: ["*"], verbs: ["*"]}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: developers}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: developer}
subjects: [{kind: Group, apiGroup: rbac.authorization.k8s.io, name: team-shop}]
`;

export async function startScene(
  t: Test,
  { policies = '', before = '', serve = [] }: SceneOptions = {},
): Promise<Scene> {
  const cluster = await startCluster();
  t.teardown(() => cluster.stop());
  const objects = join(cluster.folder, 'objects.yaml');
  writeFileSync(objects, namespaces);
  const own = join(cluster.folder, 'policies.yaml');
  writeFileSync(own, policies);
  const ledger = join(cluster.folder, 'ledger');
  const flags = ['-p', join(root, 'policies'), ...(policies === '' ? [] : ['-p', own])];
  const started = (port: number): Promise<Gate> =>
    startGate(cluster, [
      ...['--listen', `127.0.0.1:${port}`, '--ledger', ledger],
      ...['--cluster-objects', objects],
      ...flags,
      ...serve,
    ]);
  const running = { gate: await started(0) };
  t.teardown(() => running.gate.stop());
  await cluster.apply(`${service}---\n${namespaces}---\n${rights}`);
  if (before !== '') await cluster.apply(before);
  await untilAccounts(cluster, ['shop', 'payments']);
  const { port } = running.gate;
  await cluster.apply(await webhookOf(cluster, port, flags));
  await untilRefused(cluster, pod('probe', { hostPID: true }));
  return {
    ...{ cluster, ledger, policies: own, gate: () => running.gate },
    async stopGate(signal = 'SIGTERM') {
      if (signal === 'SIGKILL') process.kill(running.gate.pid, signal);
      await running.gate.stop();
    },
    async startGate() {
      running.gate = await started(port);
    },
  };
}

const image =
  'registry.example.com/shop/web@sha256:ab12ab12ab12ab12ab12ab12ab12ab12ab12ab12ab12ab12ab12ab12ab12ab12';

/** Keeps every rule of the bundle. */
export const podSpec = {
  automountServiceAccountToken: false,
  securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
  containers: [
    {
      name: 'web',
      image,
      resources: { limits: { memory: '128Mi' }, requests: { cpu: '100m', memory: '64Mi' } },
      securityContext: {
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ['ALL'] },
      },
    },
  ],
} as const satisfies JsonObject;

/** JSON, which is YAML. `spec` is laid over one that keeps every rule. */
export function pod(name: string, spec: JsonObject = {}, namespace = 'shop'): string {
  const whole = { ...podSpec, ...spec };
  return manifest({ apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace }, spec: whole });
}

export function manifest(object: JsonObject): string {
  return `${JSON.stringify(object, undefined, 1)}\n`;
}

/** Every decision that the audit log names is in the ledger, and the other way round. */
export async function proveWitnessed(t: Test, { cluster, ledger, stopGate }: Scene): Promise<void> {
  await stopGate();
  const records = await decisionsIn(ledger);
  const recorded = records.map(({ id }) => String(id));
  const claimed = (): Set<string> => new Set(auditEvents(cluster).flatMap(idsOf));
  // An event is written after the answer was sent.
  await until('the last audit events', 10, async () => claimed().size >= recorded.length).catch(
    () => undefined,
  );
  t.ok(recorded.length >= 5, `${recorded.length} decisions`);
  const told = claimed();
  t.strictSame(
    [...told].filter((id) => !recorded.includes(id)),
    [],
    'each decision of the audit log is in the ledger',
  );
  // A write that conflicts is admitted again, and of several answers an event keeps the first.
  const answered = new Set(records.filter(({ id }) => told.has(String(id))).map(writeOf));
  t.strictSame(
    records.filter((each) => !told.has(String(each['id'])) && !answered.has(writeOf(each))),
    [],
    'each decision of the ledger is in the audit log, or is a repetition of one that is',
  );
  const witness = ['--keys', join(ledger, 'keys.json'), '--witness', cluster.auditLog];
  const ran = await sekisho('', ['ledger', 'verify', ledger, ...witness, '-o', 'json']);
  t.equal(ran.code, 0, ran.stdout.slice(0, 2000) + ran.stderr);
}

/** Records of the kind decision, in their order. */
export async function decisionsIn(ledger: string): Promise<readonly JsonObject[]> {
  const flags = ['--kind', 'decision', '-o', 'jsonl'];
  const { stdout } = await sekisho('', ['ledger', 'show', ledger, ...flags]);
  return linesOf(stdout);
}

/** Who wrote what. */
function writeOf({ attempt = null }: JsonObject): string {
  const parts = ['operation', 'resource', 'subResource', 'namespace', 'name'];
  const user = getIn(attempt, ['userInfo', 'username']);
  return JSON.stringify([user ?? null, ...parts.map((part) => getIn(attempt, [part]) ?? null)]);
}

export function auditEvents({ auditLog }: Cluster): readonly JsonObject[] {
  return linesOf(readFileSync(auditLog, 'utf8'));
}

/** Annotations of one event, by key. */
export function annotationsOf(event: JsonObject): JsonObject {
  const annotations = event['annotations'];
  return isObject(annotations) ? annotations : {};
}

function idsOf(event: JsonObject): string[] {
  const found = Object.entries(annotationsOf(event));
  return found.flatMap(([key, value]) => (key.endsWith('/decision-id') ? [String(value)] : []));
}

function linesOf(text: string): JsonObject[] {
  const values: JsonValue[] = text
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line));
  return values.filter(isObject);
}
