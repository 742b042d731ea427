// From an expression to the fields behind its value: each kind of node, from the outside in.
// Upstream: the meaning of each node is that of cel-spec; only where a value came from is followed here.
import type { Ast } from '../ast.ts';
import { CelError, keyText, type Value } from '../value.ts';
import { traceCall } from './calls.ts';
import { type Causes, firstOf, inexact, type Root, union } from './cause.ts';
import { type Context, isPart, run, siteOf, spend } from './context.ts';
import { traceMacro } from './macros.ts';
import { alongside, at, constant, derived, listOf, type Traced, withValue } from './traced.ts';

type Of<K extends Ast['kind']> = Extract<Ast, { kind: K }>;

export function trace(ast: Ast, context: Context): Traced {
  spend(1, context);
  switch (ast.kind) {
    case 'literal':
      return constant(ast.value);
    case 'name':
      return traceName(ast, context);
    case 'select':
      return traceSelect(ast, context);
    case 'index':
      return traceIndex(ast, context);
    case 'list':
      return traceList(ast, context);
    case 'map':
      return traceMap(ast, context);
    case 'conditional':
      return traceConditional(ast, context);
    case 'and':
    case 'or':
      return derived(run(ast, context), () => logicCauses(ast, context));
    case 'call':
      return traceMacro(ast, context) ?? traceCall(ast, context);
  }
}

const roots: ReadonlySet<string> = new Set<Root>([
  'object',
  'oldObject',
  'params',
  'request',
  'namespaceObject',
]);

function isRoot(name: string): name is Root {
  return roots.has(name);
}

function traceName(ast: Of<'name'>, context: Context): Traced {
  const local = context.parts.byAst.get(ast)?.locals.get(ast.name);
  const bound = local === undefined ? undefined : context.bound.get(local.slot);
  const site = siteOf(ast, context);
  if (bound !== undefined) return withValue(bound, bound.value, site);
  const value = run(ast, context);
  const root = ast.name.replace(/^\./, '');
  if (local !== undefined || !isRoot(root)) return constant(value);
  return at({ root, path: [] }, value, site);
}

function traceSelect(ast: Of<'select'>, context: Context): Traced {
  if (!isPart(ast.operand, context)) {
    return context.variableNamed(ast.field) ?? constant(run(ast, context));
  }
  const operand = context.trace(ast.operand, context);
  return withValue(operand.item(ast.field), run(ast, context), siteOf(ast, context));
}

/** A field that is looked up under a computed key: the key's own fields count too. */
function traceIndex(ast: Of<'index'>, context: Context): Traced {
  const operand = context.trace(ast.operand, context);
  const key = context.trace(ast.index, context);
  const value = run(ast, context);
  if (key.value instanceof CelError) return derived(value, key.causes);
  const site = siteOf(ast, context);
  const item = withValue(operand.item(key.value), value, site);
  const [known] = key.causes();
  return known === undefined ? item : alongside(item, () => inexact(key.causes()), site);
}

function traceList(ast: Of<'list'>, context: Context): Traced {
  const itemAt = (i: number): Traced | undefined => {
    const item = ast.items[i];
    return item === undefined ? undefined : context.trace(item, context);
  };
  const value = run(ast, context);
  // `[?x]` may leave items out: then they cannot be told apart by their position.
  const whole = Array.isArray(value) && ast.optionals.length === 0;
  const causes = (): Causes =>
    union(ast.items.map((item) => context.trace(item, context).causes()));
  return whole ? listOf(value, itemAt, causes) : derived(value, () => inexact(causes()));
}

function traceMap(ast: Of<'map'>, context: Context): Traced {
  const value = run(ast, context);
  const asts = ast.entries.flatMap((entry) => [entry.key, entry.value]);
  const whole = derived(value, () => union(asts.map((e) => context.trace(e, context).causes())));
  const item = (key: Value): Traced => {
    const text = keyText(key);
    const found = ast.entries.findLast((entry) => keyText(run(entry.key, context)) === text);
    const made = whole.item(key).value;
    if (found === undefined) return constant(made);
    return withValue(context.trace(found.value, context), made, siteOf(found.value, context));
  };
  return { ...whole, item };
}

/** The chosen branch decides; the condition does too where the other branch would have given something else. */
function traceConditional(ast: Of<'conditional'>, context: Context): Traced {
  const condition = context.trace(ast.condition, context);
  if (typeof condition.value !== 'boolean') return derived(run(ast, context), condition.causes);
  const [taken, other] = condition.value
    ? [ast.whenTrue, ast.whenFalse]
    : [ast.whenFalse, ast.whenTrue];
  const chosen = context.trace(taken, context);
  return { ...chosen, causes: () => conditionalCauses(condition, chosen, other, context) };
}

function* conditionalCauses(
  condition: Traced,
  chosen: Traced,
  other: Ast,
  context: Context,
): Causes {
  const own = [...chosen.causes()];
  yield* own;
  const { value } = chosen;
  if (own.length > 0 && typeof value !== 'boolean') return;
  const instead = run(other, context);
  if (own.length > 0 && instead !== !value) return;
  yield* condition.causes();
  // What the condition kept from being read: `has(a.b) ? a.b.c : false` is about a.b.c.
  if (instead instanceof CelError) yield* context.trace(other, context).causes();
}

/** The terms that decided, and those that failed beside them: else the rest would be left unsaid. */
function* logicCauses(ast: Of<'and' | 'or'>, context: Context): Causes {
  const decisive = ast.kind === 'or';
  const values = ast.terms.map((term) => run(term, context));
  const of = (is: (value: Value) => boolean): Causes =>
    union(
      pick(ast.terms, (_, i) => is(values[i])).map((term) => context.trace(term, context).causes()),
    );
  const failed = (value: Value): boolean => typeof value !== 'boolean';
  if (values.includes(decisive)) {
    yield* of((value) => value === decisive);
    yield* of(failed);
  } else {
    yield* firstOf([of(failed), of(() => true)]);
  }
}

function pick<T>(items: readonly T[], is: (item: T, index: number) => boolean): readonly T[] {
  return items.filter(is);
}
