// Lists of results that are all plain passes. Requests of one kind are judged by the same rules, so one decision after
// another has an equal list: what was made of one serves the next.
import type { RuleResult } from '../model/decision.ts';

export type PassedLists = {
  /** The slot that holds an equal list. */
  find(results: readonly RuleResult[]): number | undefined;
  /** The slot that holds it from now on, in place of the oldest; undefined where one of them is no plain pass. */
  keep(results: readonly RuleResult[]): number | undefined;
};

const slots = 32;

export function createPassedLists(): PassedLists {
  const lists: (readonly RuleResult[])[] = [];
  let next = 0;
  return {
    find(results) {
      const slot = lists.findIndex((list) => isSameList(list, results));
      return slot < 0 ? undefined : slot;
    },
    keep(results) {
      if (!results.every(isPlainPass)) return undefined;
      const slot = next;
      lists[slot] = results;
      next = (slot + 1) % slots;
      return slot;
    },
  };
}

/** `before` are plain passes. */
function isSameList(before: readonly RuleResult[], results: readonly RuleResult[]): boolean {
  if (before.length !== results.length) return false;
  for (let i = 0; i < results.length; i++) {
    const one = before[i];
    const other = results[i];
    if (one === undefined || other === undefined || !isSamePass(one, other)) return false;
  }
  return true;
}

/** Nothing in it is of the request but its namespace, in a param's name. Member by member: a copy would cost more than the text. */
export function isPlainPass(result: RuleResult): boolean {
  return (
    result.evaluation === 'pass' &&
    result.actions.length === 0 &&
    result.message === '' &&
    result.findings.length === 0 &&
    result.exception === null &&
    result.code === null &&
    result.reason === null
  );
}

/** `a` is a plain pass. */
export function isSamePass(a: RuleResult, b: RuleResult): boolean {
  return (
    a.rule === b.rule &&
    a.policy === b.policy &&
    a.binding === b.binding &&
    a.kind === b.kind &&
    a.mode === b.mode &&
    a.param === b.param &&
    (a.controls === b.controls || a.controls.length + b.controls.length === 0) &&
    isPlainPass(b)
  );
}
