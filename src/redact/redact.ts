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
  /** What stood at each of these pointers. */
  readonly taken: readonly JsonValue[];
  /** The texts that were taken out. */
  readonly secrets: readonly string[];
};

type Kind = { readonly group: string; readonly kind: string };

const nothing: Redacted = { value: null, pointers: [], taken: [], secrets: [] };

/** A copy without secrets and without managedFields; what is not touched is shared with the original. */
export function redact(object: JsonObject | null, kind: Kind): Redacted {
  if (object === null) return nothing;
  const noted: Noted = { pointers: [], taken: [], secrets: [] };
  const value = redactIn(withoutManagedFields(object), root, { noted, data: dataFields(kind) });
  return { value: isObject(value) ? value : null, ...noted };
}

type Noted = {
  readonly pointers: string[];
  readonly taken: JsonValue[];
  readonly secrets: string[];
};

/** Where the walk is. Most places are never told: only those are made into a path. */
type Place = {
  readonly step: string | number;
  readonly owner: Place | undefined;
  readonly depth: number;
};

const root: Place = { step: '', owner: undefined, depth: 0 };

function below(owner: Place, step: string | number): Place {
  return { step, owner, depth: owner.depth + 1 };
}

function pathOf(place: Place): FieldPath {
  const path: (string | number)[] = [];
  for (let at: Place | undefined = place; at?.owner !== undefined; at = at.owner) {
    path.push(at.step);
  }
  return path.reverse();
}

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
function redactIn(value: JsonValue, at: Place, walk: Walk): JsonValue {
  if (isArray(value)) return redactList(value, at, walk);
  return isObject(value) ? redactObject(value, at, walk) : value;
}

/** What stands at a step below `at`. */
function redactMember(value: JsonValue, at: Place, step: string | number, walk: Walk): JsonValue {
  if (typeof value === 'string') {
    const left = withoutAssignments(value);
    if (left !== value) note(walk.noted, value, below(at, step));
    return left;
  }
  return typeof value === 'object' && value !== null
    ? redactIn(value, below(at, step), walk)
    : value;
}

function redactList(list: readonly JsonValue[], at: Place, walk: Walk): JsonValue {
  let copy: JsonValue[] | undefined;
  for (const [i, item] of list.entries()) {
    const before = list[i - 1];
    const follows = typeof before === 'string' && typeof item === 'string' && !item.startsWith('-');
    const left =
      follows && isSecretFlag(before)
        ? taken(item, below(at, i), walk)
        : redactMember(item, at, i, walk);
    if (left === item) continue;
    copy ??= [...list];
    copy[i] = left;
  }
  return copy ?? list;
}

function redactObject(object: JsonObject, at: Place, walk: Walk): JsonValue {
  let changed: Map<string, JsonValue> | undefined;
  for (const key of Object.keys(object)) {
    const member = object[key] ?? null;
    const left = isTaken(object, key, at, walk)
      ? takenAll(key, member, below(at, key), walk)
      : redactMember(member, at, key, walk);
    if (left === member) continue;
    changed ??= new Map();
    changed.set(key, left);
  }
  return changed === undefined ? object : withChanged(object, changed);
}

/** Members keep their order. */
function withChanged(object: JsonObject, changed: ReadonlyMap<string, JsonValue>): JsonObject {
  const copy: Record<string, JsonValue> = {};
  for (const [key, member] of Object.entries(object)) {
    setOwn(copy, key, changed.has(key) ? (changed.get(key) ?? null) : member);
  }
  return copy;
}

const lastApplied = 'kubectl.kubernetes.io/last-applied-configuration';

/** Whether a member is a secret by where it stands, whatever it looks like. */
function isTaken(owner: JsonObject, key: string, at: Place, { data }: Walk): boolean {
  if (at.depth === 0) return data.has(key);
  const parent = at.step;
  if (parent === 'annotations') return key === lastApplied || isSecretName(key);
  if (key === 'value' && at.owner?.step === 'env' && typeof parent === 'number') return true;
  // A header, a variable or a parameter: `{name: Authorization, value: …}`.
  const name = key === 'value' ? get(owner, 'name') : undefined;
  if (typeof name === 'string' && isSecretName(name)) return true;
  return isSecretKey(key);
}

/** Every text of a data field; of any other place the text itself. */
function takenAll(key: string, member: JsonValue, place: Place, walk: Walk): JsonValue {
  const { depth, owner } = place;
  if (depth === 1 && walk.data.has(key) && isObject(member)) {
    const copy: Record<string, JsonValue> = {};
    for (const [name, each] of Object.entries(member)) {
      setOwn(copy, name, taken(each, below(place, name), walk));
    }
    return copy;
  }
  const scalar = typeof member === 'string' || typeof member === 'number';
  const isData = depth === 1 || (key === 'value' && owner?.owner?.step === 'env');
  return scalar || isData ? taken(member, place, walk) : redactIn(member, place, walk);
}

function taken(value: JsonValue, place: Place, { noted }: Walk): JsonValue {
  if (value === '' || value === null) return value;
  note(noted, value, place);
  if (typeof value === 'string') collect(value, noted.secrets);
  return marker;
}

function note(noted: Noted, value: JsonValue, place: Place): void {
  noted.pointers.push(toPointer(pathOf(place)));
  noted.taken.push(value);
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
