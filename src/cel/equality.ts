// Equality and order of values across types: numbers by their mathematical value, lists and maps deeply.
import { maxDataDepth } from './limits.ts';
import {
  CelError,
  type CelMap,
  Duration,
  doubleOf,
  isInt,
  isMap,
  keysOf,
  lookup,
  Opaque,
  Optional,
  sizeOfMap,
  Timestamp,
  TypeValue,
  Uint,
  type Value,
} from './value.ts';

/** `spend` is told of each comparison, and answers whether work may go on. */
export type Spend = (units: number) => boolean;

export function equal(a: Value, b: Value, spend: Spend, depth = 0): boolean | CelError {
  if (a === b) return true;
  const order = compareNumbers(a, b);
  if (order !== undefined) return order === 0;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (depth > maxDataDepth) return new CelError('values are nested too deep to compare');
  if (Array.isArray(a)) return Array.isArray(b) && equalLists(a, b, spend, depth);
  if (isMap(a)) return isMap(b) && equalMaps(a, b, spend, depth);
  return equalObjects(a, b, spend, depth);
}

function equalObjects(a: object, b: object, spend: Spend, depth: number): boolean | CelError {
  if (a instanceof Timestamp) return b instanceof Timestamp && a.nanos === b.nanos;
  if (a instanceof Duration) return b instanceof Duration && a.nanos === b.nanos;
  if (a instanceof TypeValue) return b instanceof TypeValue && a.name === b.name;
  if (a instanceof Opaque) return b instanceof Opaque && a.type === b.type && a.equals(b.value);
  if (a instanceof Uint8Array) return b instanceof Uint8Array && Buffer.compare(a, b) === 0;
  if (a instanceof Optional && b instanceof Optional) {
    if (a.value === undefined || b.value === undefined) return a.value === b.value;
    return equal(a.value, b.value, spend, depth + 1);
  }
  return false;
}

function equalLists(
  a: readonly Value[],
  b: readonly Value[],
  spend: Spend,
  depth: number,
): boolean | CelError {
  if (a.length !== b.length) return false;
  for (const [i, item] of a.entries()) {
    if (!spend(1)) return false;
    const same = equal(item, b[i], spend, depth + 1);
    if (same !== true) return same;
  }
  return true;
}

type AnyMap = CelMap | Readonly<Record<string, Value>>;

function equalMaps(a: AnyMap, b: AnyMap, spend: Spend, depth: number): boolean | CelError {
  if (sizeOfMap(a) !== sizeOfMap(b)) return false;
  for (const key of keysOf(a)) {
    if (!spend(1)) return false;
    const other = lookup(b, key);
    if (other === undefined) return false;
    const same = equal(lookup(a, key), other, spend, depth + 1);
    if (same !== true) return same;
  }
  return true;
}

/** -1, 0 or 1 for two numbers of any kind (NaN: null); undefined when one is no number. */
export function compareNumbers(a: Value, b: Value): -1 | 0 | 1 | null | undefined {
  const [left, right] = [numeric(a), numeric(b)];
  if (left === undefined || right === undefined) return undefined;
  if (Number.isNaN(left) || Number.isNaN(right)) return null;
  // JS compares a bigint with a number by mathematical value.
  return left < right ? -1 : left > right ? 1 : 0;
}

function numeric(value: Value): number | bigint | undefined {
  if (isInt(value)) return value;
  return value instanceof Uint ? value.value : doubleOf(value);
}

/** Order of two values of one ordered type; undefined where there is none. */
export function compare(a: Value, b: Value): -1 | 0 | 1 | null | undefined {
  const numbers = compareNumbers(a, b);
  if (numbers !== undefined) return numbers;
  if (typeof a === 'string' && typeof b === 'string') return compareText(a, b);
  if (typeof a === 'boolean' && typeof b === 'boolean') return sign(Number(a) - Number(b));
  if (a instanceof Uint8Array && b instanceof Uint8Array) return sign(Buffer.compare(a, b));
  if (a instanceof Timestamp && b instanceof Timestamp) return signOf(a.nanos, b.nanos);
  if (a instanceof Duration && b instanceof Duration) return signOf(a.nanos, b.nanos);
  return undefined;
}

/** By code points, not UTF-16 units. */
function compareText(a: string, b: string): -1 | 0 | 1 {
  if (a === b) return 0;
  let i = 0;
  while (i < a.length && i < b.length && a[i] === b[i]) i++;
  const [left = 0, right = 0] = [a.charCodeAt(i) || 0, b.charCodeAt(i) || 0];
  if (i >= a.length) return -1;
  if (i >= b.length) return 1;
  // Surrogates sort after the rest of the plane below them.
  return fix(left) < fix(right) ? -1 : 1;
}

function fix(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit;
}

function sign(n: number): -1 | 0 | 1 {
  return n < 0 ? -1 : n > 0 ? 1 : 0;
}

function signOf(a: bigint, b: bigint): -1 | 0 | 1 {
  return a < b ? -1 : a > b ? 1 : 0;
}
