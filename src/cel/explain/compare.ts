// Comparisons: the fields on both sides, what they were compared with, and inside maps and lists the parts that differ.
import type { JsonValue } from '../../base/json.ts';
import { equal } from '../equality.ts';
import { CelError, isMap, keysOf, type Value } from '../value.ts';
import { type Causes, inexact, union, type Wanted } from './cause.ts';
import { type Context, spend } from './context.ts';
import { derived, type Traced } from './traced.ts';

type Comparison = {
  readonly left: Traced;
  readonly right: Traced;
  readonly value: Value;
  /** `_==_`, as the parser names it. */
  readonly operator: string;
  readonly context: Context;
};

export function traceComparison(comparison: Comparison): Traced {
  return derived(comparison.value, () => comparisonCauses(comparison));
}

function* comparisonCauses({ left, right, value, operator, context }: Comparison): Causes {
  const sign = operator.slice(1, -1);
  const sizes =
    sizeCauses(left, right, sign, value) ?? sizeCauses(right, left, mirrored(sign), value);
  if (sizes !== undefined) yield* sizes;
  else if ((sign === '==') !== (value === true) && areContainers(left.value, right.value)) {
    yield* differing(left, right, context);
  } else {
    yield* both(left, right, sign, value === true);
  }
}

function* both(left: Traced, right: Traced, sign: string, negated: boolean): Causes {
  yield* wanting(left, right, sign, negated);
  yield* wanting(right, left, mirrored(sign), negated);
}

function mirrored(sign: string): string {
  return sign.startsWith('<')
    ? sign.replace('<', '>')
    : sign.startsWith('>')
      ? sign.replace('>', '<')
      : sign;
}

/** What was compared with a constant says what was wanted. */
function* wanting(traced: Traced, with_: Traced, operator: string, negated: boolean): Causes {
  const wanted = wantedOf(with_, operator, negated);
  for (const cause of traced.causes()) {
    yield wanted === undefined || traced.place === undefined ? cause : { ...cause, wanted };
  }
}

function wantedOf(other: Traced, operator: string, negated: boolean): Wanted | undefined {
  const [known] = other.causes();
  const value = known === undefined ? plain(other.value) : undefined;
  return value === undefined ? undefined : { operator, negated, value };
}

/** A value as JSON, where it is one. */
function plain(value: Value): JsonValue | undefined {
  switch (typeof value) {
    case 'string':
    case 'boolean':
    case 'bigint':
    case 'number':
      return value;
    default: {
      if (value === null) return null;
      if (!Array.isArray(value)) return undefined;
      const items = value.map(plain);
      return items.every((item) => item !== undefined) ? items : undefined;
    }
  }
}

/** A size that is too large or too small is told by the items that should not be there, or should. */
function sizeCauses(left: Traced, right: Traced, sign: string, result: Value): Causes | undefined {
  if (left.sized === undefined) return undefined;
  const [size, limit] = [countOf(left.value), countOf(right.value)];
  if (size === undefined || limit === undefined) return undefined;
  const shorter =
    sign === '==' || sign === '!='
      ? size > 0 && size >= limit
      : sign.startsWith('<') !== (result === true);
  return union([left.sized(shorter ? 'shorter' : 'longer'), right.causes()]);
}

function countOf(value: Value): number | undefined {
  return Array.isArray(value) ? value.length : typeof value === 'number' ? value : undefined;
}

function areContainers(a: Value, b: Value): boolean {
  return (isMap(a) && isMap(b)) || (Array.isArray(a) && Array.isArray(b) && a.length === b.length);
}

/** The deepest fields that are not the same on both sides. */
function* differing(left: Traced, right: Traced, context: Context): Causes {
  for (const key of keysOfBoth(left.value, right.value)) {
    const [a, b] = [left.item(key), right.item(key)];
    const same = equal(a.value, b.value, (units) => {
      spend(units, context);
      return true;
    });
    if (same === true) continue;
    if (areContainers(a.value, b.value)) yield* differing(a, b, context);
    else yield* both(a, b, '==', false);
  }
}

function keysOfBoth(a: Value, b: Value): Iterable<Value> {
  if (Array.isArray(a)) return a.keys();
  return isMap(a) && isMap(b) ? new Set([...keysOf(a), ...keysOf(b)]) : [];
}

type Membership = {
  readonly item: Traced;
  readonly range: Traced;
  readonly value: Value;
  readonly context: Context;
};

/** `x in list`: the item that is there, or the list that it is not in. `k in map`: what is, or would be, under it. */
export function traceIn({ item, range, value, context }: Membership): Traced {
  const inside = (): Causes => {
    if (!Array.isArray(range.value)) return inexactUnless(range.item(item.value));
    const found = value === true ? indexIn(range.value, item.value, context) : -1;
    return found < 0 ? range.causes() : range.item(found).causes();
  };
  return derived(value, () => union([wanting(item, range, 'in', value === true), inside()]));
}

function inexactUnless(traced: Traced): Causes {
  return traced.place === undefined ? inexact(traced.causes()) : traced.causes();
}

function indexIn(list: readonly Value[], wanted: Value, context: Context): number {
  return list.findIndex((item) => {
    spend(1, context);
    return equal(item, wanted, () => true) === true;
  });
}

/** sets.contains and sets.intersects: where some items are enough to say so, those. */
export function traceSets(
  { item: whole, range: part, value, context }: Membership,
  name: string,
): Traced {
  const told = name === 'sets.contains' ? value === false : value === true;
  const found = (item: Value): boolean =>
    Array.isArray(whole.value) && indexIn(whole.value, item, context) >= 0;
  const items = Array.isArray(part.value) ? [...part.value.entries()] : [];
  const deciding = (): Causes =>
    union(
      items
        .filter(([, item]) => found(item) === (value === true))
        .map(([i]) => part.item(i).causes()),
    );
  return derived(value, () => union([told ? deciding() : part.causes(), whole.causes()]));
}

/** startsWith, endsWith, contains and matches: a test of the receiver. */
export function traceTest(
  [subject, ...others]: readonly Traced[],
  value: Value,
  name: string,
): Traced | undefined {
  const [other] = others;
  if (subject === undefined || other === undefined || value instanceof CelError) return undefined;
  return derived(value, () =>
    union([wanting(subject, other, name, value === true), ...others.map((each) => each.causes())]),
  );
}
