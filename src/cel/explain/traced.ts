// A value together with where it came from. Nothing here is computed before it is asked for.
import type { FieldPath } from '../../base/field-path.ts';
import { getIn, type JsonValue } from '../../base/json.ts';
import type { Range } from '../ast.ts';
import type { Roots } from '../program.ts';
import {
  CelError,
  doubleOf,
  isInt,
  isMap,
  lookup,
  Optional,
  Uint,
  Unknown,
  type Value,
} from '../value.ts';
import { type Cause, type Causes, inexact, none, type Place, union } from './cause.ts';

export type Traced = {
  /** A CelError where evaluation failed. */
  readonly value: Value;
  /** Where the value itself stands, or would. */
  readonly place?: Place | undefined;
  /** What led to the place beside itself: the fields that a key was computed from. */
  readonly also?: (() => Causes) | undefined;
  /** The fields that made the value what it is. */
  readonly causes: () => Causes;
  /** What is under a field name, an index or a map key. */
  readonly item: (key: Value) => Traced;
  /** Of a list: the fields that would have to differ for it to be shorter or longer. */
  readonly sized?: ((want: 'shorter' | 'longer') => Causes) | undefined;
};

/** Where a sub-expression stands, and what the paths are read from. */
export type Site = {
  readonly roots: Roots;
  readonly variable: string | null;
  readonly range: Range;
};

/** The value at a place. Under what is not there, items are not there either, and still have a path. */
export function at(place: Place, value: Value, site: Site, also?: () => Causes): Traced {
  const cause: Cause = {
    ...place,
    value: read(place, site.roots),
    exact: true,
    range: { start: site.range.start, end: site.range.end },
    variable: site.variable,
  };
  const traced: Traced = {
    value,
    place,
    ...(also === undefined ? {} : { also }),
    causes: () => (also === undefined ? [cause] : union([[cause], also()])),
    item: (key) => {
      const inner = unwrap(value);
      const step = stepInto(inner, key);
      if (step === undefined) return derived(wrongKey, traced.causes);
      const path: FieldPath = [...place.path, step];
      return at({ root: place.root, path }, itemOf(inner, key), site, also);
    },
  };
  return traced;
}

/** THREAT: read again from the roots, so that nothing that was computed passes for a field's value. */
function read({ root, path }: Place, roots: Roots): JsonValue | undefined {
  const value: unknown = getIn(roots[root], path);
  return value instanceof Unknown ? undefined : getIn(roots[root], path);
}

/** A value that was computed from the fields. */
export function derived(value: Value, causes: () => Causes): Traced {
  return {
    value,
    causes,
    item: (key) =>
      value instanceof CelError
        ? derived(value, causes)
        : derived(itemOf(unwrap(value), key), () => inexact(causes())),
  };
}

/** Made when more than its value is asked for. */
export function deferred(value: Value, make: () => Traced): Traced {
  let made: Traced | undefined;
  const traced = (): Traced => {
    made ??= make();
    return made;
  };
  return {
    value,
    get place() {
      return traced().place;
    },
    get also() {
      return traced().also;
    },
    get sized() {
      return traced().sized;
    },
    causes: () => traced().causes(),
    item: (key) => traced().item(key),
  };
}

export function constant(value: Value): Traced {
  return derived(value, none);
}

/** A list whose items each have an origin of their own. */
export function listOf(
  value: Value,
  itemAt: (index: number) => Traced | undefined,
  causes?: () => Causes,
  sized?: Traced['sized'],
): Traced {
  const length = Array.isArray(value) ? value.length : 0;
  const all = causes ?? (() => union(eachItem(length, itemAt)));
  return {
    value,
    causes: all,
    item: (key) => {
      const inside = isInt(key) && key >= 0 && key < length ? itemAt(Number(key)) : undefined;
      return inside ?? derived(itemOf(value, key), () => inexact(all()));
    },
    ...(sized === undefined ? {} : { sized }),
  };
}

function* eachItem(
  length: number,
  itemAt: (index: number) => Traced | undefined,
): Iterable<Causes> {
  for (let i = 0; i < length; i++) yield itemAt(i)?.causes() ?? [];
}

/** The same origin, with another value: inside its optional, or outside it. */
export function withValue(traced: Traced, value: Value, site: Site): Traced {
  const { place, also } = traced;
  return place === undefined ? { ...traced, value } : at(place, value, site, also);
}

/** The same, with more fields that led to it and to all that is in it. */
export function alongside(traced: Traced, more: () => Causes, site: Site): Traced {
  const { place, also, value, causes, item } = traced;
  if (place !== undefined) return at(place, value, site, () => union([also?.() ?? [], more()]));
  const both = (): Causes => union([causes(), more()]);
  return { ...traced, causes: both, item: (key) => alongside(item(key), more, site) };
}

export function unwrap(value: Value): Value {
  return value instanceof Optional ? value.value : value;
}

const missing = new CelError('no such key');
const wrongKey = new CelError('no such overload');

/** What stands under the key; an error when nothing does. */
export function itemOf(value: Value, key: Value): Value {
  if (Array.isArray(value)) return (isInt(key) ? value[Number(key)] : undefined) ?? missing;
  return (isMap(value) ? lookup(value, key) : undefined) ?? missing;
}

/** The step of a path that the key is; undefined where no such key could be in such a value. */
function stepInto(value: Value, key: Value): string | number | undefined {
  const index = indexOf(key);
  if (Array.isArray(value)) return index !== undefined && index >= 0 ? index : undefined;
  const open = value === undefined || value === null || value instanceof CelError;
  if (!open && !isMap(value)) return undefined;
  if (typeof key === 'string') return key;
  return open && index !== undefined && index >= 0 ? index : undefined;
}

function indexOf(key: Value): number | undefined {
  if (isInt(key)) return Number(key);
  const number = key instanceof Uint ? Number(key.value) : doubleOf(key);
  return Number.isInteger(number) ? number : undefined;
}
