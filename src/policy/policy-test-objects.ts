// The objects of a case: written in it, in a file beside it, or a base, and changed where the case says so.
import { join } from 'node:path/posix';
import type { FieldPath } from '../base/field-path.ts';
import { get, getIn, isArray, isObject, type JsonObject, type JsonValue } from '../base/json.ts';
import { quote } from '../base/text.ts';
import type { SourceDocument } from '../yaml/document.ts';
import type { Report } from './faults.ts';
import { piecesOf } from './pieces.ts';
import { changed } from './policy-test-changes.ts';

export type CaseObjects = {
  /** null on DELETE. */
  readonly object: JsonObject | null;
  readonly oldObject: JsonObject | null;
  /** The main object is the base, perhaps changed. */
  readonly fromBase: boolean;
  /** Where the case says what the main object is. */
  readonly path: FieldPath;
};

/** What the file that a case names holds. `told`: its own faults have been reported. */
export type ObjectFile =
  | { readonly kind: 'object'; readonly object: JsonObject }
  | { readonly kind: 'unusable'; readonly message: string }
  | { readonly kind: 'told' };

/** By the paths of `objectFilesOf`. */
export type ObjectFiles = ReadonlyMap<string, ObjectFile>;

const fileFields = ['file', 'oldFile'] as const;

/** Every file that the cases of these documents name, as a path that can be read. */
export function objectFilesOf(documents: readonly SourceDocument[]): readonly string[] {
  const named = documents.flatMap(piecesOf).flatMap(({ document, value }) => {
    const cases = get(value, 'kind') === 'PolicyTest' ? getIn(value, ['spec', 'cases']) : undefined;
    return (isArray(cases) ? cases : []).flatMap((each) =>
      fileFields.flatMap((field) => {
        const file = get(each, field);
        return typeof file === 'string' && isRelative(file) ? [besides(document.file, file)] : [];
      }),
    );
  });
  return [...new Set(named)];
}

/** A case means the same on every machine. */
function isRelative(file: string): boolean {
  return file !== '' && !file.startsWith('/');
}

function besides(testFile: string, file: string): string {
  const folder = testFile.includes('/') ? testFile.slice(0, testFile.lastIndexOf('/') + 1) : '';
  const path = join(folder, file);
  // `-` would be standard input.
  return path === '-' ? './-' : path;
}

export type ObjectContext = {
  readonly file: string;
  /** The case as it is written: a null is a value in an object, and takes a field out in changes. */
  readonly raw: JsonValue | undefined;
  readonly base: JsonObject | null;
  readonly files: ObjectFiles;
  /** Paths are those of the case. */
  readonly report: Report;
};

type Fields = {
  readonly inline: 'object' | 'oldObject';
  readonly file: 'file' | 'oldFile';
  readonly changes: 'changes' | 'oldChanges';
};
const main: Fields = { inline: 'object', file: 'file', changes: 'changes' };
const old: Fields = { inline: 'oldObject', file: 'oldFile', changes: 'oldChanges' };

/** undefined when a fault was reported. An UPDATE that names no old object changes the base. */
export function objectsOf(
  operation: string | undefined,
  context: ObjectContext,
): CaseObjects | undefined {
  const own = source(main, context);
  const before = source(old, context);
  if (before.said && operation !== 'UPDATE') {
    const message = `a case of ${operation ?? 'CREATE'} has no other old object`;
    context.report({ path: [before.field], message, fix: 'set operation: UPDATE' });
    return undefined;
  }
  const object = resolved(own, main, context);
  const oldObject = operation === 'UPDATE' ? resolved(before, old, context) : null;
  if (object === undefined || oldObject === undefined) return undefined;
  const about = { fromBase: own.kind === 'base', path: own.said ? [own.field] : [] };
  if (operation === 'DELETE') return { ...about, object: null, oldObject: object };
  return { ...about, object, oldObject };
}

type Source = {
  readonly kind: 'inline' | 'file' | 'base';
  /** The field that says so. */
  readonly field: string;
  /** False: nothing in the case does. */
  readonly said: boolean;
};

function source(fields: Fields, { raw }: ObjectContext): Source {
  const has = (field: string): boolean => (get(raw, field) ?? null) !== null;
  if (has(fields.inline)) return { kind: 'inline', field: fields.inline, said: true };
  if (has(fields.file)) return { kind: 'file', field: fields.file, said: true };
  return { kind: 'base', field: fields.changes, said: has(fields.changes) };
}

function resolved(
  { kind }: Source,
  fields: Fields,
  context: ObjectContext,
): JsonObject | undefined {
  const { raw, report } = context;
  if (kind === 'inline' && (get(raw, fields.file) ?? null) !== null) {
    const message = `a case has ${fields.inline} or ${fields.file}, not both`;
    report({ path: [fields.file], message });
    return undefined;
  }
  const from =
    kind === 'inline' ? objectAt(raw, fields.inline) : fromElsewhere(kind, fields, context);
  if (from === undefined) return undefined;
  const made = changed(from, objectAt(raw, fields.changes) ?? {});
  if (made.ok) return made.value;
  for (const { pointer, message } of made.error)
    report({ path: [fields.changes, pointer], message });
  return undefined;
}

function fromElsewhere(
  kind: 'file' | 'base',
  fields: Fields,
  { raw, base, files, file, report }: ObjectContext,
): JsonObject | undefined {
  if (kind === 'base') {
    if (base === null) {
      const message = `the case has no ${fields.inline}, and spec.base is not there to be changed`;
      report({ path: [], message, fix: `write ${fields.inline}, ${fields.file} or spec.base` });
    }
    return base ?? undefined;
  }
  const named = String(get(raw, fields.file));
  const path = [fields.file];
  if (!isRelative(named)) {
    const message = `${fields.file} must be relative to the file of the test, not ${quote(named)}`;
    report({ path, message });
    return undefined;
  }
  const found = files.get(besides(file, named));
  if (found?.kind === 'object') return found.object;
  if (found?.kind !== 'told') {
    report({
      path,
      message: `${quote(named)} is no object: ${found?.message ?? 'it was not read'}`,
    });
  }
  return undefined;
}

function objectAt(raw: JsonValue | undefined, field: string): JsonObject | undefined {
  const value = get(raw, field);
  return isObject(value) ? value : undefined;
}
