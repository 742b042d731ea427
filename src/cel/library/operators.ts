// Arithmetic, order and containment. Upstream: cel-spec, langdef "List of Standard Definitions"; the rows stand in the
// order of cel-go's common/stdlib, in which overloads are tried where types are open.
import { compare, equal } from '../equality.ts';
import { type Call, type Cost, library, type Since } from '../function.ts';
import {
  CelError,
  type CelMap,
  type Double,
  Duration,
  doubleOf,
  lookup,
  Timestamp,
  toDouble,
  toInt,
  toUint,
  type Uint,
  type Value,
} from '../value.ts';
import { both, items, one, shorter } from './cost.ts';

type Int = number | bigint;
type Dbl = number | Double;

const num = (d: Dbl): number => doubleOf(d) ?? Number(d);
const minTime = -62_135_596_800_000_000_000n;
const maxTime = 253_402_300_799_999_999_999n;
const maxDuration = 2n ** 63n - 1n;
const minInt = -(2n ** 63n);

/** Plain numbers where the result is safe, bigint otherwise. */
function add(a: Int, b: Int): Value {
  const sum = typeof a === 'number' && typeof b === 'number' ? a + b : Number.NaN;
  return Number.isSafeInteger(sum) ? sum : toInt(BigInt(a) + BigInt(b));
}
function subtract(a: Int, b: Int): Value {
  const rest = typeof a === 'number' && typeof b === 'number' ? a - b : Number.NaN;
  return Number.isSafeInteger(rest) ? rest : toInt(BigInt(a) - BigInt(b));
}
function multiply(a: Int, b: Int): Value {
  const product = typeof a === 'number' && typeof b === 'number' ? a * b : Number.NaN;
  return Number.isSafeInteger(product) ? product + 0 : toInt(BigInt(a) * BigInt(b));
}
function divide(a: Int, b: Int): Value {
  return Number(b) === 0 ? new CelError('division by zero') : toInt(BigInt(a) / BigInt(b));
}
function modulo(a: Int, b: Int): Value {
  if (Number(b) === 0) return new CelError('modulus by zero');
  // As Go: the one quotient that does not fit makes its remainder an error too.
  if (BigInt(b) === -1n && BigInt(a) === minInt) return new CelError('integer overflow');
  return toInt(BigInt(a) % BigInt(b));
}
function timestamp({ offset }: Timestamp, nanos: bigint): Timestamp | CelError {
  return nanos < minTime || nanos > maxTime
    ? new CelError('timestamp overflow')
    : new Timestamp(nanos, offset);
}
function duration(nanos: bigint): Duration | CelError {
  return nanos < -maxDuration - 1n || nanos > maxDuration
    ? new CelError('integer overflow')
    : new Duration(nanos);
}

function concat(a: readonly Value[], b: readonly Value[], call: Call): Value {
  return call.spend(a.length + b.length) ? a.concat(b) : [];
}

/** Doubling a text again and again must end: it is spent by its length, and what is short by its cost alone. */
function join(a: string, b: string, call: Call): Value {
  const size = a.length + b.length;
  return size < 100 || call.spend(size / 10) ? a + b : '';
}

function order(test: (sign: number) => boolean): (a: Value, b: Value) => Value {
  return (a, b) => {
    const sign = compare(a, b);
    if (sign === undefined) return new CelError('no such overload');
    return sign === null ? new CelError('NaN values cannot be ordered') : test(sign);
  };
}

function inList(item: Value, list: readonly Value[], call: Call): Value {
  let failed: CelError | undefined;
  for (const each of list) {
    if (each === item) return true;
    if (!call.spend(2)) return false;
    const same = equal(item, each, call.spend);
    if (same === true) return true;
    if (same !== false) failed = same;
  }
  return failed ?? false;
}

const inMap = (key: Value, map: CelMap | Record<string, Value>): Value =>
  lookup(map, key) !== undefined;

const comparisons = [
  ['_<_', (s: number) => s < 0],
  ['_<=_', (s: number) => s <= 0],
  ['_>_', (s: number) => s > 0],
  ['_>=_', (s: number) => s >= 0],
] as const;

