// An object without its secrets: data of Secrets and ConfigMaps, environment values, and credentials wherever they
// stand. Each place becomes a marker, and its JSON pointer is listed. Design, section 6.
import { type FieldPath, toPointer } from '../base/field-path.ts';
import {
  get,
  getIn,
  isArray,
  isObject,
  type JsonObject,
  type JsonValue,
  setOwn,
} from '../base/json.ts';
import {
  isSecretFlag,
  isSecretKey,
  isSecretName,
  marker,
  withoutAssignments,
} from './detectors.ts';

export type Redacted = {
  readonly value: JsonObject | null;
  /** JSON pointers below `value`: what is there is not what was sent. */
  readonly pointers: readonly string[];
  /** The texts that were taken out. */
  readonly secrets: readonly string[];
};

type Kind = { readonly group: string; readonly kind: string };

const nothing: Redacted = { value: null, pointers: [], secrets: [] };

/** A copy without secrets and without managedFields; what is not touched is shared with the original. */
export function redact(object: JsonObject | null, kind: Kind): Redacted {
  if (object === null) return nothing;
  const noted: Noted = { pointers: [], secrets: [] };
  const value = redactIn(withoutManagedFields(object), [], { noted, data: dataFields(kind) });
  return { value: isObject(value) ? value : null, ...noted };
}

type Noted = { readonly pointers: string[]; readonly secrets: string[] };

type Walk = {
  readonly noted: Noted;
  /** Members of the object itself whose every value is a secret. */
  readonly data: ReadonlySet<string>;
};

const ofSecret = new Set(['data', 'stringData']);
const ofConfigMap = new Set(['data', 'binaryData']);
const none: ReadonlySet<string> = new Set();

function dataFields({ group, kind }: Kind): ReadonlySet<string> {
  if (group !== '') return none;
  return kind === 'Secret' ? ofSecret : kind === 'ConfigMap' ? ofConfigMap : none;
}

/** The same value when nothing in it is a secret. */
function redactIn(value: JsonValue, at: FieldPath, walk: Walk): JsonValue {
  if (typeof value === 'string') return redactText(value, at, walk);
  if (isArray(value)) return redactList(value, at, walk);
  return isObject(value) ? redactObject(value, at, walk) : value;
}

function redactText(text: string, at: FieldPath, { noted }: Walk): string {
  const left = withoutAssignments(text);
  if (left !== text) noted.pointers.push(toPointer(at));
  return left;
}

function redactList(list: readonly JsonValue[], at: FieldPath, walk: Walk): JsonValue {
  let changed = false;
  const copy = list.map((item, i) => {
    const before = list[i - 1];
    const follows = typeof before === 'string' && typeof item === 'string' && !item.startsWith('-');
    const left =
      follows && isSecretFlag(before)
        ? taken(item, [...at, i], walk)
        : redactIn(item, [...at, i], walk);
    changed ||= left !== item;
    return left;
  });
  return changed ? copy : list;
}

function redactObject(object: JsonObject, at: FieldPath, walk: Walk): JsonValue {
  let changed = false;
  const copy: Record<string, JsonValue> = {};
  for (const [key, member] of Object.entries(object)) {
    const path = [...at, key];
    const left = isTaken(object, key, at, walk)
      ? takenAll(key, member, path, walk)
      : redactIn(member, path, walk);
    changed ||= left !== member;
    setOwn(copy, key, left);
  }
  return changed ? copy : object;
}

const lastApplied = 'kubectl.kubernetes.io/last-applied-configuration';

/** Whether a member is a secret by where it stands, whatever it looks like. */
function isTaken(owner: JsonObject, key: string, at: FieldPath, { data }: Walk): boolean {
  if (at.length === 0) return data.has(key);
  const parent = at.at(-1);
  if (parent === 'annotations') return key === lastApplied || isSecretName(key);
  if (key === 'value' && at.at(-2) === 'env' && typeof parent === 'number') return true;
  // A header, a variable or a parameter: `{name: Authorization, value: …}`.
  const name = key === 'value' ? get(owner, 'name') : undefined;
  if (typeof name === 'string' && isSecretName(name)) return true;
  return isSecretKey(key);
}

/** Every text of a data field; of any other place the text itself. */
function takenAll(key: string, member: JsonValue, path: FieldPath, walk: Walk): JsonValue {
  if (path.length === 1 && walk.data.has(key) && isObject(member)) {
    const copy: Record<string, JsonValue> = {};
    for (const [name, each] of Object.entries(member)) {
      setOwn(copy, name, taken(each, [...path, name], walk));
    }
    return copy;
  }
  const scalar = typeof member === 'string' || typeof member === 'number';
  const isData = path.length === 1 || (path.at(-1) === 'value' && path.at(-3) === 'env');
  return scalar || isData ? taken(member, path, walk) : redactIn(member, path, walk);
}

function taken(value: JsonValue, path: FieldPath, { noted }: Walk): JsonValue {
  if (value === '' || value === null) return value;
  noted.pointers.push(toPointer(path));
  if (typeof value === 'string') collect(value, noted.secrets);
  return marker;
}

/** Encoded data is looked for in its plain form too. */
function collect(found: string, secrets: string[]): void {
  secrets.push(found);
  if (/^[A-Za-z0-9+/]{8,}={0,2}$/.test(found)) {
    secrets.push(Buffer.from(found, 'base64').toString());
  }
}

function withoutManagedFields(object: JsonObject): JsonObject {
  const metadata = get(object, 'metadata');
  if (!isObject(metadata) || getIn(metadata, ['managedFields']) === undefined) return object;
  const { managedFields: _, ...rest } = metadata;
  return { ...object, metadata: rest };
}
