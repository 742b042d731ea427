// The webhooks that a policy set needs. A webhook is asked in one version of an object, so policies that name different
// versions are asked at different paths: an entry holds those of one failurePolicy, matchPolicy and set of versions.
// Upstream: k8s.io/api/admissionregistration/v1, ValidatingWebhook.
import type { FailurePolicy, MatchResources, Policy, PolicySet } from '../model.ts';
import { imageRules, podSecurityRules, templateRules } from './pod-rules.ts';
import { mergeRules, type WebhookRule } from './rules.ts';

export type Entry = {
  /** `fail-v1`: also the last part of its path. */
  readonly name: string;
  readonly failurePolicy: FailurePolicy;
  readonly matchPolicy: MatchResources['matchPolicy'];
  readonly rules: readonly WebhookRule[];
  /** Names, sorted; `pod-security` among them where it is judged here. */
  readonly policies: readonly string[];
};

/** Where Pod Security and all image policies are judged. */
export const podSecurityEntry = 'fail-v1';

/** `fail-v1`, `ignore-exact-v1.v1beta1`: what an entry may be called, whether or not a policy is in it. */
const anyVersion = 'any';
const version = `(?:v[0-9a-z]+|${anyVersion})`;
const entryName = new RegExp(`^(?:fail|ignore)(?:-exact)?-${version}(?:[.+]${version})*$`);

/** Also `fail` and `ignore`: all policies of that failurePolicy. */
export function isEntryName(name: string): boolean {
  return name === 'fail' || name === 'ignore' || entryName.test(name);
}

/** Asked for every policy in every request; a policy never changes. */
const known = new WeakMap<Policy, string>();

/** The entry that a policy is evaluated in. */
export function entryOf(policy: Policy): string {
  const before = known.get(policy);
  if (before !== undefined) return before;
  const name = nameOf(policy);
  known.set(policy, name);
  return name;
}

function nameOf({ failurePolicy, matchConstraints }: Policy): string {
  const sets = matchConstraints.resourceRules.map(({ apiVersions }) => versionSet(apiVersions));
  const exact = matchConstraints.matchPolicy === 'Exact' ? '-exact' : '';
  return `${failurePolicy.toLowerCase()}${exact}-${[...new Set(sets)].sort().join('+')}`;
}

function versionSet(versions: readonly string[]): string {
  return versions.includes('*') ? anyVersion : [...new Set(versions)].sort().join('.');
}

/** Whether a policy is evaluated at the path `/validate/NAME`: `fail`, `ignore`, or an entry's name. */
export function isAskedAt(policy: Policy, name: string): boolean {
  if (name === 'fail') return policy.failurePolicy === 'Fail';
  if (name === 'ignore') return policy.failurePolicy === 'Ignore';
  return entryOf(policy) === name;
}

/** So are all image policies. */
export function podSecurityIsAskedAt(name: string): boolean {
  return name === 'fail' || name === podSecurityEntry;
}

type Part = Omit<Entry, 'policies'> & { readonly policy: string };

/** By name. Policies without a binding judge nothing, and need no webhook. */
export function entriesOf(policySet: PolicySet): readonly Entry[] {
  const { workloads } = policySet.settings;
  const parts = policySet.policies
    .filter(({ bindings }) => bindings.length > 0)
    .map((policy) => ({
      name: entryOf(policy),
      failurePolicy: policy.failurePolicy,
      matchPolicy: policy.matchConstraints.matchPolicy,
      policy: policy.name,
      rules: [
        ...policy.matchConstraints.resourceRules,
        ...(policy.podTemplates ? templateRules(workloads) : []),
      ],
    }));
  const onPods = (policy: string, rules: readonly WebhookRule[]): Part => {
    return {
      name: podSecurityEntry,
      failurePolicy: 'Fail',
      matchPolicy: 'Equivalent',
      policy,
      rules,
    };
  };
  const all: readonly Part[] = [
    ...parts,
    ...policySet.imagePolicies.map(({ name }) => onPods(name, imageRules(workloads))),
    onPods('pod-security', podSecurityRules(workloads)),
  ];
  return [...new Set(all.map(({ name }) => name))].sort().flatMap((name) => {
    const own = all.filter((part) => part.name === name);
    const [first] = own;
    if (first === undefined) return [];
    const { failurePolicy, matchPolicy } = first;
    const rules = mergeRules(own.flatMap((part) => part.rules));
    const policies = [...new Set(own.map((part) => part.policy))].sort();
    return [{ name, failurePolicy, matchPolicy, rules, policies }];
  });
}
