// The difference of two JSON values as an RFC 6902 patch (add, remove, replace), and back. Exact: applying the patch of
// `from` to `to` to `from` gives `to`, whatever their keys and numbers are.
import { pointerStep, pointerSteps } from './field-path.ts';
import {
  get,
  isArray,
  isObject,
  type JsonArray,
  type JsonObject,
  type JsonValue,
  setOwn,
} from './json.ts';
import { err, ok, type Result } from './result.ts';

/** RFC 6902. */
export type PatchOperation = {
  readonly op: 'add' | 'remove' | 'replace';
  readonly path: string;
  readonly value?: JsonValue;
};

export function diff(from: JsonValue, to: JsonValue): readonly PatchOperation[] {
  const operations: PatchOperation[] = [];
  compare(from, to, '', operations);
  return operations;
}

function compare(from: JsonValue, to: JsonValue, at: string, into: PatchOperation[]): void {
  if (from === to) return;
  if (isArray(from) && isArray(to)) compareLists(from, to, at, into);
  else if (isObject(from) && isObject(to)) compareObjects(from, to, at, into);
  else into.push({ op: 'replace', path: at, value: to });
}

function compareObjects(
  from: JsonObject,
  to: JsonObject,
  at: string,
  into: PatchOperation[],
): void {
  for (const [key, old] of Object.entries(from)) {
    const path = `${at}/${pointerStep(key)}`;
    const value = get(to, key);
    if (value === undefined) into.push({ op: 'remove', path });
    else compare(old, value, path, into);
  }
  for (const [key, value] of Object.entries(to)) {
    if (Object.hasOwn(from, key)) continue;
    into.push({ op: 'add', path: `${at}/${pointerStep(key)}`, value });
  }
}

/** What both have in common at the beginning and at the end stays; between them item goes with item. */
function compareLists(from: JsonArray, to: JsonArray, at: string, into: PatchOperation[]): void {
  const shorter = Math.min(from.length, to.length);
  let start = 0;
  while (start < shorter && isSame(from[start], to[start])) start += 1;
  let end = 0;
  while (end < shorter - start && isSame(from.at(-1 - end), to.at(-1 - end))) end += 1;
  const [old, now] = [from.slice(start, from.length - end), to.slice(start, to.length - end)];
  const both = Math.min(old.length, now.length);
  for (let i = 0; i < both; i++) {
    compare(old[i] ?? null, now[i] ?? null, `${at}/${start + i}`, into);
  }
  for (let i = old.length - 1; i >= both; i--) {
    into.push({ op: 'remove', path: `${at}/${start + i}` });
  }
  for (let i = both; i < now.length; i++) {
    into.push({ op: 'add', path: `${at}/${start + i}`, value: now[i] ?? null });
  }
}

function isSame(a: JsonValue | undefined, b: JsonValue | undefined): boolean {
  if (a === b) return true;
  if (isArray(a) && isArray(b)) {
    return a.length === b.length && a.every((item, i) => isSame(item, b[i]));
  }
  if (!isObject(a) || !isObject(b)) return false;
  const keys = Object.keys(a);
  const hasAll = keys.every((key) => Object.hasOwn(b, key) && isSame(a[key], b[key]));
  return hasAll && keys.length === Object.keys(b).length;
}

/** A sentence where an operation does not fit the value. `from` stays as it is. */
export function applyPatch(
  from: JsonValue,
  patch: readonly PatchOperation[],
): Result<JsonValue, string> {
  let value = from;
  for (const operation of patch) {
    const changed = applied(value, pointerSteps(operation.path), operation);
    if (changed === undefined) {
      return err(`${operation.op} ${operation.path} does not fit the value`);
    }
    value = changed;
  }
  return ok(value);
}

function applied(
  value: JsonValue,
  [key, ...rest]: readonly string[],
  operation: PatchOperation,
): JsonValue | undefined {
  if (key === undefined) return operation.op === 'remove' ? undefined : (operation.value ?? null);
  if (isArray(value)) return appliedToList(value, key, rest, operation);
  return isObject(value) ? appliedToObject(value, key, rest, operation) : undefined;
}

function appliedToObject(
  object: JsonObject,
  key: string,
  rest: readonly string[],
  operation: PatchOperation,
): JsonValue | undefined {
  const isLast = rest.length === 0;
  const old = get(object, key);
  if (old === undefined && !(isLast && operation.op === 'add')) return undefined;
  const copy: Record<string, JsonValue> = {};
  for (const [name, member] of Object.entries(object)) {
    if (name !== key) setOwn(copy, name, member);
  }
  if (isLast && operation.op === 'remove') return copy;
  const member = isLast ? (operation.value ?? null) : applied(old ?? null, rest, operation);
  if (member === undefined) return undefined;
  setOwn(copy, key, member);
  return copy;
}

function appliedToList(
  list: JsonArray,
  key: string,
  rest: readonly string[],
  operation: PatchOperation,
): JsonValue | undefined {
  const index = /^(0|[1-9]\d*)$/.test(key) ? Number(key) : list.length + 1;
  const isLast = rest.length === 0;
  if (isLast && operation.op === 'add') {
    return index > list.length ? undefined : list.toSpliced(index, 0, operation.value ?? null);
  }
  if (index >= list.length) return undefined;
  if (isLast && operation.op === 'remove') return list.toSpliced(index, 1);
  const item = isLast ? operation.value : applied(list[index] ?? null, rest, operation);
  return item === undefined ? undefined : list.with(index, item);
}
