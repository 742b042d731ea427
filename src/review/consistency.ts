// Threat: a review that calls a Pod a Deployment would be judged by the policies of the wrong kind.
// Only what is known is held against it: a kind or resource that is not in the tables is taken as sent.
import { get } from '../base/json.ts';
import { quote } from '../base/text.ts';
import type { GroupVersionKind, GroupVersionResource } from '../k8s/gvk.ts';
import { formatApiVersion } from '../k8s/gvk.ts';
import { resourceFor } from '../k8s/resources.ts';
import type { Attempt } from '../model/attempt.ts';

/** Kinds that Pod Security judges, or whose labels it reads: nothing else may come under their resources. */
const guarded: readonly [group: string, kinds: readonly string[]][] = [
  ['', ['Pod', 'PodTemplate', 'ReplicationController', 'Namespace']],
  ['apps', ['Deployment', 'ReplicaSet', 'StatefulSet', 'DaemonSet']],
  ['batch', ['Job', 'CronJob']],
];

/** GROUP/RESOURCE of the guarded kinds. */
const guardedResources: ReadonlySet<string> = new Set(
  guarded.flatMap(([group, kinds]) =>
    kinds.map((kind) => `${group}/${resourceFor(group, kind)?.resource}`),
  ),
);

/** GROUP/KIND of the guarded kinds. */
const guardedKinds: ReadonlySet<string> = new Set(
  guarded.flatMap(([group, kinds]) => kinds.map((kind) => `${group}/${kind}`)),
);

/** Subresources of pods, and those that several resources share; `GROUP/KIND`. */
const podSubresources: ReadonlyMap<string, string> = new Map([
  ['ephemeralcontainers', '/Pod'],
  ['resize', '/Pod'],
  ['status', '/Pod'],
  ['exec', '/PodExecOptions'],
  ['attach', '/PodAttachOptions'],
  ['portforward', '/PodPortForwardOptions'],
  ['proxy', '/PodProxyOptions'],
  ['binding', '/Binding'],
  ['eviction', 'policy/Eviction'],
]);

/** What does not fit together, as a sentence; undefined when nothing is known to be wrong. */
export function inconsistency(attempt: Attempt): string | undefined {
  return (
    mismatch('kind', attempt.kind, attempt.resource, attempt.subResource) ??
    mismatch(
      'requestKind',
      attempt.requestKind,
      attempt.requestResource,
      attempt.requestSubResource,
    ) ??
    wrongType('object', attempt) ??
    wrongType('oldObject', attempt) ??
    wrongOperation(attempt) ??
    wrongPresence(attempt)
  );
}

function mismatch(
  field: 'kind' | 'requestKind',
  kind: GroupVersionKind,
  resource: GroupVersionResource,
  subResource: string,
): string | undefined {
  const shown = subResource === '' ? resource.resource : `${resource.resource}/${subResource}`;
  if (fits(kind, resource, subResource)) return undefined;
  return `request.${field} ${quote(kind.kind)} (${quote(formatApiVersion(kind))}) does not belong to the resource ${quote(shown)} (${quote(formatApiVersion(resource))})`;
}

function fits(kind: GroupVersionKind, resource: GroupVersionResource, sub: string): boolean {
  const name = `${kind.group}/${kind.kind}`;
  if (sub !== '') {
    const isPods = resource.group === '' && resource.resource === 'pods';
    const wanted = sub === 'scale' ? 'autoscaling/Scale' : isPods && podSubresources.get(sub);
    // `extensions` had a Scale of its own; of an unknown subresource nothing is known.
    return !wanted || wanted === name || (sub === 'scale' && kind.kind === 'Scale');
  }
  const wanted = resourceFor(kind.group, kind.kind)?.resource;
  if (wanted === undefined) return !guardedResources.has(`${resource.group}/${resource.resource}`);
  return (
    kind.group === resource.group &&
    kind.version === resource.version &&
    wanted === resource.resource
  );
}

/** The object says what it is; the API server always encodes it as `request.kind`. */
function wrongType(field: 'object' | 'oldObject', attempt: Attempt): string | undefined {
  const object = attempt[field];
  const claims: readonly [string, string][] = [
    ['kind', attempt.kind.kind],
    ['apiVersion', formatApiVersion(attempt.kind)],
  ];
  for (const [key, wanted] of claims) {
    const claimed = get(object, key);
    if (claimed !== undefined && claimed !== wanted) {
      const shown = typeof claimed === 'string' ? quote(claimed) : `not a string`;
      return `request.${field}.${key} is ${shown}, but request.kind says ${quote(wanted)}`;
    }
  }
  return undefined;
}

/** Threat: Pod Security judges CREATE and UPDATE alone. What is connected to has options of its own: PodExecOptions. */
function wrongOperation({ operation, kind }: Attempt): string | undefined {
  if (operation !== 'CONNECT' || !guardedKinds.has(`${kind.group}/${kind.kind}`)) return undefined;
  return `request.operation is CONNECT, but nothing connects to the kind ${quote(kind.kind)}`;
}

/** Threat: a review without its object would be judged on nothing, and nothing breaks no rule. */
function wrongPresence({ operation, object, oldObject }: Attempt): string | undefined {
  if ((operation === 'CREATE' || operation === 'UPDATE') && object === null) {
    return `request.object is missing in a review of ${operation}`;
  }
  if (operation === 'DELETE' && object !== null) {
    return 'request.object is set in a review of DELETE';
  }
  if ((operation === 'CREATE' || operation === 'CONNECT') && oldObject !== null) {
    return `request.oldObject is set in a review of ${operation}`;
  }
  return undefined;
}
