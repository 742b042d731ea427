// The eight built-in kinds that make Pods from a template, and where the template stands in each.
// Upstream: DefaultPodSpecExtractor in k8s.io/pod-security-admission/admission.
import type { FieldPath } from '../base/field-path.ts';
import { get, getIn, isObject, type JsonObject } from '../base/json.ts';

export type WorkloadKind = {
  readonly group: string;
  readonly kind: string;
  readonly resource: string;
  /** Of the template in the object: its `metadata` and `spec` are those of the Pod. */
  readonly path: FieldPath;
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

/** The Pod that a workload's template makes; undefined when it is no workload, or has no template. */
export function podTemplate(
  kind: { readonly group: string; readonly kind: string },
  object: JsonObject,
): PodTemplate | undefined {
  const workload = workloadKinds.find((w) => w.group === kind.group && w.kind === kind.kind);
  if (workload === undefined) return undefined;
  const template = getIn(object, workload.path);
  if (!isObject(template)) return undefined;
  const pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: get(template, 'metadata') ?? {},
    ...(Object.hasOwn(template, 'spec') ? { spec: template['spec'] ?? null } : {}),
  };
  return { pod, path: workload.path };
}
