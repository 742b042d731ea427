// Which policies could be about a resource: asked for every request, so it is looked up, not searched.
import { groupsSharing } from '../k8s/equivalent.ts';
import type { WorkloadKind } from '../k8s/pod-template.ts';
import type { Policy, PolicySet, ResourceRule } from './model.ts';

type Name = { readonly group: string; readonly resource: string };

const all = '*';

/** Subresources count as their resource. A policy on pods with podTemplates is also about the workloads. */
export function resourceIndex(
  policies: readonly Policy[],
  workloads: readonly WorkloadKind[],
): PolicySet['policiesFor'] {
  const index = new Map<string, Set<Policy>>();
  for (const policy of policies) {
    for (const name of namesOf(policy, workloads)) {
      const key = keyOf(name);
      const named = index.get(key) ?? new Set();
      index.set(key, named.add(policy));
    }
  }
  const ranks = new Map(policies.map((policy, rank) => [policy, rank]));
  const frozen = new Map([...index].map(([key, set]) => [key, Object.freeze([...set])]));
  const search = (group: string, resource: string): readonly Policy[] => {
    const found = keysFor(group, resource).flatMap((key) => frozen.get(key) ?? none);
    return [...new Set(found)].sort((a, b) => (ranks.get(a) ?? 0) - (ranks.get(b) ?? 0));
  };
  const known = new Map<string, readonly Policy[]>();
  return (group, resource) => {
    const key = keyOf({ group, resource });
    const before = known.get(key);
    if (before !== undefined) return before;
    const found = search(group, resource);
    if (known.size < mostKnown) known.set(key, found);
    return found;
  };
}

/** Resources whose policies are remembered: more than clusters have, and a bound on what made-up names can cost. */
const mostKnown = 1_000;

const none: readonly Policy[] = [];

function keysFor(group: string, resource: string): readonly string[] {
  return [...groupsSharing(group, resource), all].flatMap((each) => [
    keyOf({ group: each, resource }),
    keyOf({ group: each, resource: all }),
  ]);
}

/** No name holds a slash. */
function keyOf({ group, resource }: Name): string {
  return `${group}/${resource}`;
}

function namesOf(policy: Policy, workloads: readonly WorkloadKind[]): readonly Name[] {
  const { resourceRules } = policy.matchConstraints;
  const named = resourceRules.flatMap((rule) =>
    rule.apiGroups.flatMap((group) =>
      rule.resources.map((resource) => ({ group, resource: mainOf(resource) })),
    ),
  );
  const onTemplates = policy.podTemplates && resourceRules.some(isAboutPods);
  return onTemplates ? [...named, ...workloads] : named;
}

const podNames: ReadonlySet<string> = new Set(['pods', 'pods/*', '*', '*/*']);

function isAboutPods({ apiGroups, resources }: ResourceRule): boolean {
  return (
    apiGroups.some((group) => group === '' || group === all) &&
    resources.some((resource) => podNames.has(resource))
  );
}

function mainOf(resource: string): string {
  return resource.split('/', 1)[0] ?? '';
}
