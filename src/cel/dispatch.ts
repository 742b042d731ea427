// Calls as they run: arguments, the overload that takes them, and the cost.
// Upstream: evalUnary, evalBinary and evalVarArgs of cel-go, and the dispatch of its function declarations.
import { concatenation } from './concatenation.ts';
import type { Frame, Run } from './frame.ts';
import type { CelFunction, CostOf } from './function.ts';
import { flat } from './library/cost.ts';
import { noOverload } from './no-overload.ts';
import { type Test, testOf } from './takes.ts';
import { unknownIn } from './unknown.ts';
import { CelError, Duration, toInt, type Value } from './value.ts';

export type Dispatch = {
  readonly name: string;
  readonly runs: readonly Run[];
  /** Those that fit the static types: they tell the cost. */
  readonly fitting: readonly CelFunction[];
  /** Those that may be run. */
  readonly all: readonly CelFunction[];
  /** Whether the first argument that fails ends the call, before the others are evaluated. */
  readonly early: boolean;
  /** The pattern among the arguments is known at load. */
  readonly planned: boolean;
};

/** An overload that may be run. */
type Candidate = Pick<CelFunction, 'implementation' | 'asks'> & {
  readonly tests: readonly Test[];
  readonly first: Test;
  readonly second: Test;
  /** undefined: 1. */
  readonly cost: CostOf | undefined;
};

/** Arguments that are evaluated, in the shapes that calls have: one, two, or any number of which one may have failed. */
type Apply = {
  readonly one: (a: Value, frame: Frame) => Value;
  readonly two: (a: Value, b: Value, frame: Frame) => Value;
  readonly any: (values: readonly Value[], failed: CelError | undefined, frame: Frame) => Value;
};

export function dispatch(called: Dispatch): Run {
  const { name, runs, early } = called;
  const call = applying(called);
  const [left, right] = runs;
  if (left === undefined) return (frame) => call.any([], undefined, frame);
  if (right === undefined) return name === '!_' ? negation(left, call) : unary(left, call);
  if (early) return runs.length === 2 ? inTurn(left, right, call) : inOrder(runs, call);
  if (joinsTexts(called)) return concatenation(left, right, call.two);
  return comparing(name, left, right, call) ?? binary(left, right, call);
}

/** The static types leave only the sum of two texts. */
function joinsTexts({ name, fitting: [only, ...others] }: Dispatch): boolean {
  return name === '_+_' && others.length === 0 && only?.params[0]?.name === 'string';
}

function applying({ name, fitting, all, planned }: Dispatch): Apply {
  const [only, ...others] = fitting;
  if (only === undefined) throw new Error(`${name} has no overload`);
  const costOf = others.length === 0 ? () => only.cost : (f: CelFunction) => f.unresolvedCost;
  // No value is taken by two of them, but for those of fitting, which keep their order.
  const ordered = [...fitting, ...all.filter((each) => !fitting.includes(each))];
  const candidates = ordered.map((each) => candidate(name, each, costOf(each)));
  if (name === '-_') candidates.push(negatedDuration);
  const unary = candidates.filter(({ tests }) => tests.length === 1);
  const binary = candidates.filter(({ tests }) => tests.length === 2);
  const unmet = costOf(only);

  const any: Apply['any'] = (values, failed, frame) => {
    const chosen = failed === undefined ? candidates.find((each) => fits(each, values)) : undefined;
    const hidden = frame.activation.hides ? unknownIn(name, values) : undefined;
    const result = failed ?? hidden ?? chosen?.implementation(...values, frame.call);
    const given = result === undefined ? noOverload(name, values, planned) : result;
    const cost = chosen === undefined ? unmet : chosen.cost;
    return pay(cost === undefined ? 1 : cost(values, given), given, frame);
  };
  return {
    any,
    one(a, frame) {
      if (a instanceof CelError) return any([a], a, frame);
      if (frame.activation.hides) return any([a], undefined, frame);
      for (const { first, implementation, asks, cost } of unary) {
        if (!first(a)) continue;
        const given = asks ? implementation(a, frame.call) : implementation(a);
        return pay(cost === undefined ? 1 : cost([a], given), given, frame);
      }
      return any([a], undefined, frame);
    },
    two(a, b, frame) {
      const failed = a instanceof CelError ? a : b instanceof CelError ? b : undefined;
      if (failed !== undefined || frame.activation.hides) return any([a, b], failed, frame);
      for (const { first, second, implementation, asks, cost } of binary) {
        if (!first(a) || !second(b)) continue;
        const given = asks ? implementation(a, b, frame.call) : implementation(a, b);
        return pay(cost === undefined ? 1 : cost([a, b], given), given, frame);
      }
      return any([a, b], undefined, frame);
    },
  };
}

