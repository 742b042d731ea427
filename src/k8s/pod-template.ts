// The eight built-in kinds that make Pods from a template, and where the template stands in each. PolicySettings
// add kinds of custom resources; the Pod itself is always judged too.
// Upstream: DefaultPodSpecExtractor in k8s.io/pod-security-admission/admission.
import type { FieldPath } from '../base/field-path.ts';
import { get, isArray, isObject, type JsonObject, type JsonValue } from '../base/json.ts';
import { type PartForm, partForms } from './pod-part.ts';

export type WorkloadKind = {
  readonly group: string;
  readonly kind: string;
  readonly resource: string;
  /** Of the template in the object: its `metadata` and `spec` are those of the Pod. `*` stands for every key or index. */
  readonly path: FieldPath;
  /** It is no template: only part of a Pod, in words of its own. No policy sees it, but Pod Security. */
  readonly part?: PartForm;
};

const inSpec: FieldPath = ['spec', 'template'];

/** By group and kind, whatever the version. */
export const workloadKinds: readonly WorkloadKind[] = [
  { group: 'apps', kind: 'Deployment', resource: 'deployments', path: inSpec },
  { group: 'apps', kind: 'ReplicaSet', resource: 'replicasets', path: inSpec },
  { group: 'apps', kind: 'StatefulSet', resource: 'statefulsets', path: inSpec },
  { group: 'apps', kind: 'DaemonSet', resource: 'daemonsets', path: inSpec },
  { group: '', kind: 'ReplicationController', resource: 'replicationcontrollers', path: inSpec },
  { group: 'batch', kind: 'Job', resource: 'jobs', path: inSpec },
  {
    group: 'batch',
    kind: 'CronJob',
    resource: 'cronjobs',
    path: ['spec', 'jobTemplate', 'spec', 'template'],
  },
  { group: '', kind: 'PodTemplate', resource: 'podtemplates', path: ['template'] },
];

export type PodTemplate = {
  /** A Pod with the template's metadata and spec. */
  readonly pod: JsonObject;
  /** Where the template stands in the owner: a path in `pod` continues it. */
  readonly path: FieldPath;
};

type Kind = { readonly group: string; readonly kind: string };

/** The Pods that a workload's templates make; none when it is no workload, or has no template. */
export function podTemplates(
  kind: Kind,
  object: JsonObject,
  workloads: readonly WorkloadKind[] = workloadKinds,
): readonly PodTemplate[] {
  return workloadsOf(kind, workloads)
    .filter(({ part }) => part === undefined)
    .flatMap(({ path }) => objectsAt(object, path))
    .map(({ value, path }) => ({ pod: podOf(value), path }));
}

/** One kind may hold several, at several places. */
function workloadsOf(
  { group, kind }: Kind,
  workloads: readonly WorkloadKind[],
): readonly WorkloadKind[] {
  return workloads.filter((w) => w.group === group && w.kind === kind);
}

export type PodPart = PodTemplate & { readonly form: PartForm };

/** What Pods are made of beside templates, as Pods: everything that is not said there is not set. */
export function podParts(
  kind: Kind,
  object: JsonObject,
  workloads: readonly WorkloadKind[],
): readonly PodPart[] {
  return workloadsOf(kind, workloads).flatMap(({ part, path: pattern }) =>
    part === undefined
      ? []
      : objectsAt(object, pattern).map(({ value, path }) => ({
          ...{ path, form: part },
          pod: { apiVersion: 'v1', kind: 'Pod', metadata: {}, spec: partForms[part].spec(value) },
        })),
  );
}

function objectsAt(root: JsonObject, pattern: FieldPath) {
  return placesOf(root, pattern).flatMap(({ value, path }) =>
    isObject(value) ? [{ value, path }] : [],
  );
}

function podOf(template: JsonObject): JsonObject {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: get(template, 'metadata') ?? {},
    ...(Object.hasOwn(template, 'spec') ? { spec: template['spec'] ?? null } : {}),
  };
}

type Found = { readonly value: JsonValue; readonly path: FieldPath };

/** Everything that the pattern names in the value. */
function placesOf(root: JsonValue, pattern: FieldPath): readonly Found[] {
  let found: readonly Found[] = [{ value: root, path: [] }];
  for (const step of pattern) {
    found = found.flatMap(({ value, path }) =>
      below(value, step).map(([key, each]) => ({ value: each, path: [...path, key] })),
    );
  }
  return found;
}

function below(value: JsonValue, step: string | number): readonly [string | number, JsonValue][] {
  if (step === '*' && isArray(value)) return value.map((item, i) => [i, item]);
  if (step === '*' && isObject(value)) return Object.entries(value);
  const member = get(value, String(step));
  return member === undefined ? [] : [[step, member]];
}
