// What must never wait for an admission webhook: a cluster that cannot write these while no replica of Sekisho answers does
// not come back by itself. By a star they are kept out with a condition; named under failurePolicy Fail they are refused.
import type { Policy, PolicySet } from '../model.ts';
import { coversResource, type WebhookRule } from './rules.ts';

type Vital = { readonly group: string; readonly resource: string; readonly why: string };

const nodesGone = 'nodes would go NotReady, and nothing could be scheduled';
const noTrust = 'nobody, Sekisho neither, could be authenticated or authorised';

/** Kept out of every webhook. */
export const vital: readonly Vital[] = [
  { group: 'coordination.k8s.io', resource: 'leases', why: nodesGone },
  { group: '', resource: 'nodes', why: nodesGone },
  { group: '', resource: 'nodes/status', why: nodesGone },
  { group: '', resource: 'events', why: 'every component writes them all the time' },
  { group: 'events.k8s.io', resource: 'events', why: 'every component writes them all the time' },
  { group: 'authentication.k8s.io', resource: 'tokenreviews', why: noTrust },
  { group: 'authentication.k8s.io', resource: 'selfsubjectreviews', why: noTrust },
  { group: 'authorization.k8s.io', resource: 'subjectaccessreviews', why: noTrust },
  { group: 'authorization.k8s.io', resource: 'localsubjectaccessreviews', why: noTrust },
  { group: 'authorization.k8s.io', resource: 'selfsubjectaccessreviews', why: noTrust },
  { group: 'authorization.k8s.io', resource: 'selfsubjectrulesreviews', why: noTrust },
  {
    group: 'certificates.k8s.io',
    resource: 'certificatesigningrequests',
    why: 'nodes could not join',
  },
  { group: 'apiregistration.k8s.io', resource: 'apiservices', why: 'whole APIs would be gone' },
  {
    group: 'apiregistration.k8s.io',
    resource: 'apiservices/status',
    why: 'whole APIs would be gone',
  },
];

export type LockoutRisk = {
  readonly policy: string;
  readonly resource: string;
  readonly why: string;
  /** Fail: refused. Ignore: the policy is never asked about it, and that is told. */
  readonly failurePolicy: Policy['failurePolicy'];
};

/** Policies that name what is kept out, by its own name and not by a star. */
export function lockoutRisks({ policies }: PolicySet): readonly LockoutRisk[] {
  return policies
    .filter(({ bindings }) => bindings.length > 0)
    .flatMap(({ name, failurePolicy, matchConstraints }) =>
      vital.flatMap(({ group, resource, why }) => {
        const named = matchConstraints.resourceRules.some(
          (rule) =>
            (rule.apiGroups.includes(group) || rule.apiGroups.includes('*')) &&
            rule.resources.some((r) => !r.startsWith('*') && coversResource(r, resource)),
        );
        const shown = group === '' ? resource : `${resource}.${group}`;
        return named ? [{ policy: name, resource: shown, why, failurePolicy }] : [];
      }),
    );
}

export type MatchCondition = { readonly name: string; readonly expression: string };

/** CEL over `request` that the API server evaluates before it asks: one for each vital resource that a rule would match. */
export function vitalConditions(rules: readonly WebhookRule[]): readonly MatchCondition[] {
  const names = vital.filter((one) => rules.some((rule) => matches(rule, one)));
  const plain = names.map(({ group, resource }) => ({
    group,
    resource: resource.split('/')[0] ?? '',
  }));
  const known = new Map(plain.map((one) => [`${one.resource}.${one.group}`, one]));
  return [...known.values()].map(({ group, resource }) => ({
    name: `not-${[resource, ...group.split('.').slice(0, 1)].filter((part) => part !== '').join('-of-')}`,
    expression: `!(request.resource.group == ${JSON.stringify(group)} && request.resource.resource == ${JSON.stringify(resource)})`,
  }));
}

function matches({ apiGroups, resources }: WebhookRule, { group, resource }: Vital): boolean {
  const grouped = apiGroups.includes('*') || apiGroups.includes(group);
  return grouped && resources.some((wide) => coversResource(wide, resource));
}
