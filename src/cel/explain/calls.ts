// Operators and functions: which of their arguments the result comes from.
import type { Ast } from '../ast.ts';
import { CelError, Optional, type Value } from '../value.ts';
import { type Causes, firstOf, inexact, union } from './cause.ts';
import { traceComparison, traceIn, traceSets, traceTest } from './compare.ts';
import { type Context, isPart, run, siteOf, spend } from './context.ts';
import { alongside, derived, listOf, type Traced, withValue } from './traced.ts';

type Call = Extract<Ast, { kind: 'call' }>;
/** `operands`: the receiver, where it is a value, and the arguments. */
type Rule = (
  operands: readonly Traced[],
  value: Value,
  ast: Call,
  context: Context,
) => Traced | undefined;

export function traceCall(ast: Call, context: Context): Traced {
  const value = run(ast, context);
  const asts = operandsOf(ast, context);
  const operands = asts.map((each) => context.trace(each, context));
  const failed = operands.filter((each) => each.value instanceof CelError);
  if (failed.length > 0) return derived(value, () => union(failed.map((each) => each.causes())));
  const name = nameOf(ast, context);
  const rule = Object.hasOwn(rules, name) ? rules[name] : undefined;
  return (
    (value instanceof CelError && ast.name !== 'value'
      ? undefined
      : rule?.(operands, value, ast, context)) ?? computed(operands, value)
  );
}

/** The arguments that were compiled: what a macro made something else of has no part of its own. */
function operandsOf({ target, args }: Call, context: Context): readonly Ast[] {
  return [...(target === null ? [] : [target]), ...args].filter((each) => isPart(each, context));
}

/** `optional.of`: with the namespace, where the receiver is none. */
function nameOf({ name, target }: Call, context: Context): string {
  return target?.kind === 'name' && !isPart(target, context)
    ? `${target.name}.${name}`
    : name.replace(/^\./, '');
}

/** A yes, a no and a failure are about the fields themselves; anything else was computed from them. */
function computed(operands: readonly Traced[], value: Value): Traced {
  const causes = (): Causes => union(operands.map((each) => each.causes()));
  return typeof value === 'boolean' || value instanceof CelError
    ? derived(value, causes)
    : derived(value, () => inexact(causes()));
}

const receiver: Rule = ([operand], value, ast, context) =>
  operand && withValue(operand, value, siteOf(ast, context));

const rearranged: Rule = ([operand], value, _, context) =>
  operand && rearrangedList(operand, value, context);

const rules: Readonly<Record<string, Rule>> = {
  '!_': ([operand], value) => operand && derived(value, operand.causes),
  '_+_': ([left, right], value) => left && right && concatenated(left, right, value),
  '@in': ([item, range], value, _, context) =>
    item && range && traceIn({ item, range, value, context }),
  ...sets(['sets.contains', 'sets.intersects']),
  ...comparisons(['_==_', '_!=_', '_<_', '_<=_', '_>_', '_>=_']),
  ...tests(['startsWith', 'endsWith', 'contains', 'matches']),
  size: ([operand], value) =>
    operand && {
      ...derived(value, () => inexact(operand.causes())),
      sized: (want) => operand.sized?.(want) ?? inexact(operand.causes()),
    },
  dyn: receiver,
  value: receiver,
  'optional.of': receiver,
  'optional.ofNonZeroValue': receiver,
  hasValue: ([operand], value) => operand && derived(value, operand.causes),
  orValue: ([operand, other], value, ast, context) =>
    operand && other && orElse(operand, other, value, ast, context),
  or: ([operand, other], value, ast, context) =>
    operand && other && orElse(operand, other, value, ast, context),
  first: ([operand], value) => operand && endOf(operand, value, () => 0),
  last: ([operand], value) => operand && endOf(operand, value, (length) => length - 1),
  slice: rearranged,
  reverse: rearranged,
  sort: rearranged,
  sortBy: rearranged,
  distinct: rearranged,
  flatten: rearranged,
};

function comparisons(names: readonly string[]): Record<string, Rule> {
  const rule: Rule = ([left, right], value, ast, context) =>
    left && right && traceComparison({ left, right, value, operator: ast.name, context });
  return Object.fromEntries(names.map((name) => [name, rule]));
}

function sets(names: readonly string[]): Record<string, Rule> {
  const rule =
    (name: string): Rule =>
    ([item, range], value, _, context) =>
      item && range && traceSets({ item, range, value, context }, name);
  return Object.fromEntries(names.map((name) => [name, rule(name)]));
}

function tests(names: readonly string[]): Record<string, Rule> {
  const rule: Rule = (operands, value, ast) => traceTest(operands, value, ast.name);
  return Object.fromEntries(names.map((name) => [name, rule]));
}

/** Each item of `a + b` leads back to its own list. */
function concatenated(left: Traced, right: Traced, value: Value): Traced | undefined {
  if (!Array.isArray(left.value) || !Array.isArray(value)) return undefined;
  const { length } = left.value;
  const causes = (): Causes => union([left.causes(), right.causes()]);
  const sized = (want: 'shorter' | 'longer'): Causes =>
    union([left, right].map((each) => each.sized?.(want) ?? endSized(each, want)));
  const itemAt = (i: number): Traced => (i < length ? left.item(i) : right.item(i - length));
  return listOf(value, itemAt, causes, sized);
}

/** An empty list makes nothing longer than it should be. */
function endSized({ value, causes }: Traced, want: 'shorter' | 'longer'): Causes {
  return want === 'shorter' && Array.isArray(value) && value.length === 0 ? [] : inexact(causes());
}

/** Where there is nothing, a constant stands in for the field; anything else has an origin of its own. */
function orElse(operand: Traced, other: Traced, value: Value, ast: Call, context: Context): Traced {
  const there = operand.value instanceof Optional && operand.value.value !== undefined;
  const site = siteOf(ast, context);
  const [known] = other.causes();
  if (there || (operand.place !== undefined && known === undefined)) {
    return withValue(operand, value, site);
  }
  return alongside(withValue(other, value, site), operand.causes, site);
}

/** first() and last(): one item; of an empty list, the list. */
function endOf(
  operand: Traced,
  value: Value,
  index: (length: number) => number,
): Traced | undefined {
  if (!Array.isArray(operand.value) || !(value instanceof Optional)) return undefined;
  if (value.value === undefined) return derived(value, operand.causes);
  const item = operand.item(index(operand.value.length));
  return { ...item, value, causes: () => firstOf([item.causes(), operand.causes()]) };
}

/** The same items in another order: each leads back to those that are the same as it. */
function rearrangedList(operand: Traced, value: Value, context: Context): Traced | undefined {
  if (!Array.isArray(operand.value) || !Array.isArray(value)) return undefined;
  const itemAt = (i: number): Traced => {
    const item: Value = value[i];
    const [first, ...rest] = sameItems(operand, item, context);
    if (first === undefined) return derived(item, () => inexact(operand.causes()));
    return rest.length === 0
      ? first
      : derived(item, () => union([first, ...rest].map((each) => each.causes())));
  };
  return listOf(value, itemAt, operand.causes, operand.sized);
}

/** Lists inside are looked through, for flatten(). */
function sameItems(operand: Traced, wanted: Value, context: Context): readonly Traced[] {
  const { value } = operand;
  if (!Array.isArray(value)) return [];
  spend(value.length, context);
  return [...value.entries()].flatMap(([i, item]) => {
    if (item === wanted) return [operand.item(i)];
    return Array.isArray(item) ? sameItems(operand.item(i), wanted, context) : [];
  });
}
