// Equality and order of values across types: numbers of all kinds by their value, lists and maps deeply.
import { maxDataDepth } from './limits.ts';
import {
  CelError,
  CelMap,
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
  Unknown,
  type Value,
} from './value.ts';

/** `spend` is told of each comparison, and answers whether work may go on. */
export type Spend = (units: number) => boolean;

/** What a value of a library says to one of another type, when it stands on the left. */
export const incomparable = new CelError('no such overload');

export function equal(a: Value, b: Value, spend: Spend, depth = 0): boolean | CelError {
  if (a === b) return true;
  const scalar = typeof a;
  if (scalar === typeof b && (scalar === 'string' || scalar === 'number' || scalar === 'boolean')) {
    return false;
  }
  const order = compareNumbers(a, b);
  if (order !== undefined) return order === 0;
  if (a instanceof Unknown) return a;
  if (b instanceof Unknown) return b;
  if (a instanceof Opaque && b !== null) {
    return b instanceof Opaque && a.type === b.type ? a.equals(b.value) : incomparable;
  }
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
  let unknown: Unknown | undefined;
  for (let i = 0; i < a.length; i++) {
    if (!spend(1)) return false;
    const same = equal(a[i], b[i], spend, depth + 1);
    if (same instanceof Unknown) unknown ??= same;
    else if (same !== true) return same;
  }
  return unknown ?? true;
}

type AnyMap = CelMap | Readonly<Record<string, Value>>;

function equalMaps(a: AnyMap, b: AnyMap, spend: Spend, depth: number): boolean | CelError {
  if (!(a instanceof CelMap) && !(b instanceof CelMap)) return equalRecords(a, b, spend, depth);
  const keys = keysOf(a);
  // Before anything is looked up: as much as all entries take.
  if (keys.length !== sizeOfMap(b) || !spend(40 * keys.length)) return false;
  let unknown: Unknown | undefined;
  for (const key of keys) {
    const other = lookup(b, key);
    if (other === undefined) return false;
    const same = equal(lookup(a, key), other, spend, depth + 1);
    if (same instanceof Unknown) unknown ??= same;
    else if (same !== true) return same;
  }
  return unknown ?? true;
}

type Plain = Readonly<Record<string, Value>>;

/** As equalMaps(), for maps of JSON. */
function equalRecords(a: Plain, b: Plain, spend: Spend, depth: number): boolean | CelError {
  const keys = Object.keys(a);
  if (!spend(40 * keys.length) || keys.length !== sizeOfMap(b)) return false;
  let unknown: Unknown | undefined;
  for (const key of keys) {
    const [one, other] = [a[key], b[key]];
    if (!Object.hasOwn(b, key)) return false;
    if (one === other) continue;
    const same = equal(one, other, spend, depth + 1);
    if (same instanceof Unknown) unknown ??= same;
    else if (same !== true) return same;
  }
  return unknown ?? true;
}

/** -1, 0 or 1 for two numbers of any kind (NaN: null); undefined when one is no number. */
export function compareNumbers(a: Value, b: Value): -1 | 0 | 1 | null | undefined {
  const left = numeric(a);
  const right = left === undefined ? undefined : numeric(b);
  if (left === undefined || right === undefined) return undefined;
  if (Number.isNaN(left) || Number.isNaN(right)) return null;
  // As in-tree, an int that meets a double is rounded to one; a bigint never is a double.
  const doubles = isDouble(a) || isDouble(b);
  const [x, y] = doubles ? [Number(left), Number(right)] : [left, right];
  return x < y ? -1 : x > y ? 1 : 0;
}

const isDouble = (value: Value): boolean => doubleOf(value) !== undefined;

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
