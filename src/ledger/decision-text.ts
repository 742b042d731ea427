// A decision as JSON text. Most of it are rules that passed, the same in one decision after another: their texts are
// kept, and a decision is put together from them.
import { jsonText } from '../base/json-text.ts';
import type { Decision, RuleResult } from '../model/decision.ts';

/** The same text that `jsonText(decision)` gives. */
export function decisionText(decision: Decision): string {
  const members = Object.entries(decision)
    .filter(([, member]) => member !== undefined)
    .map(([key, member]) => {
      const text = key === 'results' ? resultsText(decision.results) : jsonText(member);
      return `${JSON.stringify(key)}:${text}`;
    });
  return `{${members.join(',')}}`;
}

/** What was written last: requests that follow each other are often alike. */
type Written = { results: readonly RuleResult[]; text: string };
const last: Written = { results: [], text: '[]' };

function resultsText(results: readonly RuleResult[]): string {
  if (isSameAs(last.results, results)) return last.text;
  const text = `[${results.map(resultText).join(',')}]`;
  if (results.every(isPlainPass)) Object.assign(last, { results, text });
  return text;
}

function isSameAs(before: readonly RuleResult[], results: readonly RuleResult[]): boolean {
  if (before.length !== results.length) return false;
  for (const [i, result] of results.entries()) {
    const other = before[i];
    if (other === undefined || !isPlainPass(result) || !isSamePass(other, result)) return false;
  }
  return true;
}

type Known = { readonly result: RuleResult; readonly text: string };

/** The last pass of each rule, binding, param and mode. */
const passes = new Map<string, Known>();
/** More than any bundle has. */
const mostPasses = 10_000;

function resultText(result: RuleResult): string {
  if (!isPlainPass(result)) return jsonText(result);
  const key = `${result.rule} ${result.binding} ${result.param} ${result.mode}`;
  const known = passes.get(key);
  if (known !== undefined && isSamePass(known.result, result)) return known.text;
  const text = jsonText(result);
  if (passes.size >= mostPasses) passes.clear();
  passes.set(key, { result, text });
  return text;
}

/** Nothing in it is of the request but its namespace, in a param's name. Member by member: a copy would cost more than the text. */
function isPlainPass(result: RuleResult): boolean {
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

function isSamePass(a: RuleResult, b: RuleResult): boolean {
  return (
    a.policy === b.policy &&
    a.rule === b.rule &&
    a.binding === b.binding &&
    a.kind === b.kind &&
    a.mode === b.mode &&
    a.param === b.param &&
    (a.controls === b.controls || a.controls.length + b.controls.length === 0)
  );
}
