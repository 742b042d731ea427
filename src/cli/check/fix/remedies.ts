// Which patches of a decision are to be written: those of what is refused or warned about, a group at a time. The findings
// of one group are one patch, proven as a whole; another group is told of the object as it is without it.
import type { PatchOperation } from '../../../base/json-patch.ts';
import type { Decision, RuleResult } from '../../../model/decision.ts';

export type Remedy = {
  /** The same for the same rules of the next decision. */
  readonly key: string;
  readonly patch: readonly PatchOperation[];
  /** The fields that were wrong. */
  readonly fields: readonly string[];
};

export function remediesOf({ results, wouldDeny = [] }: Decision): readonly Remedy[] {
  const groups = new Map<string, RuleResult[]>();
  for (const result of results) {
    const isTold = result.actions.some((action) => action !== 'audit');
    if (result.exception !== null || !(isTold || wouldDeny.includes(result.rule))) continue;
    const key = groupOf(result);
    groups.set(key, [...(groups.get(key) ?? []), result]);
  }
  return [...groups]
    .map(([key, members]) => remedyOf(key, members))
    .filter(({ patch }) => patch.length > 0);
}

/** What Pod Security found in one mode; of a policy each rule for itself. */
function groupOf({ kind, policy, binding, param, rule, mode }: RuleResult): string {
  return JSON.stringify(kind === 'PodSecurity' ? [policy, mode] : [policy, binding, param, rule]);
}

function remedyOf(key: string, members: readonly RuleResult[]): Remedy {
  const findings = members.flatMap((result) => result.findings);
  return {
    key,
    patch: findings.flatMap(({ patch }) => patch),
    fields: [...new Set(findings.filter(({ patch }) => patch.length > 0).map(({ path }) => path))],
  };
}
