// What the API server settles in an object's metadata before any admission sees it: namespace, name, and the label
// that every Namespace has; and the sources of volumes that name none. Upstream: BeforeCreate and EnsureObjectNamespaceMatchesRequestNamespace in
// k8s.io/apiserver/pkg/registry/rest, names.SimpleNameGenerator, SetDefaults_Namespace in pkg/apis/core/v1.
import {
  get,
  getIn,
  isArray,
  isObject,
  type JsonObject,
  type JsonValue,
  setOwn,
} from '../base/json.ts';
import { workloadOf } from './pod-template.ts';

export const namespaceLabel = 'kubernetes.io/metadata.name';

/** The API server adds five characters that nobody can know beforehand; these stand for them. */
const suffix = 'xxxxx';
const maxGeneratedBase = 63 - suffix.length;

export type Settled = {
  readonly object: JsonObject;
  readonly name: string;
  /** "" for cluster-scoped kinds. */
  readonly namespace: string;
};

/** `namespace`: for objects that name none. Names and namespaces that are no strings count as missing. */
export function settleMetadata(
  object: JsonObject,
  { namespaced, namespace }: { readonly namespaced: boolean; readonly namespace: string },
): Settled {
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

/** Volumes that name no source, in a Pod or the template of a workload: the API server makes them an emptyDir. */
export function withVolumeSources(kind: Kind, object: JsonObject): JsonObject {
  const path = specPath(kind);
  const volumes = path === undefined ? undefined : getIn(object, [...path, 'volumes']);
  if (path === undefined || !isArray(volumes) || !volumes.some(hasNoSource)) return object;
  const sourced = volumes.map((volume) =>
    isObject(volume) && hasNoSource(volume) ? { ...volume, emptyDir: {} } : volume,
  );
  return setIn(object, [...path, 'volumes'], sourced);
}

type Kind = { readonly group: string; readonly kind: string };

function specPath({ group, kind }: Kind): readonly string[] | undefined {
  if (group === '' && kind === 'Pod') return ['spec'];
  const workload = workloadOf({ group, kind });
  return workload === undefined ? undefined : [...workload.path.map(String), 'spec'];
}

function hasNoSource(volume: JsonValue): boolean {
  return (
    isObject(volume) && Object.keys(volume).every((key) => key === 'name' || volume[key] === null)
  );
}

/** A copy with a value at a path that is there. */
function setIn(object: JsonObject, path: readonly string[], value: JsonValue): JsonObject {
  const [step, ...rest] = path;
  if (step === undefined) return object;
  const inner = get(object, step);
  return {
    ...object,
    [step]: rest.length === 0 || !isObject(inner) ? value : setIn(inner, rest, value),
  };
}

function generated(base: string): string {
  return base === '' ? '' : `${base.slice(0, maxGeneratedBase)}${suffix}`;
}

function text(value: JsonValue | undefined, key: string): string {
  const found = get(value, key);
  return typeof found === 'string' ? found : '';
}
