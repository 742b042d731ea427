// Arithmetic, order and containment. Upstream: cel-spec, langdef "List of Standard Definitions".
import { compare, equal } from '../equality.ts';
import { type Call, library } from '../function.ts';
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

type Int = number | bigint;
type Dbl = number | Double;

const num = (d: Dbl): number => doubleOf(d) ?? Number(d);
const minTime = -62_135_596_800_000_000_000n;
const maxTime = 253_402_300_799_999_999_999n;
const maxDuration = 2n ** 63n - 1n;

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
  return Number(b) === 0 ? new CelError('modulus by zero') : toInt(BigInt(a) % BigInt(b));
}
export function timestamp(nanos: bigint): Timestamp | CelError {
  return nanos < minTime || nanos > maxTime
    ? new CelError('timestamp overflow')
    : new Timestamp(nanos);
}
export function duration(nanos: bigint): Duration | CelError {
  return nanos < -maxDuration - 1n || nanos > maxDuration
    ? new CelError('duration overflow')
    : new Duration(nanos);
}

function concat(a: readonly Value[], b: readonly Value[], call: Call): Value {
  return call.spend(1 + Math.ceil((a.length + b.length) / 10)) ? [...a, ...b] : [];
}

function join(a: string, b: string, call: Call): Value {
  return call.spend(Math.ceil((a.length + b.length) / 10)) ? a + b : '';
}

function order(test: (sign: number) => boolean): (a: Value, b: Value, call: Call) => Value {
  return (a, b, call) => {
    if (typeof a === 'string') call.spend(Math.ceil(a.length / 10));
    const sign = compare(a, b);
    if (sign === undefined) return new CelError('no such overload');
    return sign === null ? new CelError('NaN values cannot be ordered') : test(sign);
  };
}

function inList(item: Value, list: readonly Value[], call: Call): Value {
  let failed: CelError | undefined;
  for (const each of list) {
    if (!call.spend(1)) return false;
    const same = equal(item, each, call.spend);
    if (same === true) return true;
    if (same !== false) failed = same;
  }
  return failed ?? false;
}

const inMap = (key: Value, map: CelMap | Record<string, Value>): Value =>
  lookup(map, key) !== undefined;

const ordered = [
  'bool',
  'int',
  'uint',
  'double',
  'string',
  'bytes',
  'google.protobuf.Timestamp',
  'google.protobuf.Duration',
];
const numbers = ['int', 'uint', 'double'];
const comparisons = [
  ['_<_', (s: number) => s < 0],
  ['_<=_', (s: number) => s <= 0],
  ['_>_', (s: number) => s > 0],
  ['_>=_', (s: number) => s >= 0],
] as const;

const comparable = [
  ...ordered.map((t) => [t, t] as const),
  ...numbers.flatMap((a) => numbers.filter((b) => b !== a).map((b) => [a, b] as const)),
];

// biome-ignore format: a table
export const operators = library([
  ['_+_(int, int): int',                add],
  ['_+_(uint, uint): uint',             (a: Uint, b: Uint) => toUint(a.value + b.value)],
  ['_+_(double, double): double',       (a: Dbl, b: Dbl) => toDouble(num(a) + num(b))],
  ['_+_(string, string): string',       join],
  ['_+_(bytes, bytes): bytes',          (a: Uint8Array, b: Uint8Array) => new Uint8Array(Buffer.concat([a, b]))],
  ['_+_(list<A>, list<A>): list<A>',    concat],
  ['_+_(google.protobuf.Timestamp, google.protobuf.Duration): google.protobuf.Timestamp', (t: Timestamp, d: Duration) => timestamp(t.nanos + d.nanos)],
  ['_+_(google.protobuf.Duration, google.protobuf.Timestamp): google.protobuf.Timestamp', (d: Duration, t: Timestamp) => timestamp(t.nanos + d.nanos)],
  ['_+_(google.protobuf.Duration, google.protobuf.Duration): google.protobuf.Duration',   (a: Duration, b: Duration) => duration(a.nanos + b.nanos)],
  ['_-_(int, int): int',                subtract],
  ['_-_(uint, uint): uint',             (a: Uint, b: Uint) => toUint(a.value - b.value)],
  ['_-_(double, double): double',       (a: Dbl, b: Dbl) => toDouble(num(a) - num(b))],
  ['_-_(google.protobuf.Timestamp, google.protobuf.Timestamp): google.protobuf.Duration', (a: Timestamp, b: Timestamp) => duration(a.nanos - b.nanos)],
  ['_-_(google.protobuf.Timestamp, google.protobuf.Duration): google.protobuf.Timestamp', (t: Timestamp, d: Duration) => timestamp(t.nanos - d.nanos)],
  ['_-_(google.protobuf.Duration, google.protobuf.Duration): google.protobuf.Duration',   (a: Duration, b: Duration) => duration(a.nanos - b.nanos)],
  ['_*_(int, int): int',                multiply],
  ['_*_(uint, uint): uint',             (a: Uint, b: Uint) => toUint(a.value * b.value)],
  ['_*_(double, double): double',       (a: Dbl, b: Dbl) => toDouble(num(a) * num(b))],
  ['_/_(int, int): int',                divide],
  ['_/_(uint, uint): uint',             (a: Uint, b: Uint) => (b.value === 0n ? new CelError('division by zero') : toUint(a.value / b.value))],
  ['_/_(double, double): double',       (a: Dbl, b: Dbl) => toDouble(num(a) / num(b))],
  ['_%_(int, int): int',                modulo],
  ['_%_(uint, uint): uint',             (a: Uint, b: Uint) => (b.value === 0n ? new CelError('modulus by zero') : toUint(a.value % b.value))],
  ['-_(int): int',                      (a: Int) => toInt(-BigInt(a))],
  ['-_(double): double',                (a: Dbl) => toDouble(-num(a))],
  ['!_(bool): bool',                    (a: boolean) => !a],
  ['@in(A, list<A>): bool',             inList],
  ['@in(A, map<A, B>): bool',           inMap],
  ...comparisons.flatMap(([name, test]) => comparable.map(([a, b]) => [`${name}(${a}, ${b}): bool`, order(test)] as const)),
]);
