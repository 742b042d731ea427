// Makes an expression on which two sides disagree as small as cutting out of it can, so that it can become a case.
import type { JsonValue } from '../../src/base/json.ts';
import type { Ast } from '../../src/cel/ast.ts';
import { parse } from '../../src/cel/parse.ts';
import type { Answer } from '../fixtures/cel/case.ts';
import { cost, type, verdict } from './compare.ts';
import { answersIn, theirs } from './oracle.ts';
import { ours } from './ours.ts';
import { nodesOf } from './tree.ts';

export type Disagreement = { readonly expression: string; readonly why: string };

/** Texts that name types and values as Go writes them. */
const written =
  /^(invalid qualifier type|got '|cannot initialize optional|no such overload: .*flatten)/;

/** What is known to differ, and is not worth finding again: see test/fixtures/cel/differences.ts. */
function excused(expression: string, found: Answer, wanted: Answer): boolean {
  const [ours = '', theirs = ''] = [found.error, wanted.error];
  // A panic that was caught there: no operator absorbs it. What its system says of a file that is no time zone. NaN
  // beside what is no number.
  if (/^internal error: |^is a directory$|^NaN values/.test(theirs)) return true;
  if (/\.(sub|add)\(-9223372036854775808\)/.test(expression)) return true;
  return written.test(ours) && written.test(theirs);
}

/** Those on which the two sides differ, each time that they are asked: Go walks maps in an order of its own. */
export async function disagreements(
  expressions: readonly string[],
  object: JsonValue,
): Promise<readonly Disagreement[]> {
  const first = await asked(expressions, object);
  const suspects = first.map(({ expression }) => expression);
  const again = await asked(
    suspects.flatMap((each) => new Array<string>(8).fill(each)),
    object,
  );
  return first.filter(
    ({ expression, why }) =>
      again.filter((each) => each.expression === expression && each.why === why).length === 8,
  );
}

async function asked(
  expressions: readonly string[],
  object: JsonValue,
): Promise<readonly Disagreement[]> {
  if (expressions.length === 0) return [];
  const cases = expressions.map((expression) => ({ expression }));
  const answers = answersIn(await theirs(cases, object));
  return cases.flatMap((each, i) => {
    const wanted = answers[i];
    const found = ours(each, object);
    if (wanted === undefined || wanted.bad !== undefined || excused(each.expression, found, wanted))
      return [];
    const why = verdict(found, wanted) ?? type(found, wanted) ?? cost(found, wanted);
    return why === undefined ? [] : [{ expression: each.expression, why }];
  });
}

/** The shortest that is still a disagreement, one round of cuts after the other. */
export async function shrunk(from: Disagreement, object: JsonValue): Promise<Disagreement> {
  let best = from;
  for (let round = 0; round < 20; round++) {
    const smaller = await disagreements(cuts(best.expression), object);
    const [next] = [...smaller].sort((a, b) => a.expression.length - b.expression.length);
    if (next === undefined) return best;
    best = next;
  }
  return best;
}

/** The expression with one part of it replaced by something inside that part. */
function cuts(source: string): readonly string[] {
  const parsed = parse(source);
  if (!parsed.ok) return [];
  const all = nodesOf(parsed.value).flatMap((outer) =>
    nodesOf(outer).map((inner) => cut(source, outer, inner)),
  );
  return [...new Set(all)].filter((each) => each.length < source.length).slice(0, 3000);
}

function cut(source: string, outer: Ast, inner: Ast): string {
  return (
    source.slice(0, outer.start) + source.slice(inner.start, inner.end) + source.slice(outer.end)
  );
}
