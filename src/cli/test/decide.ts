// A case decided, as any other attempt is: what the cluster has is what the case says of it.
import type { JsonObject } from '../../base/json.ts';
import { clusterOf, portsOf } from '../../cluster/objects.ts';
import { admit } from '../../engine/admit.ts';
import type { Turn } from '../../engine/ports.ts';
import { parseApiVersion } from '../../k8s/gvk.ts';
import type { Decision } from '../../model/decision.ts';
import { identityOf } from '../../policy/kinds.ts';
import type { PolicySet } from '../../policy/model.ts';
import type { PolicyCase } from '../../policy/policy-test.ts';
import type { ManifestObject } from '../../review/manifest.ts';

export function decideCase(
  policySet: PolicySet,
  { attempt, cluster, policies }: PolicyCase,
  turn: Turn,
): Promise<Decision> {
  const law = policies === null ? policySet : narrowed(policySet, policies);
  const facts = portsOf(clusterOf(cluster.flatMap(clusterObject)), attempt.now, 'strict');
  return admit(law, attempt, { ...facts, turn });
}

export const podSecurityName = 'pod-security';

/** As if only these policies had been loaded, under the same settings. */
function narrowed(policySet: PolicySet, names: readonly string[]): PolicySet {
  const isMeant = ({ name }: { readonly name: string }): boolean => names.includes(name);
  const { policies, policiesFor, podSecurity } = policySet;
  const privileged = { level: 'privileged', version: 'latest' } as const;
  const inTree = { enforce: privileged, audit: privileged, warn: privileged };
  return {
    ...policySet,
    policies: policies.filter(isMeant),
    policiesFor: (group, resource) => policiesFor(group, resource).filter(isMeant),
    podSecurity: names.includes(podSecurityName)
      ? podSecurity
      : { ...podSecurity, defaults: inTree, floor: null },
  };
}

function clusterObject(object: JsonObject): readonly ManifestObject[] {
  const { apiVersion, kind } = identityOf(object);
  const parsed = parseApiVersion(apiVersion);
  return parsed.ok ? [{ kind: { ...parsed.value, kind }, object, path: [] }] : [];
}
