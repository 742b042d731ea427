// Optional values. Upstream: cel-go cel.OptionalTypes version 2; optMap and optFlatMap are macros.
import { type Call, library } from '../function.ts';
import {
  CelError,
  Duration,
  doubleOf,
  isMap,
  none,
  Optional,
  sizeOfMap,
  Timestamp,
  Uint,
  type Value,
} from '../value.ts';
import { one } from './cost.ts';
import { shown } from './shown.ts';

type List = readonly Value[];

/** Go's zero time. */
const zeroTime = -62_135_596_800_000_000_000n;

function isZero(value: Value): boolean {
  if (value === null || value === false || value === '' || value === 0) return true;
  if (Array.isArray(value) || value instanceof Uint8Array) return value.length === 0;
  if (value instanceof Uint) return value.value === 0n;
  if (value instanceof Duration) return value.nanos === 0n;
  if (value instanceof Timestamp) return value.nanos === zeroTime;
  return doubleOf(value) === 0 || (isMap(value) && sizeOfMap(value) === 0);
}

function unwrap(list: List, call: Call): Value {
  const values: Value[] = [];
  for (const item of list) {
    if (!call.spend(1)) break;
    if (!(item instanceof Optional)) return new CelError(`value ${shown(item)} is not optional`);
    if (item.value !== undefined) values.push(item.value);
  }
  return values;
}

function at(list: List, i: number): Value {
  return i >= 0 && i < list.length ? new Optional(list[i]) : none;
}

// biome-ignore format: a table
export const optionals = library([
  ['optional.of(A): optional_type<A>',               '1.28', one, (v: Value) => new Optional(v)],
  ['optional.none(): optional_type<A>',              '1.28', one, () => none],
  ['optional.ofNonZeroValue(A): optional_type<A>',   '1.28', one, (v: Value) => (isZero(v) ? none : new Optional(v))],
  ['optional_type<A>.hasValue(): bool',              '1.28', one, (o: Optional) => o.value !== undefined],
  ['optional_type<A>.value(): A',                    '1.28', one, (o: Optional) => (o.value === undefined ? new CelError('optional.none() dereference') : o.value)],
  ['optional_type<A>.orValue(A): A',                 '1.28', one, (o: Optional, v: Value) => (o.value === undefined ? v : o.value)],
  ['optional_type<A>.or(optional_type<A>): optional_type<A>', '1.28', one, (o: Optional, other: Optional) => (o.value === undefined ? other : o)],
  ['list<A>.first(): optional_type<A>',              '1.28', one, (l: List) => at(l, 0)],
  ['list<A>.last(): optional_type<A>',               '1.28', one, (l: List) => at(l, l.length - 1)],
  ['optional.unwrap(list<optional_type<A>>): list<A>', '1.28', one, unwrap],
  ['list<optional_type<A>>.unwrapOpt(): list<A>',    '1.28', one, unwrap],
]);
