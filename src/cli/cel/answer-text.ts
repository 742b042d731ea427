// An answer for people: the value, its type and cost, and the fields that made it so; or the error under a caret.
import type { Diagnostic } from '../../base/diagnostic.ts';
import { formatDiagnostic } from '../../base/diagnostic.ts';
import { formatPath } from '../../base/field-path.ts';
import { jsonText } from '../../base/json-text.ts';
import { cut, printable } from '../../base/text.ts';
import type { Cause } from '../../cel/explain/cause.ts';
import type { Explanation } from '../../cel/explain/explain.ts';
import type { CelFault } from '../../cel/program.ts';
import { jsonOf, textOnly } from '../../cel/value-json.ts';
import type { Paint } from '../../report/paint.ts';
import { linesOf } from '../../yaml/lines.ts';
import { type Answer, failureOf } from './answer.ts';

/** How an expression is named where a file would be. */
const name = 'expression';
const shortValue = 80;
const maxCauseValue = 200;

export function answerText(
  answer: Extract<Answer, { kind: 'ran' }>,
  expression: string,
  paint: Paint,
): string {
  const { outcome, type, explanation } = answer;
  const failure = failureOf(outcome);
  const shown =
    failure === undefined
      ? [`value  ${outcome.kind === 'value' ? valueText(outcome.value) : ''}`]
      : [
          paint.bad(`error  ${printable(failure.message)}`),
          ...caretOf(explanation.causes, expression),
        ];
  const facts = [`type   ${printable(type)}`, `cost   ${outcome.cost}`];
  return `${[...shown, ...facts, ...because(explanation)].join('\n')}\n`;
}

/** A root as a whole explains nothing. */
function because({ causes, complete }: Explanation): readonly string[] {
  const told = causes.filter(({ path }) => path.length > 0).map((cause) => `  ${causeText(cause)}`);
  if (told.length === 0) return [];
  return ['because', ...told, ...(complete ? [] : ['  and perhaps more'])];
}

/** Objects and lists that would make a long line have a line for each member. */
function valueText(value: unknown): string {
  const json = jsonOf(value);
  const line = textOnly(value) ?? jsonText(json);
  const text =
    line.length <= shortValue || textOnly(value) !== undefined ? line : jsonText(json, 2);
  return text.split('\n').map(printable).join('\n');
}

function causeText({ root, path, value, exact }: Cause): string {
  const field = printable(formatPath([root, ...path]));
  const is =
    value === undefined ? 'is not set' : `is ${printable(cut(jsonText(value), maxCauseValue))}`;
  return exact ? `${field} ${is}` : `${field} ${is}, which goes into a computation`;
}

/** An evaluation says what went wrong, not where: the first field that explains it stands somewhere. */
function caretOf(causes: readonly Cause[], expression: string): readonly string[] {
  const [first] = causes;
  if (first === undefined) return [];
  const message = { code: 'expression-error', message: '', ...first.range } as const;
  return formatDiagnostic(diagnosticOf(message, expression)).split('\n').slice(1).map(printable);
}

/** A fault as any other: FILE:LINE:COLUMN, and a caret under the place. */
export function diagnosticOf(fault: CelFault, expression: string): Diagnostic {
  const lines = linesOf(expression);
  const { line, column } = lines.positionOf(fault.start);
  const excerpt = lines.text(line);
  return { code: fault.code, message: fault.message, file: name, line, column, excerpt };
}
