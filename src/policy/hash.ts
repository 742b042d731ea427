// The name of the law: one digest over the content of all objects in force, whatever file, order or layout they came in.
import { createHash } from 'node:crypto';
import { type Digest, parseDigest } from '../base/brand.ts';
import {
  canonicalJson,
  get,
  isObject,
  type JsonObject,
  type JsonValue,
  setOwn,
} from '../base/json.ts';

/** What a server fills in. */
const serverFields: ReadonlySet<string> = new Set([
  'creationTimestamp',
  'deletionGracePeriodSeconds',
  'deletionTimestamp',
  'generation',
  'managedFields',
  'resourceVersion',
  'selfLink',
  'uid',
]);
/** What kubectl keeps of the text that was applied. */
const lastApplied: ReadonlySet<string> = new Set([
  'kubectl.kubernetes.io/last-applied-configuration',
]);

/** The object as its author wrote it: without what the server and kubectl add to metadata. */
export function withoutServerFields(object: JsonObject): JsonObject {
  const metadata = get(object, 'metadata');
  if (!isObject(metadata)) return object;
  const kept = without(metadata, serverFields);
  const annotations = get(kept, 'annotations');
  const written = isObject(annotations) ? without(annotations, lastApplied) : undefined;
  const isEmptied =
    written !== undefined && written !== annotations && Object.keys(written).length === 0;
  if (written === undefined) return { ...object, metadata: kept };
  return {
    ...object,
    metadata: isEmptied
      ? without(kept, new Set(['annotations']))
      : { ...kept, annotations: written },
  };
}

/** Policies and bindings: status is what a server says of them. */
export function withoutStatus(object: JsonObject): JsonObject {
  return without(object, new Set(['status']));
}

/** The same object when it has none of the keys. */
function without(object: JsonObject, keys: ReadonlySet<string>): JsonObject {
  const kept: Record<string, JsonValue> = {};
  for (const [key, value] of Object.entries(object)) if (!keys.has(key)) setOwn(kept, key, value);
  return Object.keys(kept).length === Object.keys(object).length ? object : kept;
}

/** What the hash is of: every object in canonical JSON, one a line, sorted. */
export function lawText(contents: readonly JsonValue[]): string {
  return contents
    .map(canonicalJson)
    .sort()
    .map((line) => `${line}\n`)
    .join('');
}

/** sha256 of the text, as sha256sum has it. */
export function hashOf(text: string): Digest {
  const digest = parseDigest(`sha256:${createHash('sha256').update(text).digest('hex')}`);
  if (digest === undefined) throw new Error('sha256 gave no digest');
  return digest;
}
