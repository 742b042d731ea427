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

function resultsText(results: readonly RuleResult[]): string {
  let text = '[';
  for (const [i, result] of results.entries()) {
    text += i === 0 ? resultText(result, i) : `,${resultText(result, i)}`;
  }
  return `${text}]`;
}

type Known = { readonly result: RuleResult; readonly text: string };

/** The last pass of each rule, binding and mode. */
const passes = new Map<string, Known>();
/** And the last that stood at each place: requests that follow each other are often alike. */
const recent: Known[] = [];
/** More rules than any bundle has. */
const mostPasses = 10_000;

function resultText(result: RuleResult, i: number): string {
  if (!isPlainPass(result)) return jsonText(result);
  const last = recent[i];
  if (last !== undefined && isSamePass(last.result, result)) return last.text;
  const key = `${result.rule} ${result.binding} ${result.mode}`;
  const found = passes.get(key);
  const known =
    found !== undefined && isSamePass(found.result, result)
      ? found
      : { result, text: jsonText(result) };
  if (passes.size >= mostPasses) passes.clear();
  passes.set(key, known);
  if (i < mostPasses) recent[i] = known;
  return known.text;
}

/** Nothing in it is of the request. Member by member: a copy would cost more than the text. */
function isPlainPass(result: RuleResult): boolean {
  return (
    result.evaluation === 'pass' &&
    result.param === null &&
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
    (a.controls === b.controls || a.controls.length + b.controls.length === 0)
  );
}
