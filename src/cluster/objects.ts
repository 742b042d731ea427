// A cluster as files describe it: namespaces, params, custom kinds. With these `check` and the server need no cluster.
import type { Diagnostic } from '../base/diagnostic.ts';
import { byPlace } from '../base/diagnostic.ts';
import { get, getIn, isObject, type JsonObject } from '../base/json.ts';
import { err, ok, type Result } from '../base/result.ts';
import { quote } from '../base/text.ts';
import type { Ports } from '../engine/ports.ts';
import { namespaceLabel, withNamespaceLabel } from '../k8s/defaults.ts';
import { formatApiVersion } from '../k8s/gvk.ts';
import { type CustomKinds, customKind, type ResourceName } from '../k8s/resources.ts';
import { type ManifestObject, manifestObjects } from '../review/manifest.ts';
import type { SourceDocument } from '../yaml/document.ts';
import { listFiles, readFile } from '../yaml/files.ts';
import { readDocuments } from '../yaml/read.ts';

export type ClusterObjects = {
  /** By name, each with its `kubernetes.io/metadata.name` label. */
  readonly namespaces: ReadonlyMap<string, JsonObject>;
  /** By `APIVERSION KIND`, in order of the files; of two with one namespace and name only the later. */
  readonly byKind: ReadonlyMap<string, readonly JsonObject[]>;
  readonly customKinds: CustomKinds;
};

export type ManifestSource = {
  readonly objects: readonly ManifestObject[];
  readonly faults: readonly Diagnostic[];
};

/** Every object under the paths, or every fault of every file. No path is an empty cluster. */
export async function loadClusterObjects(
  paths: readonly string[],
): Promise<Result<ClusterObjects, readonly Diagnostic[]>> {
  const { objects, faults } = await readObjects(paths);
  return faults.length > 0 ? err(faults) : ok(clusterOf(objects));
}

/** The objects of all files under the paths, list items one by one. */
export async function readObjects(paths: readonly string[]): Promise<ManifestSource> {
  const { files, faults: unlisted } = await listFiles(paths);
  const objects: ManifestObject[] = [];
  const faults: Diagnostic[] = [...unlisted];
  for (const file of files) {
    const source = await readFile(file);
    if (!source.ok) {
      faults.push(source.error);
      continue;
    }
    const read = readDocuments(source.value.text, source.value.file);
    const found = objectsOf(read.documents);
    for (const object of found.objects) objects.push(object);
    for (const fault of [...read.faults, ...found.faults]) faults.push(fault);
  }
  return { objects, faults: faults.sort(byPlace) };
}

export function objectsOf(documents: readonly SourceDocument[]): ManifestSource {
  const objects: ManifestObject[] = [];
  const faults: Diagnostic[] = [];
  for (const document of documents) {
    for (const found of manifestObjects(document)) {
      if (found.ok) objects.push(found.value);
      else for (const fault of found.error) faults.push(fault);
    }
  }
  return { objects, faults };
}

export function clusterOf(objects: readonly ManifestObject[]): ClusterObjects {
  const byKind = new Map<string, Map<string, JsonObject>>();
  const customKinds = new Map<string, ResourceName>();
  for (const { kind, object } of objects) {
    const key = kindKey(formatApiVersion(kind), kind.kind);
    const same = byKind.get(key) ?? new Map<string, JsonObject>();
    byKind.set(key, same.set(placeOf(object), object));
    const custom = customKind(object);
    if (custom !== undefined) customKinds.set(...custom);
  }
  const namespaces = [...(byKind.get(kindKey('v1', 'Namespace'))?.values() ?? [])];
  return {
    namespaces: new Map(namespaces.map((object) => [nameOf(object), withNamespaceLabel(object)])),
    byKind: new Map([...byKind].map(([key, same]) => [key, [...same.values()]])),
    customKinds,
  };
}

/** The cluster as it is once the manifests are applied: their namespaces, merged into those that are there as
 * `kubectl apply` does (what a manifest does not say stays), and their custom kinds. They supply no params. */
export function withManifests(
  cluster: ClusterObjects,
  manifests: readonly ManifestObject[],
): ClusterObjects {
  const added = clusterOf(manifests);
  const namespaces = new Map(cluster.namespaces);
  for (const [name, object] of added.namespaces) {
    namespaces.set(name, merged(namespaces.get(name), object));
  }
  const customKinds = new Map([...added.customKinds, ...cluster.customKinds]);
  return { ...cluster, namespaces, customKinds };
}

/** Threat: a namespace without labels beside the manifests would take off the levels that the real one has. */
function merged(known: JsonObject | undefined, object: JsonObject): JsonObject {
  if (known === undefined) return object;
  const both = (key: string): JsonObject => ({ ...part(known, key), ...part(object, key) });
  const metadata = {
    ...part(known),
    ...part(object),
    labels: both('labels'),
    annotations: both('annotations'),
  };
  return { ...known, ...object, metadata };
}

function part(object: JsonObject, key?: string): JsonObject {
  const found = getIn(object, key === undefined ? ['metadata'] : ['metadata', key]);
  return isObject(found) ? found : {};
}

/** `strict`: a namespace that is not there is a fault. `synthesise`: it exists, with the label that all have. */
export type MissingNamespace = 'strict' | 'synthesise';

/** Answers from the objects; `now`: RFC 3339, the moment that the answers are given for. */
export function portsOf(
  { namespaces, byKind }: ClusterObjects,
  now: string,
  missing: MissingNamespace,
): Pick<Ports, 'namespace' | 'params'> & Required<Pick<Ports, 'inventory'>> {
  return {
    async namespace(name) {
      const known = namespaces.get(name);
      if (known !== undefined) return ok({ value: known, at: now });
      if (missing === 'synthesise') return ok({ value: bareNamespace(name), at: now });
      const message = `the namespace ${quote(name)} is not known`;
      return err({ code: 'namespace-unavailable', message });
    },
    async params({ apiVersion, kind, namespace, name }) {
      const value = (byKind.get(kindKey(apiVersion, kind)) ?? []).filter(
        (object) =>
          (name === undefined || nameOf(object) === name) &&
          (namespace === undefined || namespaceOf(object) === namespace),
      );
      return ok({ value, at: now });
    },
    async inventory({ namespace, limit }) {
      const pods = byKind.get(kindKey('v1', 'Pod')) ?? [];
      const there = pods.filter((pod) => namespaceOf(pod) === namespace);
      return ok({ value: there.slice(0, limit), total: there.length, at: now });
    },
  };
}

function bareNamespace(name: string): JsonObject {
  const metadata = { name, labels: { [namespaceLabel]: name } };
  return { apiVersion: 'v1', kind: 'Namespace', metadata };
}

function kindKey(apiVersion: string, kind: string): string {
  return `${apiVersion} ${kind}`;
}

function placeOf(object: JsonObject): string {
  return JSON.stringify([namespaceOf(object), nameOf(object)]);
}

function nameOf(object: JsonObject): string {
  return text(object, 'name');
}

function namespaceOf(object: JsonObject): string {
  return text(object, 'namespace');
}

function text(object: JsonObject, key: string): string {
  const found = get(get(object, 'metadata'), key);
  return typeof found === 'string' ? found : '';
}
