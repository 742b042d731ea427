// Which fields made an expression what it came out as: by evaluating its parts once more, from the outside in.
// An explanation never throws, names no field twice, and ends when its work is spent.
import { canonicalJson } from '../../base/json.ts';
import type { Ast } from '../ast.ts';
import { expressionLimit } from '../limits.ts';
import type { Activation, Budget, CelOutcome, Program } from '../program.ts';
import { CelError, Unknown } from '../value.ts';
import { type Cause, isWithin, type Wanted } from './cause.ts';
import { type Context, Exhausted, type Parts, partsOf } from './context.ts';
import { trace } from './trace.ts';
import { derived, type Traced } from './traced.ts';

/** `complete` is false when there may be more causes than could be told. */
export type Explanation = { readonly causes: readonly Cause[]; readonly complete: boolean };

export const maxCauses = 100;

/** `budget` is what explanations may spend, of the activation's own nothing is taken. */
export function explain(
  program: Program,
  activation: Activation,
  budget: Budget = { total: expressionLimit },
): Explanation {
  const parts = partsOf(program);
  if (parts === undefined) return { causes: [], complete: false };
  const allowed = Math.min(expressionLimit, budget.total);
  const work = { left: allowed };
  const found = collect(contextOf(parts, activation, work));
  budget.total -= Math.min(allowed, allowed - work.left);
  return found;
}

function collect(context: Context): Explanation {
  const causes = new Map<string, Cause>();
  let complete = true;
  try {
    for (const cause of trace(context.parts.ast, context).causes()) {
      context.work.left--;
      const key = JSON.stringify([cause.root, ...cause.path]);
      const known = causes.get(key);
      if (known === undefined && causes.size === maxCauses) throw new Exhausted('too many causes');
      causes.set(key, known === undefined ? cause : merged(known, cause));
    }
  } catch (cause) {
    // RangeError: nested deeper than the stack; the expression itself was evaluated with smaller frames.
    if (!(cause instanceof Exhausted || cause instanceof RangeError)) throw cause;
    complete = false;
  }
  return { causes: nearest([...causes.values()]), complete };
}

/** Named twice: for its own sake rather than as part of a computation; held to two measures, it is told by neither. */
function merged(known: Cause, cause: Cause): Cause {
  if (known.exact !== cause.exact) return known.exact ? known : cause;
  if (cause.wanted === undefined) return known;
  if (known.wanted === undefined) return cause;
  const { wanted, ...rest } = known;
  return measure(wanted) === measure(cause.wanted) ? known : rest;
}

function measure({ operator, negated, value }: Wanted): string {
  return `${operator} ${negated} ${canonicalJson(value)}`;
}

/** A missing field is told by what would have been read inside it: setting that sets it too. */
function nearest(causes: readonly Cause[]): readonly Cause[] {
  const missing = causes.filter(({ value }) => value === undefined);
  const implied = (cause: Cause): boolean =>
    missing.some((each) => each.path.length > cause.path.length && isWithin(each, cause));
  return causes.filter((cause) => cause.value !== undefined || !implied(cause));
}

function contextOf(parts: Parts, given: Activation, work: Context['work']): Context {
  const traced = new Map<string, Traced>();
  const variableNamed = (name: string, scope: Parts['scope']): Traced | undefined => {
    const known = traced.get(name);
    if (known !== undefined) return known;
    const found = scope.variables?.find((variable) => variable.name === name);
    const own = found === undefined ? undefined : partsOf(found.program);
    if (own === undefined) return undefined;
    const made = trace(own.ast, inContext(own, name));
    traced.set(name, made);
    return made;
  };
  const inContext = (own: Parts, variable: string | null): Context => {
    const named = (name: string): Traced | undefined => variableNamed(name, own.scope);
    const activation: Activation = {
      ...given,
      budget: { total: expressionLimit },
      variable: (name) => outcomeOf(named(name) ?? derived(new CelError('unknown'), () => [])),
    };
    return {
      parts: own,
      frame: own.frame(activation, work.left),
      activation,
      work,
      variable,
      bound: new Map(),
      variableNamed: named,
      trace: (ast: Ast, context: Context) => trace(ast, context),
    };
  };
  return inContext(parts, null);
}

function outcomeOf({ value }: Traced): CelOutcome {
  const cost = 0;
  if (value instanceof Unknown) return { kind: 'unknown', paths: value.paths, cost };
  if (!(value instanceof CelError)) return { kind: 'value', value, cost };
  return { kind: 'error', code: value.code, message: value.message, cost };
}
