// Running a comprehension: over the items of a list or the entries of a map, folded into a result, with the cost of what
// cel-go expands the macro to. `all` and `exists` absorb errors, in whatever order they come.
import type { Frame, Run } from './frame.ts';
import { goType } from './go-type.ts';
import { absorbed } from './logic.ts';
import { CelError, type CelMap, isMap, keysOf, lookup, type Value } from './value.ts';

export type Comprehension = {
  readonly range: Run;
  readonly slots: readonly number[];
  readonly two: boolean;
  readonly condition: Run | undefined;
  readonly body: Run;
};

type Over = readonly Value[] | CelMap | Readonly<Record<string, Value>>;

/** One loop over a range: the items of a list, or of a map the keys, and what is under them. */
export class Loop {
  readonly size: number;
  private readonly over: Over;
  private readonly keys: readonly Value[] | undefined;
  private readonly first: number;
  /** Negative: the macro has one variable. */
  private readonly second: number;

  constructor(over: Over, first: number, second: number) {
    this.over = over;
    this.keys = Array.isArray(over) ? undefined : keysOf(over as CelMap);
    this.size = this.keys?.length ?? (over as readonly Value[]).length;
    this.first = first;
    this.second = second;
  }

  /** Sets the variables of a round. */
  round(i: number, frame: Frame): void {
    const { locals } = frame;
    if (this.keys === undefined) {
      const item = (this.over as readonly Value[])[i];
      locals[this.first] = this.second < 0 ? item : i;
      if (this.second >= 0) locals[this.second] = item;
      return;
    }
    const key = this.keys[i];
    locals[this.first] = key;
    if (this.second >= 0) locals[this.second] = lookup(this.over as CelMap, key);
  }
}

/** The loop over a range; an error where there is nothing to loop over. */
export function loopOver({ range, slots, two }: Comprehension): (frame: Frame) => Loop | CelError {
  const [first = 0, second = 0] = slots;
  return (frame) => {
    const over = range(frame);
    if (over instanceof CelError) return over;
    if (Array.isArray(over) || isMap(over)) return new Loop(over, first, two ? second : -1);
    return notIterable(over, two);
  };
}

/** `all` (decisive: false) and `exists` (decisive: true). */
export function quantifier(of: Comprehension, decisive: boolean): Run {
  const { body } = of;
  const start = loopOver(of);
  // Each round asks whether the result is decided: @not_strictly_false(@result), or of !@result.
  const ask = decisive ? 3 : 2;
  return (frame) => {
    const loop = start(frame);
    if (loop instanceof CelError) return loop;
    let failed: CelError | undefined;
    const { size } = loop;
    for (let i = 0; i < size; i++) {
      frame.left -= ask + 1;
      // Out of budget: whatever is returned is thrown away.
      if (frame.left < 0) return decisive;
      loop.round(i, frame);
      const value = body(frame);
      if (value === decisive) {
        frame.left -= i + 1 < size ? ask + 1 : 1;
        return decisive;
      }
      if (value !== !decisive) failed = absorbed(failed, value);
    }
    frame.left--;
    return failed ?? !decisive;
  };
}

const notBool = new CelError('no such overload');

/** What holds the result of the other macros. `error` goes on through all rounds; the last of a condition is told. */
export type State = {
  readonly items: Value[];
  readonly entries: Map<Value, readonly [Value, Value]>;
  count: number;
  error: CelError | undefined;
};

/** What a round does where the condition holds. */
export type Step = (state: State, frame: Frame) => void;

/** `condition`, where there is one, decides about each round; `end` takes the cost of the result. */
export function fold(
  of: Comprehension,
  step: Step,
  cost: number,
  end: (state: State) => Value,
): Run {
  const { condition } = of;
  const start = loopOver(of);
  return (frame) => {
    const loop = start(frame);
    if (loop instanceof CelError) return loop;
    const state: State = { items: [], entries: new Map(), count: 0, error: undefined };
    for (let i = 0; i < loop.size; i++) {
      if (frame.left < 0) break;
      loop.round(i, frame);
      const held = condition === undefined ? true : condition(frame);
      if (held === true) step(state, frame);
      else if (held !== false) state.error = held instanceof CelError ? held : notBool;
    }
    frame.left -= cost;
    return state.error ?? end(state);
  };
}

function notIterable(value: Value, two: boolean): CelError {
  const shown = goType(value);
  return new CelError(
    two
      ? `unsupported comprehension range type: ${shown}`
      : `got '${shown}', expected iterable type`,
  );
}
