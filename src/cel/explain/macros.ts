// Macros: which items decided, told by their bodies; and results whose items lead back to where they came from.
// Upstream: cel-spec "Macros"; cel-go ext.TwoVarComprehensions and cel.OptionalTypes.
import type { Ast } from '../ast.ts';
import { CelError, isMap, keysOf, Optional, sizeOfMap, type Value } from '../value.ts';
import { type Causes, firstOf, inexact, union } from './cause.ts';
import { type Context, inside, isPart, run, siteOf, spend } from './context.ts';
import { constant, deferred, derived, itemOf, listOf, type Traced, withValue } from './traced.ts';

type Call = Extract<Ast, { kind: 'call' }>;

/** A macro call; undefined when it is none. */
export function traceMacro(ast: Call, context: Context): Traced | undefined {
  const { name, target, args } = ast;
  if (name === 'has' && target === null) return traceHas(ast, context);
  if (target === null || args[0]?.kind !== 'name' || isPart(args[0], context)) return undefined;
  if (name === 'optMap' || name === 'optFlatMap') return traceOptional(ast, target, context);
  const loop = loopOf(ast, target, context);
  return loop === undefined ? undefined : traceLoop(ast, loop, context);
}

/** has(a.b): the field that is there or is not. */
function traceHas(ast: Call, context: Context): Traced {
  const [selection] = ast.args;
  const value = run(ast, context);
  if (selection?.kind !== 'select' || !isPart(selection.operand, context)) return constant(value);
  const operand = context.trace(selection.operand, context);
  const field = operand.item(selection.field);
  return derived(value, withValue(field, field.value, siteOf(selection, context)).causes);
}

/** optMap and optFlatMap: the body's origin, or that of what is not there. */
function traceOptional(ast: Call, target: Ast, context: Context): Traced {
  const [name, body] = ast.args;
  const operand = context.trace(target, context);
  const value = run(ast, context);
  const { value: optional } = operand;
  const missing = !(optional instanceof Optional) || optional.value === undefined;
  if (missing || body === undefined) return derived(value, operand.causes);
  const variable = withValue(operand, optional.value, siteOf(target, context));
  const mapped = context.trace(body, inside(body, [[name, variable]], context));
  return { ...mapped, value };
}

/** One turn: its key, and the context in which the bodies are evaluated. */
type Turn = { readonly key: Value; readonly item: Traced; readonly context: Context };

type Loop = {
  readonly range: Traced;
  readonly turns: () => Iterable<Turn>;
  readonly condition: Ast | undefined;
  readonly body: Ast;
};

const twoVariables: ReadonlySet<string> = new Set([
  'transformList',
  'transformMap',
  'transformMapEntry',
]);
const loops: ReadonlySet<string> = new Set([
  ...twoVariables,
  ...['all', 'exists', 'exists_one', 'existsOne', 'filter', 'map'],
]);

function loopOf({ name, args }: Call, target: Ast, context: Context): Loop | undefined {
  if (!loops.has(name) || args.length < 2) return undefined;
  const two = twoVariables.has(name) || (name !== 'map' && args.length === 3);
  const bodies = args.slice(two ? 2 : 1);
  const body = bodies.at(-1);
  if (body === undefined || !isPart(body, context)) return undefined;
  const range = context.trace(target, context);
  const turns = (): Iterable<Turn> => turnsOf(range, args.slice(0, two ? 2 : 1), body, context);
  return { range, turns, condition: bodies.length === 2 ? bodies[0] : undefined, body };
}

function* turnsOf(
  range: Traced,
  names: readonly Ast[],
  body: Ast,
  context: Context,
): Iterable<Turn> {
  const { value } = range;
  const isList = Array.isArray(value);
  const keys = isList ? value.keys() : isMap(value) ? keysOf(value) : [];
  for (const key of keys) {
    spend(3, context);
    const own = itemOf(value, key);
    const site = siteOf(names[0] ?? body, context);
    const item = deferred(own, () => withValue(range.item(key), own, site));
    const named = isList ? constant(key) : derived(key, () => inexact(item.causes()));
    const values = names.length === 2 ? [named, item] : [isList ? item : named];
    const pairs = values.map((each, i) => [names[i], each] as const);
    yield { key, item: isList ? item : named, context: inside(body, pairs, context) };
  }
}

function traceLoop(ast: Call, loop: Loop, context: Context): Traced {
  const value = run(ast, context);
  if (value instanceof CelError) return derived(value, () => failing(loop));
  switch (ast.name) {
    case 'all':
      return derived(value, () => quantified(loop, value, false));
    case 'exists':
      return derived(value, () => quantified(loop, value, true));
    case 'exists_one':
    case 'existsOne':
      return derived(value, () => counted(loop));
    case 'filter':
      return filtered(value, loop);
    case 'map':
    case 'transformList':
      return mapped(value, loop);
    default:
      return transformed(value, loop);
  }
}

