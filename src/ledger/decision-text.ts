// The body of a decision's record as JSON text. Most of it are rules that passed, the same in one decision after another:
// what was written for one is kept, result by result and for whole lists.
import { jsonText } from '../base/json-text.ts';
import type { RuleResult } from '../model/decision.ts';
import type { DecisionBody } from './decision-body.ts';
import { type Pieces, piecesOf } from './format/pieces.ts';

/** The same text that `jsonText(body)` gives, as long as the members of a decision have the order of its type. */
export function decisionText({ decision, redacted, cut, ...body }: DecisionBody): Pieces {
  const { results, warnings, auditAnnotations, inputs, celCost, ...first } = decision;
  const start = jsonText({ ...body, decision: first });
  const rest = jsonText({ warnings, auditAnnotations, inputs, celCost });
  const end = jsonText({ redacted, cut });
  // Two braces stay open, the body's and the decision's; `rest` closes one, `end` the other.
  const text = [start.slice(0, -2), ',"results":', resultsText(results)];
  return piecesOf(...text, `,${rest.slice(1)},${end.slice(1)}`);
}

/** As bytes where it is kept. */
function resultsText(results: readonly RuleResult[]): string | Buffer {
  const known = lists.find((each) => isSameList(each.results, results));
  if (known !== undefined) return known.bytes;
  const text = `[${results.map(resultText).join(',')}]`;
  return results.every(isPlainPass) ? kept(results, text) : text;
}

type KnownList = { readonly results: readonly RuleResult[]; readonly bytes: Buffer };

/** Of the last requests that differ: those of one kind are judged by the same rules. */
const lists: KnownList[] = [];
const mostLists = 32;

function kept(results: readonly RuleResult[], text: string): Buffer {
  const bytes = Buffer.from(text);
  if (lists.length >= mostLists) lists.shift();
  lists.push({ results, bytes });
  return bytes;
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

/** `a` is a plain pass. */
function isSamePass(a: RuleResult, b: RuleResult): boolean {
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
