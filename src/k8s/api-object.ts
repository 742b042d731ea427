// An object as the API server's types hold it, and as they write it: nulls are gone, empty lists, maps and texts too
// where the type says so, quantities and times are in their canonical form, and structs are there.
// Upstream: encoding/json with the tags of k8s.io/api. What has another JSON type than its field is left as it is, and
// so are unknown fields. Threat: what a newer API server knows must not be hidden from policies.
import type { FieldPath } from '../base/field-path.ts';
import { isArray, isObject, type JsonObject, type JsonValue, setOwn } from '../base/json.ts';
import { type ApiField, type Form, fieldsOf } from './api-types.ts';
import { canonicalQuantity, canonicalResource } from './quantity-text.ts';

/** A copy of our own, to be filled. Absent is the zero of a field; an empty list is not an absent one. */
export type Draft = Record<string, JsonValue>;

/** Told of every field that the type does not have; it is kept. */
export type OnUnknown = (path: FieldPath) => void;

export function readStruct(
  type: string,
  value: JsonObject,
  unknown: OnUnknown = () => {},
  path: FieldPath = [],
): Draft {
  const fields = fieldsOf(type);
  const draft: Draft = {};
  for (const [key, given] of Object.entries(value)) {
    const field = fields.get(key);
    const at = [...path, key];
    if (field === undefined) {
      unknown(at);
      setOwn(draft, key, given);
    } else {
      const kept = readField(field.form, given, unknown, at);
      if (kept !== undefined) setOwn(draft, key, kept);
    }
  }
  for (const { name, form } of fields.values()) {
    if (form.kind === 'struct' && !Object.hasOwn(draft, name)) {
      draft[name] = readStruct(form.type, {});
    }
  }
  return draft;
}

/** undefined: as if it were not there. */
function readField(
  form: Form,
  value: JsonValue,
  unknown: OnUnknown,
  path: FieldPath,
): JsonValue | undefined {
  if (value === null) return undefined;
  if (form.kind === 'pointer') return readElement(form.of, value, unknown, path);
  const read = readElement(form, value, unknown, path);
  return isZero(form, read) ? undefined : read;
}

function isZero(form: Form, value: JsonValue): boolean {
  switch (form.kind) {
    case 'string':
    case 'bytes':
      return value === '';
    case 'bool':
      return value === false;
    case 'int':
      return value === 0;
    default:
      return false;
  }
}

/** An item of a list or map, where null is the zero of its form. */
function readElement(form: Form, value: JsonValue, unknown: OnUnknown, path: FieldPath): JsonValue {
  if (value === null) return zeroOf(form);
  switch (form.kind) {
    case 'pointer':
      return readElement(form.of, value, unknown, path);
    case 'struct':
      return isObject(value) ? readStruct(form.type, value, unknown, path) : value;
    case 'list':
      return isArray(value)
        ? value.map((item, i) => readElement(form.of, item, unknown, [...path, i]))
        : value;
    case 'map':
      return isObject(value) ? readMap(form.of, value, unknown, path) : value;
    default:
      return scalar(form.kind, value);
  }
}

function readMap(of: Form, value: JsonObject, unknown: OnUnknown, path: FieldPath): JsonObject {
  const read: Draft = {};
  for (const [key, item] of Object.entries(value)) {
    const kept = readElement(of, item, unknown, [...path, key]);
    setOwn(read, key, of.kind === 'quantity' ? quantity(kept, canonicalResource) : kept);
  }
  return read;
}

function scalar(kind: Form['kind'], value: JsonValue): JsonValue {
  if (kind === 'quantity') return quantity(value, canonicalQuantity);
  if (typeof value !== 'string') return value;
  if (kind === 'time') return inUtc(value);
  return kind === 'bytes' ? value.replace(/[\r\n]/g, '') : value;
}

function quantity(value: JsonValue, form: (text: string) => string | undefined): JsonValue {
  const isText = typeof value === 'string';
  if (!isText && typeof value !== 'number' && typeof value !== 'bigint') return value;
  return form(String(value)) ?? value;
}

function inUtc(text: string): string {
  const time = /^\d{4}-\d\d-\d\dT/.test(text) ? new Date(text).getTime() : Number.NaN;
  return Number.isNaN(time) ? text : `${new Date(time).toISOString().slice(0, 19)}Z`;
}

/** What a field of this form is when nobody has set it. */
function zeroOf(form: Form): JsonValue {
  switch (form.kind) {
    case 'string':
      return '';
    case 'bool':
      return false;
    case 'int':
    case 'intstr':
      return 0;
    case 'quantity':
      return '0';
    case 'struct':
      return readStruct(form.type, {});
    case 'time':
    case 'bytes':
    case 'any':
    case 'pointer':
    case 'list':
    case 'map':
      return null;
  }
}

/** As JSON: without what is empty and need not be written, with what is written always. */
export function writeStruct(type: string, draft: JsonObject): JsonObject {
  const fields = fieldsOf(type);
  const out: Draft = {};
  for (const [key, value] of Object.entries(draft)) {
    const field = fields.get(key);
    if (field === undefined) setOwn(out, key, value);
    else if (field.always || !isEmpty(field.form, value)) {
      setOwn(out, key, write(field.form, value));
    }
  }
  for (const field of fields.values()) {
    if (!Object.hasOwn(draft, field.name) && isWritten(field)) {
      out[field.name] = write(field.form, zeroOf(field.form));
    }
  }
  return out;
}

function isEmpty(form: Form, value: JsonValue): boolean {
  if (form.kind === 'list') return isArray(value) && value.length === 0;
  if (form.kind === 'map') return isObject(value) && Object.keys(value).length === 0;
  return isZero(form, value);
}

/** omitempty has no meaning for what Go holds as a struct. */
function isWritten({ form, always }: ApiField): boolean {
  return always || ['struct', 'quantity', 'intstr', 'time'].includes(form.kind);
}

function write(form: Form, value: JsonValue): JsonValue {
  switch (form.kind) {
    case 'pointer':
      return write(form.of, value);
    case 'struct':
      return isObject(value) ? writeStruct(form.type, value) : value;
    case 'list':
      return isArray(value) ? value.map((item) => write(form.of, item)) : value;
    case 'map':
      return isObject(value) && form.of.kind === 'struct'
        ? Object.fromEntries(Object.entries(value).map(([k, v]) => [k, write(form.of, v)]))
        : value;
    default:
      return value;
  }
}
