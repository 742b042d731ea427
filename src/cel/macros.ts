// Macros: has(), the comprehensions with one and two variables, and those over optionals.
// Upstream: cel-spec "Macros"; cel-go ext.TwoVarComprehensions and cel.OptionalTypes.
import { itemType, presence } from './access.ts';
import type { Ast } from './ast.ts';
import { type Builder, faulty, withLocals } from './builder.ts';
import { type Comprehension, comprehend, type Fold, folds } from './comprehension.ts';
import type { Node } from './frame.ts';
import { bool, dyn, int, listOf, mapOf, optionalOf, string, type Type } from './type.ts';
import { CelError, none, Optional } from './value.ts';

type CallAst = Extract<Ast, { kind: 'call' }>;
type Macro = (ast: CallAst, target: Ast, builder: Builder) => Node | undefined;

/** A macro call, compiled; undefined when it is none, by its name and the number of its arguments. */
export function buildMacro(ast: CallAst, builder: Builder): Node | undefined {
  if (ast.name === 'has' && ast.target === null && ast.args.length === 1) return has(ast, builder);
  if (ast.target === null || !Object.hasOwn(macros, ast.name)) return undefined;
  return macros[ast.name]?.(ast, ast.target, builder);
}

const macros: Readonly<Record<string, Macro>> = {
  all: loop('all', { one: 2, two: 3 }),
  exists: loop('exists', { one: 2, two: 3 }),
  exists_one: loop('existsOne', { one: 2, two: 3 }),
  existsOne: loop('existsOne', { two: 3 }),
  filter: loop('filter', { one: 2 }),
  map: loop('map', { one: 2, filtered: 3 }),
  transformList: loop('map', { two: 3, filtered: 4 }),
  transformMap: loop('transformMap', { two: 3, filtered: 4 }),
  transformMapEntry: loop('transformMapEntry', { two: 3, filtered: 4 }),
  optMap: optional((value) => new Optional(value)),
  optFlatMap: optional((value) =>
    value instanceof Optional ? value : new CelError('no such overload'),
  ),
};

function has(ast: CallAst, builder: Builder): Node {
  const [arg] = ast.args;
  if (arg?.kind !== 'select' || arg.optional) {
    return faulty(builder, ast, 'cel-syntax', 'invalid argument to has() macro');
  }
  // The whole selection is checked as any other: a field that is not declared is a fault.
  builder.build(arg, builder);
  const faults = builder.faults.length;
  const operand = builder.build(arg.operand, builder);
  builder.faults.length = faults;
  return { type: bool, run: presence(operand.run, arg.field) };
}

type Arity = { readonly one?: number; readonly two?: number; readonly filtered?: number };

function loop(fold: keyof typeof folds, arity: Arity): Macro {
  return (ast, target, builder) => {
    const { length } = ast.args;
    const filtered = length === arity.filtered;
    const two = length === arity.two || (filtered && arity.one === undefined);
    if (length !== arity.one && !two && !filtered) return undefined;
    const names = ast.args.slice(0, two ? 2 : 1).map(nameOf);
    if (names.some((name) => name === undefined) || new Set(names).size < names.length) {
      return faulty(builder, ast, 'cel-syntax', 'argument must be a simple name');
    }
    const range = builder.build(target, builder);
    const types = variableTypes(range.type, two);
    if (types === undefined) {
      const message = `expression of type '${range.type.name}' cannot be range of a comprehension (must be list, map, or dynamic)`;
      return faulty(builder, target, 'cel-type', message);
    }
    const locals = names.map((name, i) => [name ?? '', types[i] ?? dyn] as const);
    const { inner, slots } = withLocals(builder, locals);
    const bodies = ast.args.slice(names.length).map((arg) => inner.build(arg, inner));
    return finish({ ast, fold: folds[fold], range, slots, bodies, filtered, two }, builder);
  };
}

type Parts = {
  readonly ast: CallAst;
  readonly fold: Fold;
  readonly range: Node;
  readonly slots: readonly number[];
  readonly bodies: readonly Node[];
  readonly filtered: boolean;
  readonly two: boolean;
};

function finish({ ast, fold, range, slots, bodies, filtered, two }: Parts, builder: Builder): Node {
  const body = bodies.at(-1);
  if (body === undefined) return faulty(builder, ast, 'cel-syntax', 'the macro has no body');
  const condition = filtered ? bodies[0] : undefined;
  for (const test of [condition, fold.predicate ? body : undefined]) {
    if (test !== undefined && test.type.name !== 'bool' && test.type.name !== 'dyn') {
      return faulty(
        builder,
        ast,
        'cel-type',
        `the predicate of ${ast.name}() must be a bool, not '${test.type.name}'`,
      );
    }
  }
  const comprehension: Comprehension = {
    range: range.run,
    slots,
    two,
    condition: condition?.run,
    body: body.run,
    fold,
  };
  return { type: resultType(fold, range.type, body.type), run: comprehend(comprehension) };
}

function resultType(fold: Fold, range: Type, body: Type): Type {
  switch (fold.result) {
    case 'bool':
      return bool;
    case 'list':
      return listOf(body);
    case 'same':
      return range.name === 'map' ? listOf(range.args[0] ?? dyn) : range;
    case 'map':
      return mapOf(
        range.name === 'map' ? (range.args[0] ?? dyn) : range.name === 'list' ? int : dyn,
        body,
      );
    case 'entry':
      return body.name === 'map' ? body : mapOf(dyn, dyn);
  }
}

/** One variable: the item of a list or the key of a map. Two: index or key, and value. */
function variableTypes(range: Type, two: boolean): readonly Type[] | undefined {
  const [first = dyn, second = dyn] = range.args;
  if (range.name === 'dyn') return [dyn, dyn];
  if (range.name === 'list') return two ? [int, first] : [first];
  if (range.name === 'map') return two ? [first, second] : [first];
  return itemType(range, true) === undefined ? undefined : [string, dyn];
}

function nameOf(ast: Ast): string | undefined {
  return ast.kind === 'name' ? ast.name : undefined;
}

/** `optional.optMap(x, body)`: the body over the value, where there is one. */
function optional(wrap: (value: unknown) => unknown): Macro {
  return (ast, target, builder) => {
    const [variable, body] = ast.args;
    if (ast.args.length !== 2 || body === undefined) return undefined;
    if (variable?.kind !== 'name')
      return faulty(builder, ast, 'cel-syntax', 'argument must be a simple name');
    const operand = builder.build(target, builder);
    const [inside = dyn] = operand.type.args;
    const { inner, slots } = withLocals(builder, [[variable.name, inside]]);
    const mapped = inner.build(body, inner);
    const [slot = 0] = slots;
    return {
      type: ast.name === 'optMap' ? optionalOf(mapped.type) : mapped.type,
      run: (frame) => {
        const value = operand.run(frame);
        if (value instanceof CelError) return value;
        if (!(value instanceof Optional)) return new CelError('no such overload');
        if (value.value === undefined) return none;
        frame.locals[slot] = value.value;
        const result = mapped.run(frame);
        return result instanceof CelError ? result : wrap(result);
      },
    };
  };
}
