// Which policies could be about a resource: looked up for every request, so built once.
import { workloadKinds } from '../k8s/pod-template.ts';
import type { Policy, ResourceRule } from './model.ts';

const all = '*';

/** Policies by GROUP/RESOURCE, wildcards included, in load order. */
export function resourceIndex(
  policies: readonly Policy[],
): (group: string, resource: string) => readonly Policy[] {
  const known = new Map<string, readonly Policy[]>();
  const lookUp = (group: string, resource: string): readonly Policy[] =>
    policies.filter((policy) => mayMatch(policy, group, resource));
  for (const key of new Set(policies.flatMap(namesOf))) {
    const [group = '', resource = ''] = key.split('/');
    known.set(key, lookUp(group, resource));
  }
  // A resource that no policy names can still be matched by a wildcard.
  const wild = policies.filter((policy) => policy.matchConstraints.resourceRules.some(isWild));
  return (group, resource) =>
    known.get(`${group}/${resource}`) ?? wild.filter((policy) => mayMatch(policy, group, resource));
}

function namesOf(policy: Policy): readonly string[] {
  const named = policy.matchConstraints.resourceRules.flatMap((rule) =>
    rule.apiGroups.flatMap((group) =>
      rule.resources.map((resource) => `${group}/${main(resource)}`),
    ),
  );
  const templates = workloadKinds.map(({ group, resource }) => `${group}/${resource}`);
  return policy.podTemplates ? [...named, ...templates] : named;
}

function mayMatch(policy: Policy, group: string, resource: string): boolean {
  const { resourceRules } = policy.matchConstraints;
  if (resourceRules.some((rule) => names(rule, group, resource))) return true;
  const workload = workloadKinds.some((w) => w.group === group && w.resource === resource);
  return policy.podTemplates && workload && resourceRules.some((rule) => names(rule, '', 'pods'));
}

function names(rule: ResourceRule, group: string, resource: string): boolean {
  return (
    (rule.apiGroups.includes(all) || rule.apiGroups.includes(group)) &&
    rule.resources.some((each) => main(each) === all || main(each) === resource)
  );
}

function isWild(rule: ResourceRule): boolean {
  return rule.apiGroups.includes(all) || rule.resources.some((each) => main(each) === all);
}

function main(resource: string): string {
  return resource.split('/')[0] ?? '';
}
