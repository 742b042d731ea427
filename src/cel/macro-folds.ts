// What each comprehension macro makes of its range, and the cost of what cel-go expands it to.
// Upstream: parser/macro.go and ext/comprehensions.go of cel-go.
import type { Ast } from './ast.ts';
import { type Builder, faulty } from './builder.ts';
import { type Comprehension, fold, quantifier, type State } from './comprehension.ts';
import type { Frame, Node, Run } from './frame.ts';
import { noMatch, resolve } from './overload.ts';
import { bool, int, listOf, mapOf, parseSignature, showType, type Type } from './type.ts';
import { CelError, CelMap, isMap, keysOf, keyText, lookup, typeName, type Value } from './value.ts';

export type Kind =
  | 'all'
  | 'exists'
  | 'existsOne'
  | 'filter'
  | 'map'
  | 'transformMap'
  | 'transformMapEntry';

export type Macro = {
  readonly kind: Kind;
  readonly ast: Extract<Ast, { kind: 'call' }>;
  readonly range: Node;
  readonly slots: readonly number[];
  /** Of the variables. */
  readonly types: readonly Type[];
  readonly condition: Node | undefined;
  readonly body: Node;
};

export function finish(macro: Macro, b: Builder): Node {
  const { kind, ast, range, slots, condition, body } = macro;
  const predicates =
    kind === 'all' || kind === 'exists' || kind === 'existsOne' || kind === 'filter';
  for (const test of [condition, predicates ? body : undefined]) {
    if (test === undefined || b.types.fits(test.type, bool)) continue;
    const found = showType(b.types.final(test.type));
    const message = `the predicate of ${ast.name}() must be a bool, not '${found}'`;
    return faulty(b, ast, 'cel-type', message);
  }
  const two = slots.length === 2;
  const of = { range: range.run, slots, two, condition: condition?.run, body: body.run };
  const type = typeOf(macro, b);
  if ('run' in type) return type;
  return { type, run: runOf(kind, of, body.constant !== undefined) };
}

const insertEntries = [parseSignature('insert(map<A, B>, map<A, B>): map<A, B>')];

function typeOf({ kind, ast, types: [first = int], body }: Macro, b: Builder): Type | Node {
  switch (kind) {
    case 'all':
    case 'exists':
    case 'existsOne':
      return bool;
    case 'filter':
      return listOf(first);
    case 'map':
      return listOf(body.type);
    case 'transformMap':
      return mapOf(first, body.type);
    case 'transformMapEntry': {
      const made = mapOf(b.types.fresh(), b.types.fresh());
      const inserted = resolve(insertEntries, [made, body.type], b);
      if (inserted !== undefined) return inserted.type;
      return noMatch('cel.@mapInsert', [made, body.type], false, ast, b);
    }
  }
}

function runOf(kind: Kind, of: Comprehension, constant: boolean): Run {
  switch (kind) {
    case 'all':
      return quantifier(of, false);
    case 'exists':
      return quantifier(of, true);
    case 'existsOne':
      return existsOne(of);
    case 'filter':
      return filter(of);
    case 'map':
      return map(of, constant ? 2 : 12);
    case 'transformMap':
      return transformMap(of);
    case 'transformMapEntry':
      return transformMapEntry(of);
  }
}

/** `body ? @result + 1 : @result`, and in the end `@result == 1`. */
function existsOne(of: Comprehension): Run {
  const add = (state: State, frame: Frame): void => {
    frame.left -= 2;
    state.count++;
  };
  return fold({ ...of, condition: of.body }, add, 2, ({ count }) => count === 1);
}

/** `body ? @result + [x] : @result`. */
function filter(of: Comprehension): Run {
  const [slot = 0] = of.slots;
  const add = ({ items }: State, frame: Frame): void => {
    frame.left -= 13;
    items.push(frame.locals[slot]);
  };
  return fold({ ...of, condition: of.body }, add, 1, ({ items }) => items);
}

/** `@result + [body]`: a list of what is known at load takes nothing. */
function map(of: Comprehension, cost: number): Run {
  const add = (state: State, frame: Frame): void => {
    frame.left -= cost;
    const value = of.body(frame);
    if (value instanceof CelError) state.error ??= value;
    else state.items.push(value);
  };
  return fold(of, add, 1, ({ items }) => items);
}

/** `cel.@mapInsert(@result, key, body)`: an error so far ends it before the key and the body. */
function transformMap(of: Comprehension): Run {
  const [slot = 0] = of.slots;
  const add = (state: State, frame: Frame): void => {
    frame.left--;
    if (state.error !== undefined) return;
    frame.left -= 2;
    const key = frame.locals[slot];
    const value = of.body(frame);
    state.error = value instanceof CelError ? value : put(state, key, value, frame);
  };
  return fold(of, add, 1, ({ entries }) => new CelMap(entries));
}

/** `cel.@mapInsert(@result, body)`. */
function transformMapEntry(of: Comprehension): Run {
  const add = (state: State, frame: Frame): void => {
    frame.left -= 2;
    const value = of.body(frame);
    state.error ??= value instanceof CelError ? value : putAll(state, value, frame);
  };
  return fold(of, add, 1, ({ entries }) => new CelMap(entries));
}

/** An entry is more work than its cost says. */
const workOfEntry = 30;
const overWork = new CelError('out of work');

function put(state: State, key: Value, value: Value, frame: Frame): CelError | undefined {
  if (!frame.call.spend(workOfEntry)) return overWork;
  const text = keyText(key);
  if (text === undefined) return new CelError('unsupported key type');
  if (state.entries.has(text))
    return new CelError(`insert failed: key ${String(key)} already exists`);
  state.entries.set(text, [key, value]);
  return undefined;
}

function putAll(state: State, entry: Value, frame: Frame): CelError | undefined {
  if (!isMap(entry)) {
    return new CelError(`no such overload: cel.@mapInsert(map, ${typeName(entry)})`);
  }
  for (const key of keysOf(entry)) {
    const failed = put(state, key, lookup(entry, key), frame);
    if (failed !== undefined) return failed;
  }
  return undefined;
}
