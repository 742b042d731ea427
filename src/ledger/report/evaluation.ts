// What a set of results of one decision amounts to: counted once for a decision, however many results there are.
import { type DecisionFacts, exceptionsOf, type RuleFacts } from './decision-facts.ts';
import type { EvaluationCount } from './report.ts';

export function noEvaluations(): EvaluationCount {
  return { evaluated: 0, denied: 0, warned: 0, noted: 0, excused: 0, errors: 0 };
}

/** `results`: of one policy, rule or control. Skipped ones are no evaluation. */
export function countEvaluation(
  into: EvaluationCount,
  results: readonly RuleFacts[],
  { allowed }: DecisionFacts,
): void {
  const ran = results.filter(({ evaluation }) => evaluation !== 'skip');
  if (ran.length === 0) return;
  const broken = ran.filter(({ evaluation }) => evaluation !== 'pass');
  const excused = broken.some((rule) => exceptionsOf(rule).length > 0);
  const denied = !allowed && broken.some(({ actions }) => actions.includes('deny'));
  const warned = broken.some(({ actions }) => actions.includes('warn'));
  into.evaluated += 1;
  if (denied) into.denied += 1;
  else if (excused) into.excused += 1;
  else if (warned) into.warned += 1;
  else if (broken.length > 0) into.noted += 1;
  if (broken.some(({ evaluation }) => evaluation === 'error')) into.errors += 1;
}

/** Whether anything is to be told of it. */
export function isBroken({ denied, warned, noted, excused, errors }: EvaluationCount): boolean {
  return denied + warned + noted + excused + errors > 0;
}
