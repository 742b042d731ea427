// Manifests that were written for other ends, as people write them: of the policies' cases, the examples, the demo and the
// recorded reviews. Each stands in a namespace that has the labels and NetworkPolicies which its case gives it.
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import {
  get,
  getIn,
  isArray,
  isObject,
  type JsonObject,
  type JsonValue,
} from '../../../src/base/json.ts';
import { mapKind } from '../../../src/k8s/resources.ts';
import { changed } from '../../../src/policy/policy-test-changes.ts';
import { readDocuments } from '../../../src/yaml/read.ts';
import { root } from '../../gate.ts';

export type Manifest = {
  /** Where it comes from. */
  readonly name: string;
  readonly object: JsonObject;
  /** Below the API server's address. */
  readonly path: string;
};

export type Corpus = {
  readonly manifests: readonly Manifest[];
  /** Namespaces and what is in them. */
  readonly surroundings: readonly JsonObject[];
};

type Found = {
  readonly name: string;
  readonly object: JsonObject;
  readonly labels: JsonValue;
  readonly params: readonly JsonObject[];
};

const folders = ['policies', 'examples', 'test/demo/manifests', 'test/fixtures/reviews'];
/** What is asked about and is no object that can be created. */
const acts = /Options$|^Eviction$|^Scale$/;
/** Which the API server has alone, or which are ours. */
const ours = /(^|\.)sekisho\.dev\/|admission\.config\.k8s\.io\//;
const left = new Set(['kube-system', 'sekisho']);

export function collect(): Corpus {
  const found = folders.flatMap((folder) => filesIn(join(root, folder))).flatMap(foundIn);
  const usable = found.filter(
    ({ object, params }) =>
      !acts.test(String(object['kind'])) &&
      params.every((param) => param['kind'] === 'NetworkPolicy') &&
      !left.has(String(getIn(object, ['metadata', 'namespace']))),
  );
  const places = new Map<string, string>();
  const surroundings: JsonObject[] = [];
  const manifests = new Map<string, Manifest>();
  for (const { name, object, labels, params } of usable) {
    const key = JSON.stringify([labels, params]);
    const namespace = places.get(key) ?? `agree-${places.size}`;
    if (!places.has(key)) {
      places.set(key, namespace);
      const metadata = { name: namespace, labels };
      surroundings.push({ apiVersion: 'v1', kind: 'Namespace', metadata });
      surroundings.push(...params.map((param) => moved(param, namespace)));
    }
    const manifest = placed(name, object, namespace);
    const same = JSON.stringify(manifest.object);
    if (!manifests.has(same)) manifests.set(same, manifest);
  }
  return { manifests: [...manifests.values()], surroundings };
}

function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.(ya?ml|json)$/.test(name))
    .map((name) => join(folder, name))
    .sort();
}

function foundIn(file: string): Found[] {
  const { documents } = readDocuments(readFileSync(file, 'utf8'), relative(root, file));
  return documents.flatMap(({ value, file: source, line }) => {
    const kind = get(value, 'kind');
    if (kind === 'PolicyTest') return casesOf(value, source);
    const object = kind === 'AdmissionReview' ? getIn(value, ['request', 'object']) : value;
    if (!isObject(object) || typeof object['kind'] !== 'string') return [];
    if (ours.test(String(object['apiVersion']))) return [];
    if (String(object['kind']).startsWith('ValidatingAdmissionPolicy')) return [];
    return [{ name: `${source}:${line}`, object: asWritten(object), labels: {}, params: [] }];
  });
}

function casesOf(test: JsonValue, source: string): Found[] {
  const base = getIn(test, ['spec', 'base']);
  const cases = getIn(test, ['spec', 'cases']);
  return (isArray(cases) ? cases : []).flatMap((each) => {
    const object = objectOf(each, isObject(base) ? base : {});
    const namespace = String(getIn(each, ['namespace', 'name']));
    if (object === undefined || left.has(namespace)) return [];
    const labels = getIn(each, ['namespace', 'labels']) ?? {};
    const params = get(each, 'params');
    return [
      {
        ...{ name: `${source}: ${String(get(each, 'name'))}`, object: asWritten(object), labels },
        params: (isArray(params) ? params : []).filter(isObject),
      },
    ];
  });
}

function objectOf(written: JsonValue, base: JsonObject): JsonObject | undefined {
  if (get(written, 'operation') === 'DELETE') return undefined;
  const inline = get(written, 'object');
  const object = isObject(inline) ? inline : base;
  if (object['kind'] === undefined) return undefined;
  const changes = get(written, 'changes');
  const made = isObject(changes) ? changed(object, changes) : undefined;
  if (made !== undefined && !made.ok) return undefined;
  return made?.value ?? object;
}

/** Without what the API server alone writes. */
function asWritten(object: JsonObject): JsonObject {
  const { status: _, ...rest } = object;
  const metadata = get(object, 'metadata');
  if (!isObject(metadata)) return rest;
  const server = [
    'uid',
    'resourceVersion',
    'generation',
    'creationTimestamp',
    'managedFields',
    'ownerReferences',
  ];
  const kept = Object.entries(metadata).filter(([key]) => !server.includes(key));
  return { ...rest, metadata: Object.fromEntries(kept) };
}

function moved(object: JsonObject, namespace: string): JsonObject {
  const metadata = get(object, 'metadata');
  return { ...object, metadata: { ...(isObject(metadata) ? metadata : {}), namespace } };
}

function placed(name: string, object: JsonObject, namespace: string): Manifest {
  const apiVersion = String(object['apiVersion']);
  const [group = '', version = ''] = apiVersion.includes('/')
    ? apiVersion.split('/')
    : ['', apiVersion];
  const mapped = mapKind({ group, version, kind: String(object['kind']) }, new Map());
  const api = group === '' ? `/api/${version}` : `/apis/${apiVersion}`;
  const { resource } = mapped.resource;
  if (!mapped.namespaced) return { name, object, path: `${api}/${resource}` };
  const path = `${api}/namespaces/${namespace}/${resource}`;
  return { name, object: moved(object, namespace), path };
}
