// What stands in the cluster while policies are held against requests: labelled namespaces, one object of each kind in
// each of them, custom kinds in two versions, and objects that policies take as params.
import type { JsonObject } from '../../../src/base/json.ts';
import { isObject } from '../../../src/base/json.ts';
import type { Api } from '../../e2e/api.ts';
import { until } from '../../e2e/processes.ts';

export const namespaces: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  shop: { tier: 'web', team: 'shop' },
  bank: { tier: 'db' },
};

export type Kind = {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly resource: string;
  readonly namespaced: boolean;
  /** All but apiVersion, kind and metadata. */
  readonly rest: JsonObject;
};

const container = { name: 'main', image: 'registry.example.com/shop/web:1.4' };
const template = { metadata: { labels: { app: 'web' } }, spec: { containers: [container] } };
const target = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' };

export const kinds: readonly Kind[] = [
  kind('', 'v1', 'Pod', 'pods', { spec: { containers: [container] } }),
  kind('', 'v1', 'ConfigMap', 'configmaps', { data: { mode: 'on' } }),
  kind('', 'v1', 'Service', 'services', { spec: { ports: [{ port: 80 }] } }),
  kind('apps', 'v1', 'Deployment', 'deployments', {
    spec: { replicas: 0, selector: { matchLabels: { app: 'web' } }, template },
  }),
  kind('autoscaling', 'v2', 'HorizontalPodAutoscaler', 'horizontalpodautoscalers', {
    spec: { maxReplicas: 2, scaleTargetRef: target },
  }),
  kind('autoscaling', 'v1', 'HorizontalPodAutoscaler', 'horizontalpodautoscalers', {
    spec: { maxReplicas: 2, scaleTargetRef: target },
  }),
  kind('example.com', 'v1', 'Widget', 'widgets', { spec: { replicas: 1 } }),
  kind('example.com', 'v1beta1', 'Widget', 'widgets', { spec: { replicas: 1 } }),
  { ...kind('example.com', 'v1', 'Gadget', 'gadgets', { spec: {} }), namespaced: false },
  {
    ...kind('rbac.authorization.k8s.io', 'v1', 'ClusterRole', 'clusterroles', { rules: [] }),
    namespaced: false,
  },
  { ...kind('', 'v1', 'Namespace', 'namespaces', {}), namespaced: false },
];

function kind(g: string, version: string, name: string, resource: string, rest: JsonObject): Kind {
  return { group: g, version, kind: name, resource, namespaced: true, rest };
}

export function apiVersionOf({ group, version }: Kind): string {
  return group === '' ? version : `${group}/${version}`;
}

/** The path of all objects of a kind, in a namespace if it has them. */
export function collection(of: Kind, namespace: string): string {
  const root = of.group === '' ? '/api' : `/apis/${of.group}`;
  const place = of.namespaced ? `/namespaces/${namespace}` : '';
  return `${root}/${of.version}${place}/${of.resource}`;
}

export function objectOf(of: Kind, metadata: JsonObject): JsonObject {
  return { apiVersion: apiVersionOf(of), kind: of.kind, metadata, ...of.rest };
}

const scale = { specReplicasPath: '.spec.replicas', statusReplicasPath: '.status.replicas' };

