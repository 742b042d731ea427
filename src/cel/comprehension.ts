// Running a comprehension: over the items of a list or the entries of a map, folded into a result.
// `all` and `exists` absorb errors, in whatever order they come; the others pass the first one on.
import type { Run } from './frame.ts';
import { CelError, CelMap, isMap, keysOf, keyText, lookup, type Value } from './value.ts';

/** One step's outcome: `undefined` goes on, anything else ends the loop with it. */
export type Step = (state: State, body: Value, key: Value, item: Value) => Value | undefined;

export type State = {
  readonly items: Value[];
  readonly entries: Map<string, readonly [Value, Value]>;
  count: number;
  error: CelError | undefined;
};

export type Fold = {
  readonly result: 'bool' | 'list' | 'same' | 'map' | 'entry';
  readonly predicate: boolean;
  readonly step: Step;
  readonly end: (state: State) => Value;
};

const notBool = new CelError('no such overload');

export const folds = {
  all: {
    result: 'bool',
    predicate: true,
    step: (state, body) => absorb(state, body, false),
    end: (state) => state.error ?? true,
  },
  exists: {
    result: 'bool',
    predicate: true,
    step: (state, body) => absorb(state, body, true),
    end: (state) => state.error ?? false,
  },
  existsOne: {
    result: 'bool',
    predicate: true,
    step(state, body) {
      if (body === true) state.count++;
      return strict(body);
    },
    end: (state) => state.count === 1,
  },
  filter: {
    result: 'same',
    predicate: true,
    step(state, body, _key, item) {
      if (body === true) state.items.push(item);
      return strict(body);
    },
    end: (state) => state.items,
  },
  map: {
    result: 'list',
    predicate: false,
    step(state, body) {
      if (body instanceof CelError) return body;
      state.items.push(body);
      return undefined;
    },
    end: (state) => state.items,
  },
  transformMap: {
    result: 'map',
    predicate: false,
    step: (state, body, key) => (body instanceof CelError ? body : put(state, key, body)),
    end: (state) => new CelMap(state.entries),
  },
  transformMapEntry: {
    result: 'entry',
    predicate: false,
    step: (state, body) => (body instanceof CelError ? body : putAll(state, body)),
    end: (state) => new CelMap(state.entries),
  },
} as const satisfies Record<string, Fold>;

function absorb(state: State, body: Value, decisive: boolean): Value | undefined {
  if (body === decisive) return decisive;
  if (body !== !decisive) state.error ??= body instanceof CelError ? body : notBool;
  return undefined;
}

function strict(body: Value): Value | undefined {
  if (body instanceof CelError) return body;
  return typeof body === 'boolean' ? undefined : notBool;
}

function put(state: State, key: Value, value: Value): Value | undefined {
  const text = keyText(key);
  if (text === undefined) return new CelError('unsupported key type');
  if (state.entries.has(text))
    return new CelError(`insert failed: key ${String(key)} already exists`);
  state.entries.set(text, [key, value]);
  return undefined;
}

function putAll(state: State, entry: Value): Value | undefined {
  if (!isMap(entry)) return new CelError('no such overload');
  for (const key of keysOf(entry)) {
    const failed = put(state, key, lookup(entry, key));
    if (failed !== undefined) return failed;
  }
  return undefined;
}

export type Comprehension = {
  readonly range: Run;
  readonly slots: readonly number[];
  readonly two: boolean;
  readonly condition: Run | undefined;
  readonly body: Run;
  readonly fold: Fold;
};

export function comprehend({ range, slots, two, condition, body, fold }: Comprehension): Run {
  const [first = 0, second = 0] = slots;
  return (frame) => {
    const over = range(frame);
    if (over instanceof CelError) return over;
    if (!Array.isArray(over) && !isMap(over)) return new CelError('no such overload');
    const state: State = { items: [], entries: new Map(), count: 0, error: undefined };
    for (const [key, item] of entriesOf(over)) {
      // Out of budget: whatever is returned is thrown away.
      frame.left -= 3;
      if (frame.left < 0) break;
      frame.locals[first] = two || !Array.isArray(over) ? key : item;
      if (two) frame.locals[second] = item;
      const held = condition === undefined ? true : condition(frame);
      if (held !== true) {
        const failed = strict(held);
        if (failed !== undefined) return failed;
        continue;
      }
      const done = fold.step(state, body(frame), key, two || Array.isArray(over) ? item : key);
      if (done !== undefined) return done;
    }
    return fold.end(state);
  };
}

function* entriesOf(
  over: Parameters<typeof keysOf>[0] | readonly Value[],
): Iterable<[Value, Value]> {
  if (Array.isArray(over)) {
    for (let i = 0; i < over.length; i++) yield [i, over[i]];
  } else if (isMap(over)) {
    for (const key of keysOf(over)) yield [key, lookup(over, key)];
  }
}