function candidate(name: string, f: CelFunction, cost: CostOf): Candidate {
  const { params, implementation, asks } = f;
  const tests = params.map((each) => testOf(name, each));
  const [first = never, second = never] = tests;
  return { implementation, asks, tests, first, second, cost: cost === flat ? undefined : cost };
}

const never: Test = () => false;

/** No type that is declared: as in-tree, a duration that was a dyn can be negated all the same. */
const negatedDuration: Candidate = {
  tests: [(value) => value instanceof Duration],
  first: (value) => value instanceof Duration,
  second: never,
  asks: false,
  cost: undefined,
  implementation(value) {
    const nanos = value instanceof Duration ? toInt(-value.nanos) : 0;
    return nanos instanceof CelError ? nanos : new Duration(BigInt(nanos));
  },
};

function fits({ tests }: Candidate, values: readonly Value[]): boolean {
  return tests.length === values.length && tests.every((test, i) => test(values[i]));
}

function pay(units: number, given: Value, frame: Frame): Value {
  // INVARIANT: `left` is a number, whatever the arguments are: NaN would never be below zero.
  frame.left -= units >= 0 ? units : 1;
  return given;
}

/** As unary(), without more ado for a bool. */
function negation(operand: Run, call: Apply): Run {
  return (frame) => {
    const value = operand(frame);
    if (typeof value !== 'boolean') return call.one(value, frame);
    frame.left--;
    return !value;
  };
}

function unary(operand: Run, call: Apply): Run {
  return (frame) => call.one(operand(frame), frame);
}

/** Both are evaluated, and the call takes its cost, even when one of them fails. */
function binary(left: Run, right: Run, call: Apply): Run {
  return (frame) => {
    const a = left(frame);
    return call.two(a, right(frame), frame);
  };
}

/** As inOrder(), of two. */
function inTurn(left: Run, right: Run, call: Apply): Run {
  return (frame) => {
    const a = left(frame);
    return a instanceof CelError ? a : call.two(a, right(frame), frame);
  };
}

/** The first that fails ends it: without cost, unless it is the last. */
function inOrder(runs: readonly Run[], call: Apply): Run {
  return (frame) => {
    const values: Value[] = [];
    for (const run of runs) {
      const value = run(frame);
      values.push(value);
      if (!(value instanceof CelError)) continue;
      return values.length < runs.length ? value : call.any(values, value, frame);
    }
    return call.any(values, undefined, frame);
  };
}

const comparisons: Readonly<Record<string, (a: number, b: number) => boolean>> = {
  '_<_': (a, b) => a < b,
  '_<=_': (a, b) => a <= b,
  '_>_': (a, b) => a > b,
  '_>=_': (a, b) => a >= b,
};

/** Plain numbers are compared without more ado: the overloads of the numeric types agree, and each takes 1. */
function comparing(name: string, left: Run, right: Run, call: Apply): Run | undefined {
  const compare = Object.hasOwn(comparisons, name) ? comparisons[name] : undefined;
  if (compare === undefined) return undefined;
  return (frame) => {
    const a = left(frame);
    const b = right(frame);
    if (typeof a !== 'number' || typeof b !== 'number') return call.two(a, b, frame);
    frame.left--;
    return compare(a, b);
  };
}
