// Reading fields and items: `a.f`, `a.?f`, `a[i]`, `a[?i]`, and has(). Own properties only. Each takes 1 when it is
// reached, and in an optional chain only when something is there. Upstream: interpreter/attributes.go of cel-go.

import { type Frame, inside, type Node, type Run } from './frame.ts';
import { goType } from './go-type.ts';
import { doubleText } from './library/conversions.ts';
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
  Unknown,
  type Value,
} from './value.ts';

/** What is read from: a value that no name or selection gave takes 1 more, once for the whole chain. */
function rootOf({ run, attribute }: Node): Run {
  if (attribute !== undefined) return run;
  return (frame) => {
    frame.left--;
    const value = run(frame);
    return value instanceof Held ? new Optional(value.value) : value;
  };
}

/** An optional that was found inside a list or map, or is the value of a policy's variable: as in-tree, what is selected
 * from it in the same chain is not there. */
class Held extends Optional {}

export function held(value: Value): Value {
  return value instanceof Optional ? new Held(value.value) : value;
}

/** `value.field`, of the whole chain of fields before it; through an optional it stays optional. */
export function select(operand: Node, field: string): Pick<Node, 'run' | 'path'> {
  const root = operand.path?.root ?? rootOf(operand);
  const fields = [...(operand.path?.fields ?? []), field];
  const run: Run =
    fields.length === 1
      ? (frame) => selected(root(frame), field, frame)
      : (frame) => {
          let value = root(frame);
          for (let i = 0; i < fields.length; i++) value = selected(value, fields[i] ?? '', frame);
          return value;
        };
  return { run, path: { root, fields } };
}

function selected(value: Value, field: string, frame: Frame): Value {
  if (isPlain(value)) {
    frame.left--;
    return Object.hasOwn(value, field) ? value[field] : missing(field);
  }
  if (value instanceof CelError) return value;
  if (value instanceof Optional && !(value instanceof Held)) return within(value, field, frame);
  frame.left--;
  return readItem(value, field);
}

/** `value.?field`: none where there is nothing to select. */
export function selectOptional(operand: Node, field: string): Run {
  const root = rootOf(operand);
  return (frame) => {
    const value = root(frame);
    if (value instanceof CelError) return value;
    return within(value instanceof Optional ? value : new Optional(value), field, frame);
  };
}

/** `value[index]`. */
export function index(operand: Node, at: Node): Run {
  const [root, key] = [rootOf(operand), inside(at)];
  return (frame) => {
    const value = root(frame);
    if (value instanceof CelError) return value;
    if (value instanceof Optional && !(value instanceof Held)) return withinAt(value, key, frame);
    frame.left--;
    const of = key(frame);
    return of instanceof CelError ? of : readItem(value, of);
  };
}

/** `value[?index]`. */
export function indexOptional(operand: Node, at: Node): Run {
  const [root, key] = [rootOf(operand), inside(at)];
  return (frame) => {
    const value = root(frame);
    if (value instanceof CelError) return value;
    return withinAt(value instanceof Optional ? value : new Optional(value), key, frame);
  };
}

/** has(value.field): false on what has no fields; an error only where `value` itself is one, or is a list. */
export function presence(operand: Node, field: string): Run {
  const { run, attribute } = operand;
  const free = attribute !== undefined;
  return (frame) => {
    if (free) frame.left++;
    const value = run(frame);
    if (isPlain(value)) {
      frame.left--;
      if (!Object.hasOwn(value, field)) return false;
      const item = value[field];
      return item instanceof CelError ? item : true;
    }
    if (value instanceof CelError) return value;
    if (value instanceof Optional && !(value instanceof Held)) {
      const found = within(value, field, frame);
      return found instanceof CelError ? found : found !== none;
    }
    frame.left--;
    const item = probe(value, field);
    return item instanceof CelError ? item : item !== undefined;
  };
}

function withinAt(optional: Optional, key: Run, frame: Frame): Value {
  if (optional.value === undefined) return none;
  const of = key(frame);
  return of instanceof CelError ? of : within(optional, of, frame);
}

function within(optional: Optional, key: Value, frame: Frame): Value {
  if (optional.value === undefined || optional instanceof Held) return none;
  const item = probe(optional.value, key);
  if (item === undefined) return none;
  if (item instanceof CelError && !(item instanceof Unknown)) return item;
  frame.left--;
  return item instanceof CelError ? item : new Optional(item);
}

/** What is there, or undefined; an error where nothing can be asked for. */
function probe(value: Value, key: Value): Value | undefined {
  const refused = refusedKey(key);
  if (refused !== undefined) return refused;
  if (isMap(value)) return lookup(value, key);
  if (!Array.isArray(value)) return undefined;
  const at = listIndex(key);
  if (at === undefined) return notInList(key);
  return at >= 0 && at < value.length ? value[at] : undefined;
}

function readItem(value: Value, key: Value): Value {
  const item = probe(value, key);
  if (item !== undefined) return held(item);
  return Array.isArray(value)
    ? new CelError(`index out of bounds: ${shown(key)}`)
    : missing(shown(key));
}

/** The error of what can be no index: only numbers, texts and booleans can. */
export function refusedKey(key: Value): CelError | undefined {
  if (typeof key !== 'object' && key !== undefined) return undefined;
  if (key instanceof Uint || doubleOf(key) !== undefined) return undefined;
  return new CelError(`invalid qualifier type: ${goType(key)}`);
}

function listIndex(key: Value): number | undefined {
  if (isInt(key)) return Number(key);
  if (key instanceof Uint) return key.value < 2n ** 63n ? Number(key.value) : undefined;
  const double = doubleOf(key);
  return double !== undefined && Number.isInteger(double) ? double : undefined;
}

function isPlain(value: Value): value is Readonly<Record<string, Value>> {
  return (
    typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype
  );
}

function notInList(key: Value): CelError {
  const double = doubleOf(key);
  if (key instanceof Uint) return new CelError(`unsupported index value ${key.value} in list`);
  return new CelError(
    double === undefined
      ? `unsupported index type '${typeName(key)}' in list`
      : `unsupported index value ${doubleText(double)} in list`,
  );
}

function missing(key: string): CelError {
  return new CelError(`no such key: ${key}`);
}

function shown(key: Value): string {
  if (key instanceof Uint) return String(key.value);
  const double = doubleOf(key);
  return double === undefined ? String(key) : doubleText(double);
}
