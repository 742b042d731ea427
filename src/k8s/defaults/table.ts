// How a table of defaults is read: a row fills a field of a type that has no value, wherever the type stands; an act
// does what is no such row. A parent comes before its children, and its act before its rows, as in Kubernetes.
import { get, isArray, isObject, type JsonValue } from '../../base/json.ts';
import type { Draft } from '../api-object.ts';
import { type Form, fieldsOf } from '../api-types.ts';

export type Row = JsonValue | ((owner: Draft) => JsonValue | undefined);

export type Defaults = {
  /** By `Type.field`. */
  readonly rows: Readonly<Record<string, Row>>;
  /** By type. */
  readonly acts?: Readonly<Record<string, (draft: Draft) => void>>;
};

export type Filler = (type: string, draft: Draft) => void;

export function filler(tables: readonly Defaults[]): Filler {
  const acts = new Map(tables.flatMap(({ acts: some = {} }) => Object.entries(some)));
  const rows = new Map<string, [field: string, row: Row][]>();
  for (const [place, row] of tables.flatMap((table) => Object.entries(table.rows))) {
    const [type = '', field = ''] = place.split('.');
    rows.set(type, [...(rows.get(type) ?? []), [field, row]]);
  }
  const fill: Filler = (type, draft) => {
    acts.get(type)?.(draft);
    fillRows(draft, rows.get(type) ?? []);
    for (const { name, form } of fieldsOf(type).values()) below(form, get(draft, name));
  };
  const below = (form: Form, value: JsonValue | undefined): void => {
    if (form.kind === 'struct' && isObject(value)) fill(form.type, value);
    else if (form.kind === 'pointer') below(form.of, value);
    else if (form.kind === 'list' && isArray(value)) for (const item of value) below(form.of, item);
  };
  return fill;
}

export function fillRows(
  draft: Draft,
  rows: readonly (readonly [field: string, row: Row])[],
): void {
  for (const [field, row] of rows) {
    if (Object.hasOwn(draft, field)) continue;
    const value = typeof row === 'function' ? row(draft) : row;
    if (value !== undefined) draft[field] = value;
  }
}

/** The object at a key of the draft; undefined when there is none. */
export function at(draft: Draft | undefined, key: string): Draft | undefined {
  const found = get(draft, key);
  return isObject(found) ? found : undefined;
}

/** The objects of a list. */
export function items(draft: Draft | undefined, key: string): readonly Draft[] {
  const found = get(draft, key);
  return isArray(found) ? found.filter(isObject) : [];
}

export function isEmptyAt(draft: Draft, key: string): boolean {
  const found = get(draft, key) ?? null;
  if (isArray(found)) return found.length === 0;
  return isObject(found) ? Object.keys(found).length === 0 : found === null;
}

export function textAt(draft: Draft | undefined, key: string): string {
  const found = get(draft, key);
  return typeof found === 'string' ? found : '';
}

/** Adds to a list that may not be there. */
export function push(draft: Draft, key: string, ...added: readonly JsonValue[]): void {
  const found = get(draft, key);
  draft[key] = [...(isArray(found) ? found : []), ...added];
}
