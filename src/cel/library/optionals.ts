// Optional values. Upstream: cel-go cel.OptionalTypes; optMap and optFlatMap are macros.
import { library } from '../function.ts';
import {
  CelError,
  doubleOf,
  isMap,
  none,
  Optional,
  sizeOfMap,
  Uint,
  type Value,
} from '../value.ts';

function isZero(value: Value): boolean {
  if (value === null || value === false || value === '' || value === 0) return true;
  if (Array.isArray(value) || value instanceof Uint8Array) return value.length === 0;
  if (value instanceof Uint) return value.value === 0n;
  return doubleOf(value) === 0 || (isMap(value) && sizeOfMap(value) === 0);
}

// biome-ignore format: a table
export const optionals = library([
  ['optional.of(A): optional_type<A>',               (v: Value) => new Optional(v)],
  ['optional.none(): optional_type<A>',              () => none],
  ['optional.ofNonZeroValue(A): optional_type<A>',   (v: Value) => (isZero(v) ? none : new Optional(v))],
  ['optional_type<A>.hasValue(): bool',              (o: Optional) => o.value !== undefined],
  ['optional_type<A>.value(): A',                    (o: Optional) => (o.value === undefined ? new CelError('optional.none() dereference') : o.value)],
  ['optional_type<A>.orValue(A): A',                 (o: Optional, v: Value) => (o.value === undefined ? v : o.value)],
  ['optional_type<A>.or(optional_type<A>): optional_type<A>', (o: Optional, other: Optional) => (o.value === undefined ? other : o)],
]);
