// Kinds to resources without a cluster: the built-in ones from a table, by group and kind whatever the version,
// custom ones from their definitions, any other by Kubernetes' own guess of the plural.
// Upstream: `kubectl api-resources`, and UnsafeGuessKindToResource in k8s.io/apimachinery/pkg/api/meta.
import { get, getIn, type JsonValue } from '../base/json.ts';
import type { GroupVersionKind, GroupVersionResource } from './gvk.ts';

export type ResourceName = { readonly resource: string; readonly namespaced: boolean };

/** GROUP: `Kind resource` of namespaced kinds, then of cluster-scoped ones. */
const table: readonly [group: string, namespaced: string, cluster: string][] = [
  [
    '',
    'Binding bindings, ConfigMap configmaps, Endpoints endpoints, Event events, LimitRange limitranges, PersistentVolumeClaim persistentvolumeclaims, Pod pods, PodTemplate podtemplates, ReplicationController replicationcontrollers, ResourceQuota resourcequotas, Secret secrets, Service services, ServiceAccount serviceaccounts',
    'ComponentStatus componentstatuses, Namespace namespaces, Node nodes, PersistentVolume persistentvolumes',
  ],
  [
    'apps',
    'ControllerRevision controllerrevisions, DaemonSet daemonsets, Deployment deployments, ReplicaSet replicasets, StatefulSet statefulsets',
    '',
  ],
  ['batch', 'CronJob cronjobs, Job jobs', ''],
  ['autoscaling', 'HorizontalPodAutoscaler horizontalpodautoscalers', ''],
  ['policy', 'PodDisruptionBudget poddisruptionbudgets', 'PodSecurityPolicy podsecuritypolicies'],
  [
    'extensions',
    'DaemonSet daemonsets, Deployment deployments, Ingress ingresses, NetworkPolicy networkpolicies, ReplicaSet replicasets',
    'PodSecurityPolicy podsecuritypolicies',
  ],
  [
    'networking.k8s.io',
    'Ingress ingresses, NetworkPolicy networkpolicies',
    'IPAddress ipaddresses, IngressClass ingressclasses, ServiceCIDR servicecidrs',
  ],
  [
    'rbac.authorization.k8s.io',
    'Role roles, RoleBinding rolebindings',
    'ClusterRole clusterroles, ClusterRoleBinding clusterrolebindings',
  ],
  [
    'storage.k8s.io',
    'CSIStorageCapacity csistoragecapacities',
    'CSIDriver csidrivers, CSINode csinodes, StorageClass storageclasses, VolumeAttachment volumeattachments, VolumeAttributesClass volumeattributesclasses',
  ],
  [
    'admissionregistration.k8s.io',
    '',
    'MutatingAdmissionPolicy mutatingadmissionpolicies, MutatingAdmissionPolicyBinding mutatingadmissionpolicybindings, MutatingWebhookConfiguration mutatingwebhookconfigurations, ValidatingAdmissionPolicy validatingadmissionpolicies, ValidatingAdmissionPolicyBinding validatingadmissionpolicybindings, ValidatingWebhookConfiguration validatingwebhookconfigurations',
  ],
  ['apiextensions.k8s.io', '', 'CustomResourceDefinition customresourcedefinitions'],
  ['apiregistration.k8s.io', '', 'APIService apiservices'],
  ['authentication.k8s.io', '', 'SelfSubjectReview selfsubjectreviews, TokenReview tokenreviews'],
  [
    'authorization.k8s.io',
    'LocalSubjectAccessReview localsubjectaccessreviews',
    'SelfSubjectAccessReview selfsubjectaccessreviews, SelfSubjectRulesReview selfsubjectrulesreviews, SubjectAccessReview subjectaccessreviews',
  ],
  [
    'certificates.k8s.io',
    'PodCertificateRequest podcertificaterequests',
    'CertificateSigningRequest certificatesigningrequests, ClusterTrustBundle clustertrustbundles',
  ],
  ['coordination.k8s.io', 'Lease leases, LeaseCandidate leasecandidates', ''],
  ['discovery.k8s.io', 'EndpointSlice endpointslices', ''],
  ['events.k8s.io', 'Event events', ''],
  [
    'flowcontrol.apiserver.k8s.io',
    '',
    'FlowSchema flowschemas, PriorityLevelConfiguration prioritylevelconfigurations',
  ],
  ['node.k8s.io', '', 'RuntimeClass runtimeclasses'],
  [
    'resource.k8s.io',
    'ResourceClaim resourceclaims, ResourceClaimTemplate resourceclaimtemplates',
    'DeviceClass deviceclasses, DeviceTaintRule devicetaintrules, ResourceSlice resourceslices',
  ],
  ['scheduling.k8s.io', '', 'PriorityClass priorityclasses'],
];