const comparable: readonly (readonly [string, string, Since])[] = [
  ['bool', 'bool', 'core'],
  ['int', 'int', 'core'],
  ['int', 'double', '1.28'],
  ['int', 'uint', '1.28'],
  ['uint', 'uint', 'core'],
  ['uint', 'double', '1.28'],
  ['uint', 'int', '1.28'],
  ['double', 'double', 'core'],
  ['double', 'int', '1.28'],
  ['double', 'uint', '1.28'],
  ['string', 'string', 'core'],
  ['bytes', 'bytes', 'core'],
  ['google.protobuf.Timestamp', 'google.protobuf.Timestamp', 'core'],
  ['google.protobuf.Duration', 'google.protobuf.Duration', 'core'],
];
const ordering = (of: string): Cost => (of === 'string' || of === 'bytes' ? shorter : one);

// biome-ignore format: a table
export const operators = library([
  ['_+_(bytes, bytes): bytes',          'core', both, (a: Uint8Array, b: Uint8Array) => new Uint8Array(Buffer.concat([a, b]))],
  ['_+_(double, double): double',       'core', one, (a: Dbl, b: Dbl) => toDouble(num(a) + num(b))],
  ['_+_(google.protobuf.Duration, google.protobuf.Duration): google.protobuf.Duration',   'core', one, (a: Duration, b: Duration) => duration(a.nanos + b.nanos)],
  ['_+_(google.protobuf.Duration, google.protobuf.Timestamp): google.protobuf.Timestamp', 'core', one, (d: Duration, t: Timestamp) => timestamp(t, t.nanos + d.nanos)],
  ['_+_(google.protobuf.Timestamp, google.protobuf.Duration): google.protobuf.Timestamp', 'core', one, (t: Timestamp, d: Duration) => timestamp(t, t.nanos + d.nanos)],
  ['_+_(int, int): int',                'core', one, add],
  ['_+_(list<A>, list<A>): list<A>',    'core', one, concat],
  ['_+_(string, string): string',       'core', both, join],
  ['_+_(uint, uint): uint',             'core', one, (a: Uint, b: Uint) => toUint(a.value + b.value)],
  ['_-_(double, double): double',       'core', one, (a: Dbl, b: Dbl) => toDouble(num(a) - num(b))],
  ['_-_(google.protobuf.Duration, google.protobuf.Duration): google.protobuf.Duration',   'core', one, (a: Duration, b: Duration) => duration(a.nanos - b.nanos)],
  ['_-_(int, int): int',                'core', one, subtract],
  ['_-_(google.protobuf.Timestamp, google.protobuf.Duration): google.protobuf.Timestamp', 'core', one, (t: Timestamp, d: Duration) => timestamp(t, t.nanos - d.nanos)],
  ['_-_(google.protobuf.Timestamp, google.protobuf.Timestamp): google.protobuf.Duration', 'core', one, (a: Timestamp, b: Timestamp) => duration(a.nanos - b.nanos)],
  ['_-_(uint, uint): uint',             'core', one, (a: Uint, b: Uint) => toUint(a.value - b.value)],
  ['_*_(double, double): double',       'core', one, (a: Dbl, b: Dbl) => toDouble(num(a) * num(b))],
  ['_*_(int, int): int',                'core', one, multiply],
  ['_*_(uint, uint): uint',             'core', one, (a: Uint, b: Uint) => toUint(a.value * b.value)],
  ['_/_(double, double): double',       'core', one, (a: Dbl, b: Dbl) => toDouble(num(a) / num(b))],
  ['_/_(int, int): int',                'core', one, divide],
  ['_/_(uint, uint): uint',             'core', one, (a: Uint, b: Uint) => (b.value === 0n ? new CelError('division by zero') : toUint(a.value / b.value))],
  ['_%_(int, int): int',                'core', one, modulo],
  ['_%_(uint, uint): uint',             'core', one, (a: Uint, b: Uint) => (b.value === 0n ? new CelError('modulus by zero') : toUint(a.value % b.value))],
  ['-_(double): double',                'core', one, (a: Dbl) => toDouble(-num(a))],
  ['-_(int): int',                      'core', one, (a: Int) => toInt(-BigInt(a))],
  ['!_(bool): bool',                    'core', one, (a: boolean) => !a],
  ['@in(A, list<A>): bool',             'core', items, inList],
  ['@in(A, map<A, B>): bool',           'core', one, inMap],
  ...comparisons.flatMap(([name, test]) => comparable.map(([a, b, since]) => [`${name}(${a}, ${b}): bool`, since, ordering(a), order(test)] as const)),
]);
