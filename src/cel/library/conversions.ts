// Conversions, size and type. Upstream: cel-spec "Type Conversions"; cel-go common/types.
import { type Call, library } from '../function.ts';
import {
  CelError,
  type CelMap,
  type Double,
  type Duration,
  doubleOf,
  sizeOfMap,
  Timestamp,
  TypeValue,
  toDouble,
  toInt,
  toUint,
  typeName,
  type Uint,
  type Value,
} from '../value.ts';
import { formatDuration, formatTimestamp, parseDuration, parseTimestamp } from './time-text.ts';

type Int = number | bigint;
type Dbl = number | Double;

const intText = /^[-+]?[0-9]+$/;
const floatText = /^[-+]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][-+]?[0-9]+)?$/;
const trueTexts: ReadonlySet<string> = new Set(['1', 't', 'T', 'true', 'TRUE', 'True']);
const falseTexts: ReadonlySet<string> = new Set(['0', 'f', 'F', 'false', 'FALSE', 'False']);

function failed(from: string, to: string): CelError {
  return new CelError(`type conversion error from '${from}' to '${to}'`);
}

function doubleToInt(d: Dbl): Value {
  const value = doubleOf(d) ?? Number.NaN;
  // As cel-go: the ends themselves are out of range.
  if (!(value > -(2 ** 63) && value < 2 ** 63)) return new CelError('integer overflow');
  return toInt(BigInt(Math.trunc(value)));
}

function doubleToUint(d: Dbl): Value {
  const value = doubleOf(d) ?? Number.NaN;
  if (!(value >= 0 && value < 2 ** 64)) return new CelError('unsigned integer overflow');
  return toUint(BigInt(Math.trunc(value)));
}

function textToDouble(text: string): Value {
  if (/^[-+]?inf(?:inity)?$/i.test(text))
    return toDouble(text.startsWith('-') ? -Infinity : Infinity);
  if (/^nan$/i.test(text)) return toDouble(Number.NaN);
  const value = floatText.test(text) ? Number(text) : Number.NaN;
  return Number.isFinite(value) ? toDouble(value) : failed('string', 'double');
}

function textToInt(text: string): Value {
  const value = intText.test(text) ? toInt(BigInt(text.replace(/^\+/, ''))) : undefined;
  return value === undefined || value instanceof CelError ? failed('string', 'int') : value;
}

function textToUint(text: string): Value {
  const value = /^[0-9]+$/.test(text) ? toUint(BigInt(text)) : undefined;
  return value === undefined || value instanceof CelError ? failed('string', 'uint') : value;
}

function textToBool(text: string): Value {
  if (trueTexts.has(text)) return true;
  return falseTexts.has(text) ? false : failed('string', 'bool');
}

function bytesToText(bytes: Uint8Array): Value {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    if (!(cause instanceof TypeError)) throw cause;
    return new CelError('invalid UTF-8 in bytes, cannot convert to string');
  }
}

/** Go's shortest form: an exponent from 1e+06 on and below 1e-4. */
export function doubleText(d: Dbl): string {
  const value = doubleOf(d) ?? Number(d);
  if (value === Number.POSITIVE_INFINITY) return '+Inf';
  if (value === Number.NEGATIVE_INFINITY) return '-Inf';
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-4 || size >= 1e6)) {
    return value.toExponential().replace(/e([-+])(\d)$/, 'e$10$2');
  }
  return Object.is(value, -0) ? '-0' : String(value);
}

function codePoints(text: string, call: Call): number {
  call.spend(Math.ceil(text.length / 10));
  let n = 0;
  for (let i = 0; i < text.length; i++, n++) {
    const unit = text.charCodeAt(i);
    if (unit >= 0xd800 && unit <= 0xdbff) i++;
  }
  return n;
}

const sizes = [
  ['string', (s: string, call: Call) => codePoints(s, call)],
  ['bytes', (b: Uint8Array) => b.length],
  ['list<A>', (l: readonly Value[]) => l.length],
  ['map<A, B>', (m: CelMap | Record<string, Value>) => sizeOfMap(m)],
] as const;

const seconds = (nanos: bigint): Value =>
  toInt(
    nanos >= 0n || nanos % 1_000_000_000n === 0n
      ? nanos / 1_000_000_000n
      : nanos / 1_000_000_000n - 1n,
  );

// biome-ignore format: a table
export const conversions = library([
  ...sizes.map(([t, size]) => [`size(${t}): int`, size] as const),
  ...sizes.map(([t, size]) => [`${t}.size(): int`, size] as const),
  ['type(A): type',                          (v: Value) => new TypeValue(typeName(v))],
  ['dyn(A): dyn',                            (v: Value) => v],
  ['int(int): int',                          (v: Int) => v],
  ['int(uint): int',                         (v: Uint) => toInt(v.value)],
  ['int(double): int',                       doubleToInt],
  ['int(string): int',                       textToInt],
  ['int(google.protobuf.Timestamp): int',    (t: Timestamp) => seconds(t.nanos)],
  ['uint(uint): uint',                       (v: Uint) => v],
  ['uint(int): uint',                        (v: Int) => toUint(BigInt(v))],
  ['uint(double): uint',                     doubleToUint],
  ['uint(string): uint',                     textToUint],
  ['double(double): double',                 (v: Dbl) => v],
  ['double(int): double',                    (v: Int) => toDouble(Number(v))],
  ['double(uint): double',                   (v: Uint) => toDouble(Number(v.value))],
  ['double(string): double',                 textToDouble],
  ['bool(bool): bool',                       (v: boolean) => v],
  ['bool(string): bool',                     textToBool],
  ['bytes(bytes): bytes',                    (v: Uint8Array) => v],
  ['bytes(string): bytes',                   (v: string) => new Uint8Array(Buffer.from(v))],
  ['string(string): string',                 (v: string) => v],
  ['string(bool): string',                   (v: boolean) => String(v)],
  ['string(int): string',                    (v: Int) => String(v)],
  ['string(uint): string',                   (v: Uint) => String(v.value)],
  ['string(double): string',                 doubleText],
  ['string(bytes): string',                  bytesToText],
  ['string(google.protobuf.Timestamp): string', (t: Timestamp) => formatTimestamp(t.nanos)],
  ['string(google.protobuf.Duration): string',  (d: Duration) => formatDuration(d.nanos)],
  ['timestamp(google.protobuf.Timestamp): google.protobuf.Timestamp', (t: Timestamp) => t],
  ['timestamp(int): google.protobuf.Timestamp',                       (v: Int) => new Timestamp(BigInt(v) * 1_000_000_000n)],
  ['timestamp(string): google.protobuf.Timestamp',                    (v: string) => parseTimestamp(v)],
  ['duration(google.protobuf.Duration): google.protobuf.Duration',    (d: Duration) => d],
  ['duration(string): google.protobuf.Duration',                      (v: string) => parseDuration(v)],
]);
