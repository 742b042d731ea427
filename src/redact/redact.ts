// An object without its secrets: data of Secrets and ConfigMaps, environment values, and credentials wherever they
// stand. Each place becomes a marker, and its JSON pointer is listed. Design, section 6.
import { type FieldPath, toPointer } from '../base/field-path.ts';
import {
  get,
  isArray,
  isObject,
  type JsonArray,
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
  const walk: Walk = { pointers: [], taken: [], texts: [], data: dataFields(kind) };
  const value = redactObject(withoutManagedFields(object), root, walk);
  const { pointers, taken, texts } = walk;
  return {
    value,
    pointers,
    taken,
    // Few ask: only messages that quote an object.
    get secrets() {
      return texts.flatMap(plainForms);
    },
  };
}

/** What was found, and by which members of the object itself every value is a secret. */
type Walk = {
  readonly pointers: string[];
  readonly taken: JsonValue[];
  /** Those of `taken` that are secrets as a whole. */
  readonly texts: string[];
  readonly data: ReadonlySet<string>;
};

/** Where the walk is. Most places are never told: only those are made into a path. */
type Place = {
  readonly step: string | number;
  readonly owner: Place | undefined;
};

const root: Place = { step: '', owner: undefined };

function pathOf(place: Place): FieldPath {
  const path: (string | number)[] = [];
  for (let at: Place | undefined = place; at?.owner !== undefined; at = at.owner) {
    path.push(at.step);
  }
  return path.reverse();
}

const ofSecret = new Set(['data', 'stringData']);
const ofConfigMap = new Set(['data', 'binaryData']);
const none: ReadonlySet<string> = new Set();

function dataFields({ group, kind }: Kind): ReadonlySet<string> {
  if (group !== '') return none;
  return kind === 'Secret' ? ofSecret : kind === 'ConfigMap' ? ofConfigMap : none;
}

/** What stands at a step below `at`; the same value when nothing in it is a secret. */
function redactMember(value: JsonValue, at: Place, step: string | number, walk: Walk): JsonValue {
  if (typeof value === 'string') {
    const left = withoutAssignments(value);
    if (left !== value) note(value, { step, owner: at }, walk);
    return left;
  }
  if (typeof value !== 'object' || value === null) return value;
  const place = { step, owner: at };
  return isArray(value) ? redactList(value, place, walk) : redactObject(value, place, walk);
}

function redactList(list: JsonArray, at: Place, walk: Walk): JsonArray {
  let copy: JsonValue[] | undefined;
  for (let i = 0; i < list.length; i++) {
    const item = list[i] ?? null;
    const left = followsFlag(list, i)
      ? taken(item, { step: i, owner: at }, walk)
      : redactMember(item, at, i, walk);
    if (left === item) continue;
    copy ??= [...list];
    copy[i] = left;
  }
  return copy ?? list;
}

/** `--password`, `hunter2` */
function followsFlag(list: JsonArray, i: number): boolean {
  const before = list[i - 1];
  const item = list[i];
  if (typeof before !== 'string' || typeof item !== 'string') return false;
  return !item.startsWith('-') && isSecretFlag(before);
}

function redactObject(object: JsonObject, at: Place, walk: Walk): JsonObject {
  let copy: Record<string, JsonValue> | undefined;
  const isSecret = rulesAt(at);
  for (const key of Object.keys(object)) {
    const member = object[key] ?? null;
    const left = isSecret(key, object, walk)
      ? takenAll(key, object, { step: key, owner: at }, walk)
      : redactMember(member, at, key, walk);
    if (left === member) continue;
    // Members keep their order.
    copy ??= { ...object };
    setOwn(copy, key, left);
  }
  return copy ?? object;
}

/** Whether a member is a secret by where it stands, whatever it looks like. */
type IsSecret = (key: string, owner: JsonObject, walk: Walk) => boolean;

function rulesAt({ step, owner }: Place): IsSecret {
  if (owner === undefined) return ofObject;
  if (step === 'annotations') return ofAnnotations;
  return typeof step === 'number' && owner.step === 'env' ? ofVariable : ofAny;
}

const lastApplied = 'kubectl.kubernetes.io/last-applied-configuration';

const ofObject: IsSecret = (key, _owner, { data }) => data.has(key);
const ofAnnotations: IsSecret = (key) => key === lastApplied || isSecretName(key);
const ofVariable: IsSecret = (key) => key === 'value' || isSecretKey(key);
const ofAny: IsSecret = (key, owner) => {
  if (key !== 'value') return isDataOf(owner, key) || isSecretKey(key);
  // A header or a parameter: `{name: Authorization, value: …}`.
  const name = get(owner, 'name');
  return typeof name === 'string' && isSecretName(name);
};

/** A Secret that another object holds, such as a list of manifests, says itself what it is. */
function isDataOf(owner: JsonObject, key: string): boolean {
  if (!ofSecret.has(key) && !ofConfigMap.has(key)) return false;
  const kind = get(owner, 'apiVersion') === 'v1' ? get(owner, 'kind') : undefined;
  return typeof kind === 'string' && dataFields({ group: '', kind }).has(key);
}

/** Every text of a data field; of any other place the text itself. */
function takenAll(key: string, object: JsonObject, place: Place, walk: Walk): JsonValue {
  const member = object[key] ?? null;
  const isOfObject = place.owner === root || isDataOf(object, key);
  if (isOfObject && isObject(member)) return takenEach(member, place, walk);
  const isScalar = ['string', 'number', 'bigint'].includes(typeof member);
  const isData = isOfObject || (key === 'value' && place.owner?.owner?.step === 'env');
  if (isScalar || isData) return taken(member, place, walk);
  return redactMember(member, place.owner ?? root, key, walk);
}

function takenEach(data: JsonObject, place: Place, walk: Walk): JsonObject {
  const copy: Record<string, JsonValue> = {};
  for (const [name, each] of Object.entries(data)) {
    setOwn(copy, name, taken(each, { step: name, owner: place }, walk));
  }
  return copy;
}

function taken(value: JsonValue, place: Place, walk: Walk): JsonValue {
  if (value === '' || value === null) return value;
  note(value, place, walk);
  if (typeof value === 'string') walk.texts.push(value);
  return marker;
}

function note(value: JsonValue, place: Place, walk: Walk): void {
  walk.pointers.push(toPointer(pathOf(place)));
  walk.taken.push(value);
}

/** Encoded data is looked for in its plain form too. */
function plainForms(text: string): readonly string[] {
  const isEncoded = /^[A-Za-z0-9+/]{8,}={0,2}$/.test(text);
  return isEncoded ? [text, Buffer.from(text, 'base64').toString()] : [text];
}

function withoutManagedFields(object: JsonObject): JsonObject {
  const metadata = get(object, 'metadata');
  if (!isObject(metadata) || get(metadata, 'managedFields') === undefined) return object;
  const { managedFields: _, ...rest } = metadata;
  return { ...object, metadata: rest };
}
