// Changes to a JSON value by what is to be there afterwards, as RFC 6902 operations that say it of the value as it is:
// parents that are missing are made, and what a removal leaves empty goes too.
import { type FieldPath, pathIn, toPointer } from './field-path.ts';
import { getIn, isArray, isObject, type JsonValue } from './json.ts';
import { applyPatch, type PatchOperation } from './json-patch.ts';

/** What is to stand at a path; undefined: nothing. */
export type Edit = { readonly path: FieldPath; readonly value: JsonValue | undefined };

export type Edited = { readonly value: JsonValue; readonly patch: readonly PatchOperation[] };

/** Edits one after the other, each of what the ones before it have left. An edit that does not fit the value (a field of
 * a text, an item past the end of a list) changes nothing. */
export function edit(from: JsonValue, edits: readonly Edit[]): Edited {
  let value = from;
  const patch: PatchOperation[] = [];
  for (const each of edits) {
    const operation = operationOf(value, each);
    const changed = operation === undefined ? undefined : applyPatch(value, [operation]);
    if (operation === undefined || changed?.ok !== true) continue;
    value = changed.value;
    patch.push(operation);
  }
  return { value, patch };
}

/** The same change of a value that may lack what `of` has: defaults that nobody wrote. */
export function editsOf(of: JsonValue, patch: readonly PatchOperation[]): readonly Edit[] {
  let value = of;
  return patch.map((operation) => {
    const path = pathIn(value, operation.path);
    const changed = applyPatch(value, [operation]);
    if (changed.ok) value = changed.value;
    return { path, value: operation.op === 'remove' ? undefined : (operation.value ?? null) };
  });
}

function operationOf(value: JsonValue, { path, value: wanted }: Edit): PatchOperation | undefined {
  return wanted === undefined ? removal(value, path) : setting(value, path, wanted);
}

/** What is there already is set again: whoever reads one change alone finds it whole. */
function setting(value: JsonValue, path: FieldPath, wanted: JsonValue): PatchOperation | undefined {
  const known = path.findIndex((_, i) => isAbsent(value, path.slice(0, i + 1)));
  const end = known < 0 ? path.length : known + 1;
  const [there, rest] = [path.slice(0, end), path.slice(end)];
  const made = rest.reduceRight<JsonValue>((inner, step) => ({ [step]: inner }), wanted);
  if (rest.some((step) => typeof step === 'number')) return undefined;
  const op = getIn(value, there) === undefined ? 'add' : 'replace';
  return { op, path: toPointer(there), value: made };
}

/** Null is nothing, as for Kubernetes. */
function isAbsent(value: JsonValue, path: FieldPath): boolean {
  return (getIn(value, path) ?? null) === null;
}

function removal(value: JsonValue, path: FieldPath): PatchOperation | undefined {
  if (path.length === 0 || getIn(value, path) === undefined) return undefined;
  let gone = path;
  while (isOnlyOne(value, gone)) gone = gone.slice(0, -1);
  return { op: 'remove', path: toPointer(gone) };
}

/** An item of a list and a field of the root stay, even when they are left empty. */
function isOnlyOne(value: JsonValue, path: FieldPath): boolean {
  const parent = path.slice(0, -1);
  if (parent.length < 2 || typeof parent.at(-1) === 'number') return false;
  return sizeOf(getIn(value, parent)) === 1;
}

function sizeOf(value: JsonValue | undefined): number {
  if (isArray(value)) return value.length;
  return isObject(value) ? Object.keys(value).length : 0;
}
