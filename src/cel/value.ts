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

/** Nanoseconds since 1970-01-01T00:00:00Z. */
export class Timestamp {
  readonly nanos: bigint;
  constructor(nanos: bigint) {
    this.nanos = nanos;
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
  readonly equals: (other: T) => boolean;
  constructor(type: string, value: T, equals: (other: T) => boolean) {
    this.type = type;
    this.value = value;
    this.equals = equals;
  }
}

/** A map made by an expression; keys of any kind that CEL allows. Maps from JSON stay plain objects. */
export class CelMap {
  readonly entries: ReadonlyMap<string, readonly [Value, Value]>;
  constructor(entries: ReadonlyMap<string, readonly [Value, Value]>) {
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

/** The text that tells map keys apart; undefined for what cannot be a key. Equal numbers are one key. */
export function keyText(key: Value): string | undefined {
  if (typeof key === 'string') return `s${key}`;
  if (typeof key === 'boolean') return `b${key}`;
  if (isInt(key)) return `n${key}`;
  if (key instanceof Uint) return `n${key.value}`;
  if (key === null) return 'null';
  const double = doubleOf(key);
  return double === undefined ? undefined : `n${double}`;
}

/** The value under a key; undefined when there is none. Only own properties are keys. */
export function lookup(
  map: CelMap | Readonly<Record<string, Value>>,
  key: Value,
): Value | undefined {
  if (map instanceof CelMap) {
    const text = keyText(key);
    return text === undefined ? undefined : map.entries.get(text)?.[1];
  }
  return typeof key === 'string' && Object.hasOwn(map, key) ? map[key] : undefined;
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
