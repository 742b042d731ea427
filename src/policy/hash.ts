// The name of the law: one digest over the content of all documents in force, whatever file or order they came in.
import { createHash } from 'node:crypto';
import { type Digest, parseDigest } from '../base/brand.ts';
import { canonicalJson, isObject, type JsonObject, type JsonValue, setOwn } from '../base/json.ts';

/** What a server fills in, and what kubectl keeps of the text: no part of the law. */
const unwritten: ReadonlySet<string> = new Set([
  'creationTimestamp',
  'deletionGracePeriodSeconds',
  'deletionTimestamp',
  'generation',
  'managedFields',
  'resourceVersion',
  'selfLink',
  'uid',
]);
const lastApplied = 'kubectl.kubernetes.io/last-applied-configuration';

export function hashOf(documents: readonly JsonObject[]): Digest {
  const hash = createHash('sha256');
  for (const line of documents.map((each) => canonicalJson(essence(each))).sort()) {
    hash.update(line).update('\n');
  }
  const digest = parseDigest(`sha256:${hash.digest('hex')}`);
  if (digest === undefined) throw new Error('sha256 is not a digest');
  return digest;
}

function essence(document: JsonObject): JsonObject {
  return without(document, (key, value) =>
    key === 'status'
      ? undefined
      : key === 'metadata' && isObject(value)
        ? without(value, (name, each) => {
            if (unwritten.has(name)) return undefined;
            return name === 'annotations' && isObject(each)
              ? without(each, (annotation, text) => (annotation === lastApplied ? undefined : text))
              : each;
          })
        : value,
  );
}

function without(
  object: JsonObject,
  keep: (key: string, value: JsonValue) => JsonValue | undefined,
): JsonObject {
  const kept: Record<string, JsonValue> = {};
  for (const [key, value] of Object.entries(object)) {
    const each = keep(key, value);
    if (each !== undefined) setOwn(kept, key, each);
  }
  return kept;
}
