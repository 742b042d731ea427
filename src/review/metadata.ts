// What the API server's decoder would refuse in the metadata of an object: `labels: {version: 1.0}` and its like.
// Upstream: ObjectMeta in k8s.io/apimachinery/pkg/apis/meta/v1. A null is an absent field, as Go's decoder has it.
import type { FieldPath } from '../base/field-path.ts';
import { get, isObject, type JsonObject } from '../base/json.ts';

/** `wanted`: as in `metadata.name must be a string`. */
export type MetadataFault = {
  readonly path: FieldPath;
  readonly wanted: string;
  readonly fix?: string;
};

const strings = ['name', 'generateName', 'namespace'];
const stringMaps = ['labels', 'annotations'];

/** Empty when all is well. */
export function metadataFaults(object: JsonObject): readonly MetadataFault[] {
  const metadata = get(object, 'metadata') ?? {};
  if (!isObject(metadata)) return [{ path: ['metadata'], wanted: 'a mapping' }];
  return [
    ...strings
      .filter((key) => typeof (get(metadata, key) ?? '') !== 'string')
      .map((key) => ({ path: ['metadata', key], wanted: 'a string' })),
    ...stringMaps.flatMap((key) => stringMapFaults(metadata, key)),
  ];
}

function stringMapFaults(metadata: JsonObject, key: string): readonly MetadataFault[] {
  const map = get(metadata, key) ?? {};
  if (!isObject(map)) return [{ path: ['metadata', key], wanted: 'a mapping' }];
  return Object.entries(map)
    .filter(([, value]) => typeof (value ?? '') !== 'string')
    .map(([name]) => ({
      path: ['metadata', key, name],
      wanted: 'a string',
      fix: 'put it in quotes',
    }));
}
