// What is kept of an object of the cluster, and where it stands.
import { get, isObject, type JsonObject } from '../../base/json.ts';

/** Without managedFields: no rule is about them, and they are most of an object. */
export function slim(object: JsonObject): JsonObject {
  const metadata = get(object, 'metadata');
  if (!isObject(metadata) || !Object.hasOwn(metadata, 'managedFields')) return object;
  const { managedFields: _, ...kept } = metadata;
  return { ...object, metadata: kept };
}

export function placeOf(object: JsonObject): string {
  const metadata = get(object, 'metadata');
  return `${textOf(metadata, 'namespace')}/${textOf(metadata, 'name')}`;
}

export function textOf(object: unknown, key: string): string {
  const found = get(object, key);
  return typeof found === 'string' ? found : '';
}
