// Rules of policies as rules of a webhook: without names of objects, which a webhook cannot tell, and merged.
import { compareText } from '../../base/text.ts';
import type { ResourceRule } from '../model.ts';

export type WebhookRule = Omit<ResourceRule, 'resourceNames'>;

/** Rules that differ in their resources alone become one; everything is sorted, so that equal policies print equal rules. */
export function mergeRules(rules: readonly (WebhookRule | ResourceRule)[]): readonly WebhookRule[] {
  const byRest = new Map<string, WebhookRule>();
  for (const rule of rules) {
    const sorted = sortedRule(rule);
    const { resources, ...rest } = sorted;
    const key = JSON.stringify(rest);
    const known = byRest.get(key);
    byRest.set(key, { ...rest, resources: merged(known?.resources ?? [], resources) });
  }
  const merges = [...byRest.values()].sort((a, b) => compareText(textOf(a), textOf(b)));
  return merges.filter((rule) => !merges.some((other) => other !== rule && covers(other, rule)));
}

function sortedRule(rule: WebhookRule): WebhookRule {
  const { apiGroups, apiVersions, operations, resources, scope } = rule;
  return {
    apiGroups: starOr(apiGroups),
    apiVersions: starOr(apiVersions),
    operations: starOr(operations),
    resources: merged([], resources),
    scope,
  };
}

function starOr<T extends string>(items: readonly T[]): readonly T[] {
  const star = items.filter((item) => item === '*').slice(0, 1);
  return star.length > 0 ? star : [...new Set(items)].sort();
}

/** The API server refuses `pods/*` beside `pods/status`, and `*` beside `pods`: what is covered is left out. */
function merged(a: readonly string[], b: readonly string[]): readonly string[] {
  const all = [...new Set([...a, ...b])].sort();
  return all.filter((one) => !all.some((other) => other !== one && coversResource(other, one)));
}

/** Whether every request of `one` is one of `other`. */
export function coversResource(other: string, one: string): boolean {
  const [otherName = '', otherSub = ''] = other.split('/');
  const [name = '', sub = ''] = one.split('/');
  return (otherName === '*' || otherName === name) && (otherSub === '*' || otherSub === sub);
}

const coversList = (other: readonly string[], one: readonly string[]): boolean =>
  other.includes('*') || one.every((item) => other.includes(item));

/** Versions must be the very same: a webhook is asked in the versions that its rules name. */
export function covers(other: WebhookRule, one: WebhookRule): boolean {
  return (
    coversList(other.apiGroups, one.apiGroups) &&
    other.apiVersions.join() === one.apiVersions.join() &&
    coversList(other.operations, one.operations) &&
    (other.scope === '*' || other.scope === one.scope) &&
    one.resources.every((r) => other.resources.some((wide) => coversResource(wide, r)))
  );
}

const textOf = (rule: WebhookRule): string =>
  JSON.stringify([rule.apiGroups, rule.resources, rule.apiVersions, rule.operations, rule.scope]);
