// The same objects under other names: what `matchPolicy: Equivalent` takes for one another.
// Upstream: EquivalentResourceRegistry in k8s.io/apimachinery; the versions that Kubernetes 1.30 and later serve.
import type { GroupVersionResource } from './gvk.ts';

const core: GroupVersionResource = { group: '', version: 'v1', resource: 'events' };
const events: GroupVersionResource = { ...core, group: 'events.k8s.io' };
const scaler: GroupVersionResource = {
  group: 'autoscaling',
  version: 'v1',
  resource: 'horizontalpodautoscalers',
};

const sets: readonly (readonly GroupVersionResource[])[] = [
  [core, events],
  [scaler, { ...scaler, version: 'v2' }],
];

/** Groups whose resources in v1 have no other version. */
const onlyV1: ReadonlySet<string> = new Set([
  '',
  'apiextensions.k8s.io',
  'apiregistration.k8s.io',
  'apps',
  'batch',
  'discovery.k8s.io',
  'events.k8s.io',
  'node.k8s.io',
  'policy',
  'rbac.authorization.k8s.io',
]);

/** null: any other version of it may be served. */
export function equivalentsOf(named: GroupVersionResource): readonly GroupVersionResource[] | null {
  const isSame = (other: GroupVersionResource): boolean =>
    other.group === named.group &&
    other.version === named.version &&
    other.resource === named.resource;
  const found = sets.find((set) => set.some(isSame));
  if (found !== undefined) return found.filter((other) => !isSame(other));
  return named.version === 'v1' && onlyV1.has(named.group) ? [] : null;
}

/** Groups that have the same objects under the same name of the resource. */
export function groupsSharing(group: string, resource: string): readonly string[] {
  const found = sets.find((set) => set.some((o) => o.group === group && o.resource === resource));
  return [...new Set(found?.map((other) => other.group) ?? [group])];
}
