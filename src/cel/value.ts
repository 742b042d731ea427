// CEL's values, over JSON as it was parsed: nothing is converted before evaluation.
// A JS number that is a safe integer, or a bigint, is an int; any other number is a double: readers keep larger integers
// as bigints. A double that would pass for an int is boxed.
import type { Code } from '../base/codes.ts';

/** An error is a value: `||`, `&&`, `all` and `exists` absorb it. */
export class CelError {
  readonly code: Code;
  readonly message: string;
  constructor(message: string, code: Code = 'expression-error') {
    this.message = message;
    this.code = code;
  }
}

/** A value that was redacted or not recorded, by its paths; it goes where an error goes. Only withUnknown
 * puts one into the roots. */
export class Unknown extends CelError {
  readonly paths: readonly string[];
  constructor(paths: readonly string[]) {
    super(`unknown: ${paths.join(', ')}`);
    this.paths = paths;
  }
}

/** Of two that one result stands for: an unknown is told before an error, the first error before the second. */
export function merged(first: CelError | undefined, second: CelError): CelError {
  if (first === undefined) return second;
  if (!(second instanceof Unknown)) return first;
  return first instanceof Unknown
    ? new Unknown([...new Set([...first.paths, ...second.paths])])
    : second;
}

/** A double whose value is integral, or that is infinite or NaN. */
export class Double {
  readonly value: number;
  constructor(value: number) {
    this.value = value;
  }
}

export class Uint {
  readonly value: bigint;
  constructor(value: bigint) {
    this.value = value;
  }
}

export class Duration {
  readonly nanos: bigint;
  constructor(nanos: bigint) {
    this.nanos = nanos;
  }
}

/** Nanoseconds since 1970-01-01T00:00:00Z; `offset`: minutes east of UTC, as it was written: only string() shows it. */
export class Timestamp {
  readonly nanos: bigint;
  readonly offset: number;
  constructor(nanos: bigint, offset = 0) {
    this.nanos = nanos;
    this.offset = offset;
  }
}

/** `undefined` inside: optional.none(). */
export class Optional {
  readonly value: Value | undefined;
  constructor(value: Value | undefined) {
    this.value = value;
  }
}

export class TypeValue {
  readonly name: string;
  constructor(name: string) {
    this.name = name;
  }
}

/** A value of a library: a quantity, an IP address, a URL. `equals` is only asked about the same type. */
export class Opaque<T = unknown> {
  readonly type: string;
  readonly value: T;
  readonly equals: (other: T) => boolean | CelError;
  constructor(type: string, value: T, equals: (other: T) => boolean | CelError) {
    this.type = type;
    this.value = value;
    this.equals = equals;
  }
}

/** A map made by an expression; keys of any kind that CEL allows. Maps from JSON stay plain objects. */
export class CelMap {
  readonly entries: ReadonlyMap<Value, readonly [Value, Value]>;
  constructor(entries: ReadonlyMap<Value, readonly [Value, Value]>) {
    this.entries = entries;
  }
}

export type Value = unknown;

export const none = new Optional(undefined);

export function isInt(value: Value): value is number | bigint {
  return typeof value === 'bigint' || Number.isSafeInteger(value);
}

/** The JS number of a double; undefined for anything else. */
export function doubleOf(value: Value): number | undefined {
  if (value instanceof Double) return value.value;
  return typeof value === 'number' && !Number.isSafeInteger(value) ? value : undefined;
}

/** A double result, boxed where a plain number would pass for an int. */
export function toDouble(value: number): number | Double {
  return Number.isSafeInteger(value) || !Number.isFinite(value) ? new Double(value) : value;
}

const [minInt, maxInt] = [-(2n ** 63n), 2n ** 63n - 1n];

/** An int result: plain where a number holds it exactly, an error outside int64. */
export function toInt(value: bigint): number | bigint | CelError {
  if (value < minInt || value > maxInt) return new CelError('integer overflow');
  const plain = Number(value);
  return Number.isSafeInteger(plain) ? plain : value;
}