/** Of a body, or of the item where the body reads nothing that has an origin. */
function bodyCauses({ item, context }: Turn, body: Ast): Causes {
  return firstOf([causesOf(body, context), inexact(item.causes())]);
}

/** Traced only when it is read. */
function* causesOf(ast: Ast, context: Context): Causes {
  yield* context.trace(ast, context).causes();
}

function* where({ turns, body }: Loop, is: (value: Value) => boolean, of: Ast = body): Causes {
  for (const turn of turns()) if (is(run(of, turn.context))) yield* bodyCauses(turn, of);
}

/** What keeps a range from having (other) items. */
function longer({ value, sized, causes }: Traced): Causes {
  if (sized !== undefined) return sized('longer');
  return isEmpty(value) ? causes() : [];
}

function isEmpty(value: Value): boolean {
  return Array.isArray(value) ? value.length === 0 : isMap(value) && sizeOfMap(value) === 0;
}

const failed = (value: Value): boolean => typeof value !== 'boolean';

/** all and exists. Items whose body failed are told beside those that decided. */
function* quantified(loop: Loop, value: Value, decisive: boolean): Causes {
  if (value === decisive) {
    yield* where(loop, (each) => each === decisive || failed(each));
  } else {
    yield* where(loop, () => true);
    yield* longer(loop.range);
  }
}

/** exists_one: those that hold when there are too many, else all. */
function* counted(loop: Loop): Causes {
  const held = [...loop.turns()].filter((turn) => run(loop.body, turn.context) === true);
  if (held.length > 0) yield* union(held.map((turn) => bodyCauses(turn, loop.body)));
  else yield* quantified(loop, false, true);
}

/** The range's own causes when it is at fault, else the bodies that failed. */
function* failing(loop: Loop): Causes {
  const { value } = loop.range;
  if (!Array.isArray(value) && !isMap(value)) yield* loop.range.causes();
  else if (loop.condition !== undefined) {
    yield* firstOf([where(loop, failed, loop.condition), where(loop, isError)]);
  } else yield* firstOf([where(loop, isError), where(loop, failed)]);
}

const isError = (value: Value): boolean => value instanceof CelError;

/** The items keep their origins; the size is a matter of what the predicate reads. */
function filtered(value: Value, loop: Loop): Traced {
  const turns = lazily(() =>
    [...loop.turns()].filter((turn) => run(loop.body, turn.context) === true),
  );
  const sized = (want: 'shorter' | 'longer'): Causes =>
    want === 'shorter'
      ? where(loop, (each) => each === true)
      : union([where(loop, (each) => each !== true), longer(loop.range)]);
  const causes = (): Causes => sized(isEmpty(value) ? 'longer' : 'shorter');
  return listOf(value, (i) => turns()[i]?.item, causes, sized);
}

/** map, and transformList: an item is what the body made of it. */
function mapped(value: Value, loop: Loop): Traced {
  const { condition, body } = loop;
  const turns = lazily(() =>
    [...loop.turns()].filter(
      ({ context }) => condition === undefined || run(condition, context) === true,
    ),
  );
  const itemAt = (i: number): Traced | undefined => {
    const turn = turns()[i];
    return turn === undefined ? undefined : bodyOf(turn, body);
  };
  const causes = (): Causes =>
    turns().length > 0
      ? union(mapEach(turns(), (turn) => bodyCauses(turn, body)))
      : union([
          condition === undefined ? [] : where(loop, () => true, condition),
          longer(loop.range),
        ]);
  const sized = condition === undefined ? loop.range.sized : conditionSized(loop, condition);
  return listOf(value, itemAt, causes, sized);
}

function conditionSized(loop: Loop, condition: Ast): Traced['sized'] {
  return (want) =>
    want === 'shorter'
      ? where(loop, (each) => each === true, condition)
      : union([where(loop, (each) => each !== true, condition), longer(loop.range)]);
}

function bodyOf(turn: Turn, body: Ast): Traced {
  const traced = turn.context.trace(body, turn.context);
  return { ...traced, causes: () => firstOf([traced.causes(), inexact(turn.item.causes())]) };
}

/** transformMap and transformMapEntry: under its key, what the body made of an entry. */
function transformed(value: Value, loop: Loop): Traced {
  const all = derived(value, () => where(loop, () => true));
  return {
    ...all,
    item: (key) => {
      const turn = [...loop.turns()].find((each) => each.key === key);
      const made = turn === undefined ? undefined : bodyOf(turn, loop.body);
      return made !== undefined && made.value === itemOf(value, key) ? made : all.item(key);
    },
  };
}

function* mapEach<T, U>(items: readonly T[], made: (item: T) => U): Iterable<U> {
  for (const item of items) yield made(item);
}

function lazily<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
