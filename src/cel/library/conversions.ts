// Conversions, size and type. Upstream: cel-spec "Type Conversions"; cel-go common/types.
import { library } from '../function.ts';
import {
  CelError,
  type CelMap,
  type Double,
  type Duration,
  doubleOf,
  sizeOfMap,
  type Timestamp,
  TypeValue,
  toDouble,
  toInt,
  toUint,
  typeName,
  type Uint,
  type Value,
} from '../value.ts';
import { one, typedTraverse } from './cost.ts';
import { codePoints } from './text.ts';
import {
  formatDuration,
  formatTimestamp,
  parseDuration,
  parseTimestamp,
  timestampOf,
} from './time-text.ts';

type Int = number | bigint;
type Dbl = number | Double;

const intText = /^[-+]?0*[0-9]{1,20}$/;
/** As Go: an underscore may stand between digits, and a number in hexadecimal has a power of two. */
const digits = '[0-9](?:_?[0-9])*';
const hex = '[0-9a-fA-F](?:_?[0-9a-fA-F])*';
const floatText = new RegExp(
  `^[-+]?(?:${digits}(?:\\.(?:${digits})?)?|\\.${digits})(?:[eE][-+]?${digits})?$`,
);
const hexFloat = new RegExp(
  `^([-+]?)0[xX](?:(_?${hex})(?:\\.(${hex})?)?|\\.(${hex}))[pP]([-+]?${digits})$`,
);
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
  const value = floatText.test(text) ? Number(text.replaceAll('_', '')) : hexToDouble(text);
  return Number.isFinite(value) ? toDouble(value) : failed('string', 'double');
}

function hexToDouble(text: string): number {
  const [match, sign, whole = '', part, bare, power = ''] = hexFloat.exec(text) ?? [];
  if (match === undefined) return Number.NaN;
  const fraction = (part ?? bare ?? '').replaceAll('_', '');
  const mantissa = Number(BigInt(`0x${whole.replaceAll('_', '')}${fraction}`));
  const exponent = Number(power.replaceAll('_', '')) - 4 * fraction.length;
  // In two steps: the power alone may be out of range.
  const half = Math.trunc(exponent / 2);
  const value = mantissa === 0 ? 0 : mantissa * 2 ** half * 2 ** (exponent - half);
  return sign === '-' ? -value : value;
}

function textToInt(text: string): Value {
  const value = intText.test(text) ? toInt(BigInt(text.replace(/^\+/, ''))) : undefined;
  return value === undefined || value instanceof CelError ? failed('string', 'int') : value;
}

function textToUint(text: string): Value {
  const value = /^0*[0-9]{1,20}$/.test(text) ? toUint(BigInt(text)) : undefined;
  return value === undefined || value instanceof CelError ? failed('string', 'uint') : value;
}

function textToBool(text: string): Value {
  if (trueTexts.has(text)) return true;
  return falseTexts.has(text) ? false : failed('string', 'bool');
}

export function bytesToText(bytes: Uint8Array): string | CelError {
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

const sizes = [
  ['bytes', (b: Uint8Array) => b.length],
  ['list<A>', (l: readonly Value[]) => l.length],
  ['map<A, B>', (m: CelMap | Record<string, Value>) => sizeOfMap(m)],
  ['string', (s: string) => codePoints(s)],
] as const;

const seconds = (nanos: bigint): Value =>
  toInt(
    nanos >= 0n || nanos % 1_000_000_000n === 0n
      ? nanos / 1_000_000_000n
      : nanos / 1_000_000_000n - 1n,
  );

// biome-ignore format: a table
export const conversions = library([
  ...sizes.map(([t, size]) => [`size(${t}): int`, 'core', one, size] as const),
  ...sizes.map(([t, size]) => [`${t}.size(): int`, 'core', one, size] as const),
  ['type(A): type<A>',                          'core', one, (v: Value) => new TypeValue(typeName(v))],
  ['bool(bool): bool',                       'core', one, (v: boolean) => v],
  ['bool(string): bool',                     'core', one, textToBool],
  ['bytes(bytes): bytes',                    'core', one, (v: Uint8Array) => v],
  ['bytes(string): bytes',                   'core', typedTraverse(0), (v: string) => new Uint8Array(Buffer.from(v))],
  ['double(double): double',                 'core', one, (v: Dbl) => v],
  ['double(int): double',                    'core', one, (v: Int) => toDouble(Number(v))],
  ['double(string): double',                 'core', one, textToDouble],
  ['double(uint): double',                   'core', one, (v: Uint) => toDouble(Number(v.value))],
  ['duration(google.protobuf.Duration): google.protobuf.Duration',    'core', one, (d: Duration) => d],
  ['duration(string): google.protobuf.Duration',                      'core', one, (v: string) => parseDuration(v)],
  ['dyn(A): dyn',                            'core', one, (v: Value) => v],
  ['int(int): int',                          'core', one, (v: Int) => v],
  ['int(double): int',                       'core', one, doubleToInt],
  ['int(google.protobuf.Duration): int',     'core', one, (d: Duration) => toInt(d.nanos)],
  ['int(string): int',                       'core', one, textToInt],
  ['int(google.protobuf.Timestamp): int',    'core', one, (t: Timestamp) => seconds(t.nanos)],
  ['int(uint): int',                         'core', one, (v: Uint) => toInt(v.value)],
  ['string(string): string',                 'core', one, (v: string) => v],
  ['string(bool): string',                   'core', one, (v: boolean) => String(v)],
  ['string(bytes): string',                  'core', typedTraverse(0), bytesToText],
  ['string(double): string',                 'core', one, doubleText],
  ['string(google.protobuf.Duration): string',  'core', one, (d: Duration) => formatDuration(d.nanos)],
  ['string(int): string',                    'core', one, (v: Int) => String(v)],
  ['string(google.protobuf.Timestamp): string', 'core', one, (t: Timestamp) => formatTimestamp(t)],
  ['string(uint): string',                   'core', one, (v: Uint) => String(v.value)],
  ['timestamp(google.protobuf.Timestamp): google.protobuf.Timestamp', 'core', one, (t: Timestamp) => t],
  ['timestamp(int): google.protobuf.Timestamp',                       'core', one, (v: Int) => timestampOf(BigInt(v))],
  ['timestamp(string): google.protobuf.Timestamp',                    'core', one, (v: string) => parseTimestamp(v)],
  ['uint(uint): uint',                       'core', one, (v: Uint) => v],
  ['uint(double): uint',                     'core', one, doubleToUint],
  ['uint(int): uint',                        'core', one, (v: Int) => toUint(BigInt(v))],
  ['uint(string): uint',                     'core', one, textToUint],
]);