export function toUint(value: bigint): Uint | CelError {
  if (value < 0n || value >= 2n ** 64n) return new CelError('unsigned integer overflow');
  return new Uint(value);
}

export function isMap(value: Value): value is CelMap | Readonly<Record<string, Value>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  if (value instanceof CelMap) return true;
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** What tells map keys apart; undefined for what cannot be a key. Numbers of each kind are keys of their own; as in-tree,
 * a list or a map is a key only for itself. */
export function keyText(key: Value): Value | undefined {
  // A string stands for itself, unless it could be taken for one of the others.
  if (typeof key === 'string') return key.charCodeAt(0) === 0 ? `\0s${key}` : key;
  if (typeof key === 'boolean') return `\0b${key}`;
  if (isInt(key)) return `\0i${key}`;
  if (key instanceof Uint) return `\0u${key.value}`;
  if (key === null) return '\0null';
  const double = doubleOf(key);
  if (double !== undefined) return `\0d${double}`;
  if (key instanceof Timestamp) return `\0t${key.nanos}`;
  if (key instanceof Duration) return `\0p${key.nanos}`;
  return key instanceof Uint8Array ? undefined : key;
}

/** The keys of other kinds of number under which a number is looked for too: a double under an int, not the reverse. */
export function otherKeys(key: Value): readonly string[] {
  if (key instanceof Uint) return key.value <= maxInt ? [`\0i${key.value}`] : [];
  if (isInt(key)) return key >= 0 ? [`\0u${key}`] : [];
  const double = doubleOf(key);
  if (double === undefined || !Number.isInteger(double)) return [];
  const whole = BigInt(double);
  return [whole >= minInt && whole <= maxInt ? [`\0i${whole}`] : [], [`\0u${whole}`]].flat();
}

/** The value under a key; undefined when there is none. Only own properties are keys. */
export function lookup(
  map: CelMap | Readonly<Record<string, Value>>,
  key: Value,
): Value | undefined {
  if (!(map instanceof CelMap)) {
    return typeof key === 'string' && Object.hasOwn(map, key) ? map[key] : undefined;
  }
  const text = keyText(key);
  if (text === undefined) return undefined;
  const found = map.entries.get(text);
  if (found !== undefined || typeof key === 'string') return found?.[1];
  for (const other of otherKeys(key)) {
    const under = map.entries.get(other);
    if (under !== undefined) return under[1];
  }
  return undefined;
}

export function keysOf(map: CelMap | Readonly<Record<string, Value>>): readonly Value[] {
  return map instanceof CelMap ? [...map.entries.values()].map(([key]) => key) : Object.keys(map);
}

export function sizeOfMap(map: CelMap | Readonly<Record<string, Value>>): number {
  return map instanceof CelMap ? map.entries.size : Object.keys(map).length;
}

/** The name of a value's type, as `type()` gives it and as overloads are told apart by. */
export function typeName(value: Value): string {
  switch (typeof value) {
    case 'string':
      return 'string';
    case 'boolean':
      return 'bool';
    case 'bigint':
      return 'int';
    case 'number':
      return Number.isSafeInteger(value) ? 'int' : 'double';
    default:
      return objectTypeName(value);
  }
}

function objectTypeName(value: Value): string {
  if (value === null) return 'null_type';
  if (Array.isArray(value)) return 'list';
  if (value instanceof Double) return 'double';
  if (value instanceof Uint) return 'uint';
  if (value instanceof Uint8Array) return 'bytes';
  if (value instanceof Timestamp) return 'google.protobuf.Timestamp';
  if (value instanceof Duration) return 'google.protobuf.Duration';
  if (value instanceof Optional) return 'optional_type';
  if (value instanceof TypeValue) return 'type';
  if (value instanceof Opaque) return value.type;
  return 'map';
}
