// Running a comprehension: over the items of a list or the entries of a map, folded into a result.
// `all` and `exists` absorb errors, in whatever order they come; the others pass the first one on.
import type { Run } from './frame.ts';
import { CelError, CelMap, isMap, keysOf, keyText, lookup, typeName, type Value } from './value.ts';

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
      state.error = strict(body) ?? state.error;
      return undefined;
    },
    end: (state) => state.error ?? state.count === 1,
  },
  filter: {
    result: 'same',
    predicate: true,
    step(state, body, _key, item) {
      if (body === true) state.items.push(item);
      state.error = strict(body) ?? state.error;
      return undefined;
    },
    end: (state) => state.error ?? state.items,
  },
  map: {
    result: 'list',
    predicate: false,
    step(state, body) {
      if (body instanceof CelError) state.error ??= body;
      else state.items.push(body);
      return undefined;
    },
    end: (state) => state.error ?? state.items,
  },
  transformMap: {
    result: 'map',
    predicate: false,
    step(state, body, key) {
      state.error ??= body instanceof CelError ? body : put(state, key, body);
      return undefined;
    },
    end: (state) => state.error ?? new CelMap(state.entries),
  },
  transformMapEntry: {
    result: 'entry',
    predicate: false,
    step(state, body) {
      state.error ??= body instanceof CelError ? body : putAll(state, body);
      return undefined;
    },
    end: (state) => state.error ?? new CelMap(state.entries),
  },
} as const satisfies Record<string, Fold>;

function absorb(state: State, body: Value, decisive: boolean): Value | undefined {
  if (body === decisive) return decisive;
  if (body !== !decisive) state.error ??= body instanceof CelError ? body : notBool;
  return undefined;
}

/** The error of a condition that is none; the last one is told, as in-tree. */
function strict(body: Value): CelError | undefined {
  if (body instanceof CelError) return body;
  return typeof body === 'boolean' ? undefined : notBool;
}

function put(state: State, key: Value, value: Value): CelError | undefined {
  const text = keyText(key);
  if (text === undefined) return new CelError('unsupported key type');
  if (state.entries.has(text))
    return new CelError(`insert failed: key ${String(key)} already exists`);
  state.entries.set(text, [key, value]);
  return undefined;
}

function putAll(state: State, entry: Value): CelError | undefined {
  if (!isMap(entry)) return new CelError('no such overload');
  for (const key of keysOf(entry)) {
    const failed = put(state, key, lookup(entry, key));
    if (failed !== undefined) return failed;
  }
  return undefined;
}

const goNames: Readonly<Record<string, string>> = {
  null_type: 'Null',
  'google.protobuf.Timestamp': 'Timestamp',
  'google.protobuf.Duration': 'Duration',
};

function notIterable(value: Value): CelError {
  const name = typeName(value);
  const shown = goNames[name] ?? `${name.charAt(0).toUpperCase()}${name.slice(1)}`;
  return new CelError(`got 'types.${shown}', expected iterable type`);
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
    if (!Array.isArray(over) && !isMap(over)) return notIterable(over);
    const state: State = { items: [], entries: new Map(), count: 0, error: undefined };
    for (const [key, item] of entriesOf(over)) {
      // Out of budget: whatever is returned is thrown away.
      frame.left -= 3;
      if (frame.left < 0) break;
      frame.locals[first] = two || !Array.isArray(over) ? key : item;
      if (two) frame.locals[second] = item;
      const held = condition === undefined ? true : condition(frame);
      if (held !== true) {
        state.error = strict(held) ?? state.error;
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
