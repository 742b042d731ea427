// The body of a decision's record as JSON text. Most of it are rules that passed, the same in one decision after another:
// what was written for one is kept, result by result and for whole lists.
import { jsonText } from '../base/json-text.ts';
import type { RuleResult } from '../model/decision.ts';
import type { DecisionBody, RecordedResult } from './decision-body.ts';
import { type Pieces, piecesOf } from './format/pieces.ts';
import { createPassedLists, isPlainPass, isSamePass } from './passed-lists.ts';

/** The text that `jsonText` gives of the body with `recordedResult` of each result, as long as the members of a decision have
 * the order of its type. */
export function decisionText({ decision, redacted, cut, ...body }: DecisionBody): Pieces {
  const { results, warnings, auditAnnotations, inputs, celCost, ...first } = decision;
  const start = jsonText({ ...body, decision: first });
  const rest = jsonText({ warnings, auditAnnotations, inputs, celCost });
  const end = jsonText({ redacted, cut });
  // Two braces stay open, the body's and the decision's; `rest` closes one, `end` the other.
  const text = [start.slice(0, -2), ',"results":', resultsText(results)];
  return piecesOf(...text, `,${rest.slice(1)},${end.slice(1)}`);
}

const lists = createPassedLists();
/** By the slots of `lists`: as bytes where it is kept. */
const texts: Buffer[] = [];

function resultsText(results: readonly RuleResult[]): string | Buffer {
  const known = texts[lists.find(results) ?? -1];
  if (known !== undefined) return known;
  const text = `[${results.map(resultText).join(',')}]`;
  const slot = lists.keep(results);
  if (slot === undefined) return text;
  const bytes = Buffer.from(text);
  texts[slot] = bytes;
  return bytes;
}

/** Most that is evaluated passes and says nothing more: of a plain pass what is null or empty is left out. */
export function recordedResult(result: RuleResult): RecordedResult {
  if (!isPlainPass(result)) return result;
  const { policy, binding, param, kind, rule, mode, evaluation, controls } = result;
  return {
    policy,
    ...(binding === null ? {} : { binding }),
    ...(param === null ? {} : { param }),
    kind,
    rule,
    ...(mode === null ? {} : { mode }),
    evaluation,
    ...(controls.length === 0 ? {} : { controls }),
  };
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
  const text = jsonText(recordedResult(result));
  if (passes.size >= mostPasses) passes.clear();
  passes.set(key, { result, text });
  return text;
}
