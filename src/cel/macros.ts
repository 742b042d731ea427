// Macros: has(), the comprehensions with one and two variables, sortBy(), and those over optionals.
// Upstream: cel-go parser/macro.go, ext/comprehensions.go, ext/lists.go and cel.OptionalTypes.
import type { Ast } from './ast.ts';
import { type Builder, faulty, knows, tooNew, withLocals } from './builder.ts';
import type { Node } from './frame.ts';
import type { Since } from './function.ts';
import { finish, type Kind } from './macro-folds.ts';
import { mapOptional } from './macro-optional.ts';
import { buildPresence } from './names.ts';
import { callFunction } from './overload.ts';
import { dyn, int, showType, type Type } from './type.ts';

type CallAst = Extract<Ast, { kind: 'call' }>;

/** By the number of arguments: the name of the macro, how many variables it has, and what brought it. */
type Macro = { readonly kind: Kind; readonly variables: 1 | 2; readonly filtered: boolean };

const one = (kind: Kind): Macro => ({ kind, variables: 1, filtered: false });
const two = (kind: Kind, filtered = false): Macro => ({ kind, variables: 2, filtered });
const twoVariables: Since = '1.32';
const optionals: Since = '1.28';
const sorting: Since = '1.34';

const loops: ReadonlyMap<string, Macro> = new Map([
  ['all 2', one('all')],
  ['all 3', two('all')],
  ['exists 2', one('exists')],
  ['exists 3', two('exists')],
  ['exists_one 2', one('existsOne')],
  ['exists_one 3', two('existsOne')],
  ['existsOne 3', two('existsOne')],
  ['filter 2', one('filter')],
  ['map 2', one('map')],
  ['map 3', { kind: 'map', variables: 1, filtered: true }],
  ['transformList 3', two('map')],
  ['transformList 4', two('map', true)],
  ['transformMap 3', two('transformMap')],
  ['transformMap 4', two('transformMap', true)],
  ['transformMapEntry 3', two('transformMapEntry')],
  ['transformMapEntry 4', two('transformMapEntry', true)],
]);

/** A macro call, compiled; undefined when it is none, by its name and the number of its arguments. */
export function buildMacro(ast: CallAst, b: Builder): Node | undefined {
  const { name, target, args } = ast;
  if (name === 'has' && target === null && args.length === 1) return has(ast, b);
  if (target === null) return undefined;
  const macro = loops.get(`${name} ${args.length}`);
  if (macro !== undefined) return loop(macro, ast, target, b);
  if (args.length !== 2) return undefined;
  if (name === 'optMap' || name === 'optFlatMap') {
    if (!knows(b, optionals)) return tooNew(b, ast, `${name}()`, optionals);
    return mapOptional(name, ast, target, b);
  }
  if (name !== 'sortBy') return undefined;
  return knows(b, sorting) ? sortBy(ast, target, b) : tooNew(b, ast, 'sortBy()', sorting);
}

function has(ast: CallAst, b: Builder): Node {
  const [arg] = ast.args;
  if (arg?.kind === 'select' && !arg.optional) return buildPresence(arg, b);
  return faulty(b, ast, 'cel-syntax', 'invalid argument to has() macro');
}

function loop(macro: Macro, ast: CallAst, target: Ast, b: Builder): Node {
  if (macro.variables === 2 && !knows(b, twoVariables)) {
    return tooNew(b, ast, `${ast.name}() with two variables`, twoVariables);
  }
  const names = namesOf(ast, macro.variables, b);
  if ('run' in names) return names;
  return overRange(macro, ast, names, b.build(target, b), target, b);
}

function overRange(
  { kind, variables, filtered }: Macro,
  ast: CallAst,
  names: readonly string[],
  range: Node,
  at: Ast,
  b: Builder,
): Node {
  const types = variableTypes(range.type, variables === 2, b);
  if (types === undefined) {
    const message = `expression of type '${showType(b.types.final(range.type))}' cannot be range of a comprehension (must be list, map, or dynamic)`;
    return faulty(b, at, 'cel-type', message);
  }
  const { inner, slots } = withLocals(
    b,
    names.map((name, i) => [name, types[i] ?? dyn]),
  );
  const bodies = ast.args.slice(names.length).map((arg) => inner.build(arg, inner));
  const condition = filtered ? bodies[0] : undefined;
  const body = bodies.at(-1);
  if (body === undefined) throw new Error('a macro without a body');
  return finish({ kind, ast, range, slots, types, condition, body }, b);
}

/** The names of the variables; a node when they cannot be names. */
function namesOf(ast: CallAst, count: number, b: Builder): readonly string[] | Node {
  const names: string[] = [];
  for (const arg of ast.args.slice(0, count)) {
    const name = arg.kind === 'name' && !arg.name.startsWith('.') ? arg.name : undefined;
    if (name === undefined || names.includes(name)) {
      return faulty(b, arg, 'cel-syntax', 'argument must be a simple name');
    }
    if (name === '__result__') {
      const message = 'iteration variable overwrites accumulator variable';
      return faulty(b, arg, 'cel-syntax', message);
    }
    names.push(name);
  }
  return names;
}

/** One variable: the item of a list or the key of a map. Two: index or key, and value. */
function variableTypes(of: Type, two: boolean, b: Builder): readonly Type[] | undefined {
  const range = b.types.resolve(of);
  const [first = dyn, second = dyn] = range.args;
  if (range.name === 'list') return two ? [int, first] : [first];
  if (range.name === 'map') return two ? [first, second] : [first];
  if (range.name !== 'dyn' && !range.name.startsWith('_')) return undefined;
  b.types.fits(dyn, range);
  return [dyn, dyn];
}

/** `list.sortBy(x, key)`: the list is evaluated once, and its keys by a map() over it. */
function sortBy(ast: CallAst, target: Ast, b: Builder): Node {
  const names = namesOf(ast, 1, b);
  if ('run' in names) return names;
  const input = b.build(target, b);
  const slot = b.slots.next++;
  const list: Node = {
    type: input.type,
    attribute: 1,
    run: (frame) => {
      frame.left--;
      return frame.locals[slot];
    },
  };
  const keys = overRange(one('map'), ast, names, list, target, b);
  const name = '@sortByAssociatedKeys';
  const sorted = callFunction({ name, member: true, args: [list, keys] }, ast, b);
  return {
    type: sorted.type,
    run: (frame) => {
      frame.locals[slot] = input.run(frame);
      return sorted.run(frame);
    },
  };
}
