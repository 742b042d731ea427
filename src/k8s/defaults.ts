// What the API server settles in an object's metadata before any admission sees it: namespace, name, and the label
// that every Namespace has. Upstream: BeforeCreate and EnsureObjectNamespaceMatchesRequestNamespace in
// k8s.io/apiserver/pkg/registry/rest, names.SimpleNameGenerator, SetDefaults_Namespace in pkg/apis/core/v1.
import { get, isObject, type JsonObject, type JsonValue, setOwn } from '../base/json.ts';
import { unknownSuffix } from './defaults/unknown.ts';

export const namespaceLabel = 'kubernetes.io/metadata.name';

/** The API server adds characters that nobody can know beforehand. */
const maxGeneratedBase = 63 - unknownSuffix.length;

export type Placed = {
  readonly object: JsonObject;
  readonly name: string;
  /** "" for cluster-scoped kinds. */
  readonly namespace: string;
};

/** `namespace`: for objects that name none. Names and namespaces that are no strings count as missing. */
export function settleMetadata(
  object: JsonObject,
  { namespaced, namespace }: { readonly namespaced: boolean; readonly namespace: string },
): Placed {
  const given = get(object, 'metadata');
  const metadata: Record<string, JsonValue> = isObject(given) ? { ...given } : {};
  const name = text(metadata, 'name') || generated(text(metadata, 'generateName'));
  if (name !== '') setOwn(metadata, 'name', name);
  const place = namespaced ? text(metadata, 'namespace') || namespace : '';
  if (namespaced) setOwn(metadata, 'namespace', place);
  else delete metadata['namespace'];
  return { object: { ...object, metadata }, name, namespace: place };
}

/** A Namespace with the label that the API server gives to each. */
export function withNamespaceLabel(namespace: JsonObject): JsonObject {
  const metadata = get(namespace, 'metadata');
  const name = text(metadata, 'name');
  if (name === '' || !isObject(metadata)) return namespace;
  const labels = get(metadata, 'labels');
  const named = { ...(isObject(labels) ? labels : {}), [namespaceLabel]: name };
  return { ...namespace, metadata: { ...metadata, labels: named } };
}

function generated(base: string): string {
  return base === '' ? '' : `${base.slice(0, maxGeneratedBase)}${unknownSuffix}`;
}

function text(value: JsonValue | undefined, key: string): string {
  const found = get(value, key);
  return typeof found === 'string' ? found : '';
}
