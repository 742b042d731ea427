// The whole bundle and a pod that keeps all of it, at the restricted level: what each test then breaks in one place.
import { type JsonObject, type JsonValue, setOwn } from '../../src/base/json.ts';
import { ok } from '../../src/base/result.ts';
import { admit } from '../../src/engine/admit.ts';
import type { Ports } from '../../src/engine/ports.ts';
import { workloadKinds } from '../../src/k8s/pod-template.ts';
import type { Attempt } from '../../src/model/attempt.ts';
import type { Decision } from '../../src/model/decision.ts';
import { attemptOf, now } from '../fixtures/attempts.ts';
import { plainPorts } from '../fixtures/ports.ts';
import { bundlePath, policySetAt } from '../policies/load.ts';

export const bundle = await policySetAt(bundlePath);

export const image = `registry.example.com/shop/web@sha256:${'ab12'.repeat(16)}`;

export const container = (name: string, changes: JsonObject = {}): JsonObject => ({
  name,
  image,
  resources: {
    limits: { memory: '128Mi' },
    requests: { cpu: '100m', memory: '64Mi' },
  },
  securityContext: {
    allowPrivilegeEscalation: false,
    readOnlyRootFilesystem: true,
    capabilities: { drop: ['ALL'] },
  },
  ...changes,
});

/** Keeps every rule. */
export const pod = (spec: JsonObject = {}, metadata: JsonObject = {}): JsonObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'web', namespace: 'shop', ...metadata },
  spec: {
    automountServiceAccountToken: false,
    securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
    containers: [container('web')],
    ...spec,
  },
});

export type Labels = Readonly<Record<string, string>>;
export const restricted: Labels = { 'pod-security.kubernetes.io/enforce': 'restricted' };

export const ports = (labels: Labels): Ports => ({
  ...plainPorts,
  namespace: async (name) =>
    ok({
      value: {
        apiVersion: 'v1',
        kind: 'Namespace',
        metadata: { name, labels: { ...labels, 'kubernetes.io/metadata.name': name } },
      },
      at: now,
    }),
});

export function decide(attempt: Partial<Attempt>, labels: Labels = restricted): Promise<Decision> {
  return admit(bundle, attemptOf(attempt), ports(labels));
}

/** Every rule that denies. */
export const denying = ({ results }: Decision): readonly string[] => [
  ...new Set(results.filter((r) => r.actions.includes('deny')).map((r) => r.rule)),
];

export type Holder = {
  readonly name: string;
  /** The attempt that brings this pod. */
  readonly attempt: (pod: JsonObject) => Partial<Attempt>;
};

const gvk = (group: string, kind: string) => ({ group, version: 'v1', kind });

/** The object at the end of a path of its own. */
function nested(path: readonly (string | number)[], inner: JsonValue): JsonObject {
  const [step = '', ...rest] = path;
  const made: Record<string, JsonValue> = {};
  setOwn(made, String(step), rest.length === 0 ? inner : nested(rest, inner));
  return made;
}

/** A workload of each kind whose template makes the pod. */
export const workloads: readonly Holder[] = workloadKinds.map(
  ({ group, kind, resource, path }): Holder => ({
    name: `the template of a ${kind}`,
    attempt: ({ metadata = {}, spec = null }) => ({
      kind: gvk(group, kind),
      resource: { group, version: 'v1', resource },
      object: {
        apiVersion: group === '' ? 'v1' : `${group}/v1`,
        kind,
        metadata: { name: 'web', namespace: 'shop' },
        ...nested(path, { metadata, spec }),
      },
    }),
  }),
);

const updated = (subResource: string): Holder => ({
  name: subResource === '' ? 'an UPDATE of a Pod' : `pods/${subResource}`,
  attempt: (object) => ({ operation: 'UPDATE', subResource, object, oldObject: pod() }),
});

export const created: Holder = { name: 'a Pod', attempt: (object) => ({ object }) };
export const updates: readonly Holder[] = ['', 'resize', 'ephemeralcontainers'].map(updated);
/** Nobody knows it yet; Pod Security judges what holds a Pod. */
export const unknownSubresource: Holder = updated('teleport');
