// Reading fields and items: `a.f`, `a.?f`, `a[i]`, `a[?i]`, and has(). Own properties only.
import type { Run } from './frame.ts';
import { dyn, optionalOf, type Type } from './type.ts';
import {
  CelError,
  doubleOf,
  isInt,
  isMap,
  lookup,
  none,
  Optional,
  typeName,
  Uint,
  type Value,
} from './value.ts';

/** `value.field`; through an optional it stays optional. */
export function select(operand: Run, field: string): Run {
  return (frame) => {
    frame.left--;
    const value = operand(frame);
    return value instanceof Optional
      ? within(value, (v) => readField(v, field))
      : readField(value, field);
  };
}

/** `value.?field`: none where there is nothing to select. */
export function selectOptional(operand: Run, field: string): Run {
  return (frame) => {
    frame.left--;
    return optionally(operand(frame), (value) => {
      if (Array.isArray(value)) return notInList('string');
      return isMap(value) ? lookup(value, field) : undefined;
    });
  };
}

/** `value[index]`. */
export function index(operand: Run, at: Run): Run {
  return (frame) => {
    frame.left--;
    const value = operand(frame);
    if (value instanceof CelError) return value;
    const key = at(frame);
    if (key instanceof CelError) return key;
    return value instanceof Optional
      ? within(value, (v) => readItem(v, key))
      : readItem(value, key);
  };
}

/** `value[?index]`. */
export function indexOptional(operand: Run, at: Run): Run {
  return (frame) => {
    frame.left--;
    const value = operand(frame);
    const key = at(frame);
    if (key instanceof CelError) return key;
    return optionally(value, (inner) => {
      const item = readItem(inner, key);
      return item instanceof CelError ? undefined : item;
    });
  };
}

/** has(value.field): false on what has no fields; an error only where `value` itself is one, or is a list. */
export function presence(operand: Run, field: string): Run {
  return (frame) => {
    frame.left--;
    const value = operand(frame);
    const inner = value instanceof Optional ? value.value : value;
    if (inner instanceof CelError) return inner;
    if (Array.isArray(inner)) return notInList('string');
    return isMap(inner) && lookup(inner, field) !== undefined;
  };
}

function within(optional: Optional, read: (value: Value) => Value): Value {
  if (optional.value === undefined) return none;
  const inner = read(optional.value);
  // A missing key inside an optional chain is none; that is what the chain is for.
  return inner instanceof CelError ? none : new Optional(inner);
}

function optionally(value: Value, read: (value: Value) => Value | undefined): Value {
  if (value instanceof CelError) return value;
  const inner = value instanceof Optional ? value.value : value;
  const item = inner === undefined ? undefined : read(inner);
  if (item instanceof CelError) return item;
  return item === undefined ? none : new Optional(item);
}

function readField(value: Value, field: string): Value {
  if (value instanceof CelError) return value;
  if (isMap(value)) return found(lookup(value, field), field);
  if (Array.isArray(value)) return notInList('string');
  return missing(field);
}

function readItem(value: Value, key: Value): Value {
  if (isMap(value)) return found(lookup(value, key), shown(key));
  if (!Array.isArray(value)) return missing(shown(key));
  const at = listIndex(key);
  if (at === undefined) return notInList(typeName(key));
  const item: Value | undefined = value[at];
  return at < 0 || at >= value.length || item === undefined
    ? new CelError(`index out of bounds: ${at}`)
    : item;
}

function listIndex(key: Value): number | undefined {
  if (isInt(key)) return Number(key);
  if (key instanceof Uint) return Number(key.value);
  const double = doubleOf(key);
  return double !== undefined && Number.isInteger(double) ? double : undefined;
}

/** A key whose value is null is there. */
function found(value: Value | undefined, key: string): Value {
  return value === undefined ? missing(key) : value;
}

function notInList(type: string): CelError {
  return new CelError(`unsupported index type '${type}' in list`);
}

function missing(key: string): CelError {
  return new CelError(`no such key: ${key}`);
}

function shown(key: Value): string {
  return key instanceof Uint ? String(key.value) : String(doubleOf(key) ?? key);
}

/** The static type of an item or a field of `of`. */
export function itemType(of: Type, field: boolean): Type | undefined {
  switch (of.name) {
    case 'dyn':
      return dyn;
    case 'list':
      return field ? undefined : (of.args[0] ?? dyn);
    case 'map':
      return of.args[1] ?? dyn;
    case 'optional_type': {
      const inner = itemType(of.args[0] ?? dyn, field);
      return inner === undefined ? undefined : optionalOf(inner);
    }
    default:
      return undefined;
  }
}