const builtIn: ReadonlyMap<string, ResourceName> = new Map(
  table.flatMap(([group, namespaced, cluster]) => [
    ...rows(group, namespaced, true),
    ...rows(group, cluster, false),
  ]),
);

function rows(group: string, text: string, namespaced: boolean): [string, ResourceName][] {
  if (text === '') return [];
  return text.split(', ').map((row) => {
    const [kind = '', resource = ''] = row.split(' ');
    return [`${group}/${kind}`, { resource, namespaced }];
  });
}

/** The resource of a built-in kind; undefined for any other. */
export function resourceFor(group: string, kind: string): ResourceName | undefined {
  return builtIn.get(`${group}/${kind}`);
}

/** Kinds that are no resource: what is sent to a subresource. All of these belong to core v1. */
const subresources: ReadonlyMap<string, { resource: string; sub: string; connect: boolean }> =
  new Map([
    ['/PodExecOptions', { resource: 'pods', sub: 'exec', connect: true }],
    ['/PodAttachOptions', { resource: 'pods', sub: 'attach', connect: true }],
    ['/PodPortForwardOptions', { resource: 'pods', sub: 'portforward', connect: true }],
    ['/PodProxyOptions', { resource: 'pods', sub: 'proxy', connect: true }],
    ['/ServiceProxyOptions', { resource: 'services', sub: 'proxy', connect: true }],
    ['/NodeProxyOptions', { resource: 'nodes', sub: 'proxy', connect: true }],
    ['policy/Eviction', { resource: 'pods', sub: 'eviction', connect: false }],
    [
      'authentication.k8s.io/TokenRequest',
      { resource: 'serviceaccounts', sub: 'token', connect: false },
    ],
  ]);

/** `GROUP/KIND` to the resource that a CustomResourceDefinition names. */
export type CustomKinds = ReadonlyMap<string, ResourceName>;

export type MappedResource = {
  readonly resource: GroupVersionResource;
  /** "" when there is none. */
  readonly subResource: string;
  readonly namespaced: boolean;
  /** Sent with CONNECT, and without metadata. */
  readonly connect: boolean;
  /** The plural is Kubernetes' guess, and that it is namespaced is ours. */
  readonly guessed: boolean;
};

/** The resource that objects of a kind are sent to. Built-in kinds cannot be redefined. */
export function mapKind(kind: GroupVersionKind, custom: CustomKinds): MappedResource {
  const name = `${kind.group}/${kind.kind}`;
  const sub = subresources.get(name);
  if (sub !== undefined) {
    const resource = { group: '', version: 'v1', resource: sub.resource };
    const namespaced = sub.resource !== 'nodes';
    return { resource, subResource: sub.sub, namespaced, connect: sub.connect, guessed: false };
  }
  const known = resourceFor(kind.group, kind.kind) ?? custom.get(name);
  const { resource, namespaced } = known ?? {
    resource: guessResource(kind.kind),
    namespaced: true,
  };
  return {
    resource: { group: kind.group, version: kind.version, resource },
    subResource: '',
    namespaced,
    connect: false,
    guessed: known === undefined,
  };
}

/** What a CustomResourceDefinition (v1, v1beta1) says of its kind, keyed `GROUP/KIND`; undefined for anything else,
 * and for one that the API server would not take. */
export function customKind(object: JsonValue): readonly [string, ResourceName] | undefined {
  if (get(object, 'kind') !== 'CustomResourceDefinition') return undefined;
  const spec = get(object, 'spec');
  const [group, scope] = [get(spec, 'group'), get(spec, 'scope')];
  const kind = getIn(spec, ['names', 'kind']);
  const plural = getIn(spec, ['names', 'plural']);
  if (typeof group !== 'string' || typeof kind !== 'string' || typeof plural !== 'string') {
    return undefined;
  }
  return [`${group}/${kind}`, { resource: plural, namespaced: scope !== 'Cluster' }];
}

/** Kubernetes' own guess of a plural. */
export function guessResource(kind: string): string {
  const singular = kind.toLowerCase();
  if (singular === '' || singular.endsWith('endpoints')) return singular;
  if (singular.endsWith('s')) return `${singular}es`;
  if (singular.endsWith('y')) return `${singular.slice(0, -1)}ies`;
  return `${singular}s`;
}