function definition(name: string, resource: string, scope: string, versions: string[]): JsonObject {
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${resource}.example.com` },
    spec: {
      group: 'example.com',
      names: { kind: name, plural: resource },
      scope,
      versions: versions.map((version, i) => ({
        name: version,
        served: true,
        storage: i === 0,
        schema: {
          openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
        },
        subresources: { status: {}, scale },
      })),
    },
  };
}

const definitions = [
  definition('Widget', 'widgets', 'Namespaced', ['v1', 'v1beta1']),
  definition('Gadget', 'gadgets', 'Cluster', ['v1']),
  definition('Limit', 'limits', 'Namespaced', ['v1']),
  definition('ClusterLimit', 'clusterlimits', 'Cluster', ['v1']),
];

const limit = kind('example.com', 'v1', 'Limit', 'limits', { mode: 'on' });
const clusterLimit: Kind = {
  ...limit,
  kind: 'ClusterLimit',
  resource: 'clusterlimits',
  namespaced: false,
};
const configMap: Kind = kind('', 'v1', 'ConfigMap', 'configmaps', { data: { mode: 'on' } });

/** Kinds of params, each with the path of its objects. */
export const paramKinds: readonly Kind[] = [configMap, limit, clusterLimit];

/** Kind, namespace, name, labels. */
const params: readonly (readonly [Kind, string, string, Readonly<Record<string, string>>])[] = [
  [configMap, 'shop', 'one', { use: 'yes' }],
  [configMap, 'shop', 'two', { use: 'yes', tier: 'web' }],
  [configMap, 'bank', 'one', { use: 'no' }],
  [configMap, 'default', 'one', { use: 'yes' }],
  [limit, 'shop', 'one', { use: 'yes' }],
  [limit, 'bank', 'two', { use: 'yes' }],
  [clusterLimit, '', 'one', { use: 'yes' }],
  [clusterLimit, '', 'three', { use: 'no' }],
];

/** Makes all of it, and waits until custom kinds are served. */
export async function makeWorld(api: Api): Promise<void> {
  for (const each of definitions) {
    await put(api, '/apis/apiextensions.k8s.io/v1/customresourcedefinitions', each);
  }
  for (const [name, labels] of Object.entries(namespaces)) {
    await put(api, '/api/v1/namespaces', {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name, labels },
    });
    const account = `/api/v1/namespaces/${name}/serviceaccounts/default`;
    await until('the service account', 30, async () => (await api.get(account)).status === 200);
  }
  for (const each of [...kinds, ...paramKinds].filter(({ group }) => group === 'example.com')) {
    await until(
      each.kind,
      30,
      async () => (await api.get(collection(each, 'shop'))).status === 200,
    );
  }
  for (const each of kinds.filter((one) => one.kind !== 'Namespace')) {
    if (each.version === 'v1beta1' || collection(each, '').includes('/autoscaling/v1/')) continue;
    for (const namespace of each.namespaced ? Object.keys(namespaces) : ['']) {
      const labels = namespace === 'bank' ? { app: 'db' } : { app: 'web', tier: 'web' };
      await put(api, collection(each, namespace), objectOf(each, { name: 'web', labels }));
    }
  }
  for (const [of, namespace, name, labels] of params) {
    await put(api, collection(of, namespace), objectOf(of, { name, labels }));
  }
}

async function put(api: Api, path: string, body: JsonObject): Promise<void> {
  // A kind that has just been defined is not served by every handler at once.
  await until(`POST ${path}`, 30, async () => {
    const { status, body: answer } = await api.send('POST', path, body);
    if (status < 300) return true;
    throw new Error(JSON.stringify(answer));
  });
}

type Params = { readonly objects: readonly JsonObject[]; readonly namespaced: boolean };

/** What the cluster holds now, as the ports of the engine tell it: namespaces by name, params by kind. */
export type World = {
  readonly namespaces: ReadonlyMap<string, JsonObject>;
  readonly params: ReadonlyMap<string, Params>;
};

export async function readWorld(api: Api): Promise<World> {
  const list = async (path: string): Promise<readonly JsonObject[]> => {
    const { body } = await api.get(path);
    const items = isObject(body) ? body['items'] : undefined;
    return Array.isArray(items) ? items.filter(isObject) : [];
  };
  const spaces = await list('/api/v1/namespaces');
  const found = new Map<string, Params>();
  for (const of of paramKinds) {
    const path = collection({ ...of, namespaced: false }, '');
    // Items of a list of a built-in kind do not say what they are.
    const objects = (await list(path)).map((item) => ({
      ...item,
      apiVersion: apiVersionOf(of),
      kind: of.kind,
    }));
    found.set(`${apiVersionOf(of)} ${of.kind}`, { objects, namespaced: of.namespaced });
  }
  const named = spaces.map((item): [string, JsonObject] => [
    nameOf(item),
    { apiVersion: 'v1', kind: 'Namespace', ...item },
  ]);
  return { namespaces: new Map(named), params: found };
}

function nameOf(item: JsonObject): string {
  const metadata = item['metadata'];
  const name = isObject(metadata) ? metadata['name'] : undefined;
  return typeof name === 'string' ? name : '';
}
