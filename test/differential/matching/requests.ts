// Generated requests to the API server: every operation of kinds of every scope, by name and without, with subresources.
// All of them leave the cluster as it is: dry runs, patches without an effect, connections to pods that run nowhere.
import fc from 'fast-check';
import type { JsonObject } from '../../../src/base/json.ts';
import { collection, type Kind, kinds, objectOf } from './world.ts';

export type Sent = {
  readonly method: string;
  readonly path: string;
  readonly body?: JsonObject;
  readonly contentType?: string;
};

const dry = 'dryRun=All';
const merge = 'application/merge-patch+json';

const labels: fc.Arbitrary<Record<string, string | null>> = fc.constantFrom(
  {},
  { app: 'web' },
  { app: 'db', tier: 'db' },
  { tier: 'web' },
  { app: null, tier: null },
  { app: 'db' },
);

const withValues = (given: Record<string, string | null>): JsonObject =>
  Object.fromEntries(Object.entries(given).filter(([, value]) => value !== null));

type Ask = (of: Kind, path: string, given: Record<string, string | null>) => Sent;

const at = (of: Kind, path: string): string =>
  `${path}/${of.kind === 'Namespace' ? 'shop' : 'web'}`;

const asks: readonly Ask[] = [
  (of, path, given) => create(of, path, { name: 'new', labels: withValues(given) }),
  (of, path, given) => create(of, path, { name: 'new', labels: withValues(given) }),
  (of, path, given) => create(of, path, { generateName: 'new-', labels: withValues(given) }),
  (of, path, given) => patch(`${at(of, path)}?${dry}`, { metadata: { labels: given } }),
  (of, path, given) => patch(`${at(of, path)}?${dry}`, { metadata: { labels: given } }),
  (of, path) => patch(at(of, path), {}),
  (of, path, given) => apply(of, at(of, path), given),
  (of, path, given) => apply(of, `${path}/applied`, given),
  (of, path) => ({ method: 'DELETE', path: `${at(of, path)}?${dry}` }),
  (of, path) => ({ method: 'DELETE', path: `${at(of, path)}?${dry}` }),
  (_, path) => ({ method: 'DELETE', path: `${path}?${dry}&labelSelector=app` }),
];

function create(of: Kind, path: string, metadata: JsonObject): Sent {
  return { method: 'POST', path: `${path}?${dry}`, body: objectOf(of, metadata) };
}

function patch(path: string, body: JsonObject): Sent {
  return { method: 'PATCH', path, body, contentType: merge };
}

function apply(of: Kind, path: string, given: Record<string, string | null>): Sent {
  const name = path.slice(path.lastIndexOf('/') + 1);
  const body = objectOf(of, { name, labels: withValues(given) });
  const query = `?${dry}&fieldManager=matching&force=true`;
  return { method: 'PATCH', path: path + query, body, contentType: 'application/apply-patch+yaml' };
}

const pod = (namespace: string, rest: string): string =>
  `/api/v1/namespaces/${namespace}/pods/web/${rest}`;
const image = 'registry.example.com/shop/web:1.4';

