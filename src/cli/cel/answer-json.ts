// An answer as JSON: what `-o json` prints, and each line of JSON Lines.
import { formatPath, toPointer } from '../../base/field-path.ts';
import type { JsonObject, JsonValue } from '../../base/json.ts';
import type { Cause } from '../../cel/explain/cause.ts';
import type { CelFault, CelOutcome } from '../../cel/program.ts';
import { jsonOf } from '../../cel/value-json.ts';
import { linesOf } from '../../yaml/lines.ts';
import { type Answer, failureOf } from './answer.ts';

/** `value` or `error`; a fault of the expression has its place in it. */
export function answerJson(answer: Answer, expression: string): JsonObject {
  if (answer.kind === 'faults') {
    const [first] = answer.faults;
    const faults = answer.faults.map((fault) => faultJson(fault, expression));
    return { error: { code: first?.code ?? '', message: first?.message ?? '', faults } };
  }
  const { outcome, type, explanation } = answer;
  const paths = explanation.causes.map(causeJson);
  return {
    ...outcomeJson(outcome),
    type,
    cost: outcome.cost,
    paths,
    complete: explanation.complete,
  };
}

function outcomeJson(outcome: CelOutcome): JsonObject {
  const error = failureOf(outcome);
  if (error !== undefined) return { error };
  return { value: jsonOf(outcome.kind === 'value' ? outcome.value : null) };
}

function faultJson({ code, message, start, end }: CelFault, expression: string): JsonValue {
  return { code, message, start, end, ...linesOf(expression).positionOf(start) };
}

/** `value` is absent where the field is. */
function causeJson({ root, path, value, exact, range }: Cause): JsonValue {
  const { start, end } = range;
  const place = { root, path: formatPath(path), pointer: toPointer(path) };
  return { ...place, ...(value === undefined ? {} : { value }), exact, start, end };
}