/** Of a namespace: what is asked of subresources. */
const subresources: readonly ((namespace: string) => Sent)[] = [
  (n) => ({ method: 'POST', path: pod(n, 'exec?command=ls&stdout=true') }),
  (n) => ({ method: 'POST', path: pod(n, 'attach?stdout=true') }),
  (n) => ({ method: 'POST', path: pod(n, 'portforward') }),
  (n) => ({ method: 'GET', path: pod(n, 'proxy') }),
  (n) => ({ method: 'POST', path: pod(n, `eviction?${dry}`), body: eviction(n) }),
  (n) => ({ method: 'POST', path: pod(n, `binding?${dry}`), body: binding(n) }),
  (n) => patch(pod(n, `status?${dry}`), { status: { message: 'seen' } }),
  (n) => patch(pod(n, `ephemeralcontainers?${dry}`), ephemeral),
  (n) => patch(pod(n, `resize?${dry}`), { metadata: { labels: { app: 'db' } } }),
  (n) =>
    patch(`/apis/apps/v1/namespaces/${n}/deployments/web/scale?${dry}`, { spec: { replicas: 3 } }),
  (n) =>
    patch(`/apis/apps/v1/namespaces/${n}/deployments/web/status?${dry}`, {
      status: { replicas: 1 },
    }),
  (n) =>
    patch(`/apis/example.com/v1/namespaces/${n}/widgets/web/scale?${dry}`, {
      spec: { replicas: 3 },
    }),
  (n) =>
    patch(`/apis/example.com/v1beta1/namespaces/${n}/widgets/web/scale?${dry}`, {
      spec: { replicas: 3 },
    }),
  (n) =>
    patch(`/apis/example.com/v1/namespaces/${n}/widgets/web/status?${dry}`, {
      status: { ready: true },
    }),
  (n) => patch(`/api/v1/namespaces/${n}/status?${dry}`, { metadata: { annotations: { a: 'b' } } }),
  (n) => ({ method: 'GET', path: `/api/v1/namespaces/${n}/services/web/proxy` }),
  (n) => ({
    method: 'POST',
    path: `/api/v1/namespaces/${n}/serviceaccounts/default/token?${dry}`,
    body: tokenRequest,
  }),
  (n) => ({
    method: 'POST',
    path: '/apis/authentication.k8s.io/v1/selfsubjectreviews',
    body: review('authentication.k8s.io/v1', 'SelfSubjectReview', n),
  }),
  (n) => ({ method: 'POST', path: `/api/v1/namespaces/${n}/events?${dry}`, body: coreEvent(n) }),
  (n) => ({
    method: 'POST',
    path: `/apis/events.k8s.io/v1/namespaces/${n}/events?${dry}`,
    body: event(n),
  }),
];

const ephemeral = { spec: { ephemeralContainers: [{ name: 'debug', image }] } };
const tokenRequest = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: {} };
const named = (namespace: string): JsonObject => ({ name: 'web', namespace });

function eviction(namespace: string): JsonObject {
  return { apiVersion: 'policy/v1', kind: 'Eviction', metadata: named(namespace) };
}

function binding(namespace: string): JsonObject {
  const target = { apiVersion: 'v1', kind: 'Node', name: 'node-1' };
  return { apiVersion: 'v1', kind: 'Binding', metadata: named(namespace), target };
}

function review(apiVersion: string, kind: string, namespace: string): JsonObject {
  return { apiVersion, kind, metadata: { labels: { app: namespace } } };
}

function coreEvent(namespace: string): JsonObject {
  const involvedObject = { apiVersion: 'v1', kind: 'Pod', name: 'web', namespace };
  const metadata = { name: 'new', namespace };
  return { apiVersion: 'v1', kind: 'Event', metadata, involvedObject, reason: 'Seen' };
}

function event(namespace: string): JsonObject {
  const regarding = { apiVersion: 'v1', kind: 'Pod', name: 'web', namespace };
  return {
    ...{ apiVersion: 'events.k8s.io/v1', kind: 'Event', metadata: { name: 'new', namespace } },
    ...{ eventTime: '2026-11-21T10:00:00.000000Z', type: 'Normal', reason: 'Seen', action: 'See' },
    ...{ reportingController: 'example.com/eye', reportingInstance: 'eye-1', regarding },
  };
}

const namespace = fc.constantFrom('shop', 'bank');

const ofKind = fc
  .tuple(fc.constantFrom(...kinds), namespace, fc.constantFrom(...asks), labels)
  .map(([of, place, ask, given]) => ask(of, collection(of, place), given));
const ofSubresource = fc
  .tuple(fc.constantFrom(...subresources), namespace)
  .map(([ask, place]) => ask(place));

/** Distinct requests. */
export function requests(count: number, seed: number): readonly Sent[] {
  const all = fc.sample(
    fc.oneof({ weight: 3, arbitrary: ofKind }, { weight: 1, arbitrary: ofSubresource }),
    {
      seed,
      numRuns: count,
    },
  );
  return [...new Map(all.map((sent) => [JSON.stringify(sent), sent])).values()];
}
