// A server with a live cluster, with one that cannot be reached, and with none: when it is ready, and what it says.
import { test } from 'tap';
import type { JsonObject } from '../../src/base/json.ts';
import { statusFault } from '../../src/cluster/live/api.ts';
import { type FakeApi, fakeApi, listOf, namespace } from '../cluster/fake-cluster.ts';
import { denyHostNetwork, outcome, podReview, type Running, serve, until } from './harness.ts';

const configurations = '/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations';
const exceptions = '/apis/sekisho.dev/v1alpha1/namespaces/gate/policyexceptions';
const settings = `
---
apiVersion: sekisho.dev/v1alpha1
kind: PolicySettings
spec: {exceptions: {namespaces: [gate]}}
---
apiVersion: pod-security.admission.config.k8s.io/v1
kind: PodSecurityConfiguration
defaults: {enforce: privileged}
`;

const ready = async ({ plain }: Running): Promise<string> => (await plain('/readyz')).text.trim();
const metric = async ({ plain }: Running, name: string): Promise<string | undefined> =>
  (await plain('/metrics')).text.split('\n').find((line) => line.startsWith(name));

test('without any cluster the server is not ready, and says what to give it', async (t) => {
  const running = await serve(t, { settings: () => ({ clusterObjects: [] }) });
  t.match(await ready(running), /^not ready: no cluster: give --kubeconfig, run in a pod .* or /);
  t.match(running.logged.join(''), 'no cluster: give --kubeconfig');
  t.equal(outcome(await running.call({ body: podReview() })), '200 denied namespace-unavailable');
});

test('a kubeconfig that is not there keeps it from being ready, not from starting', async (t) => {
  const running = await serve(t, {
    settings: (folder) => ({ clusterObjects: [], kubeconfig: `${folder}/none` }),
  });
  const text = await until(
    () => ready(running),
    (said) => said.includes('ENOENT'),
  );
  t.match(
    text,
    /^not ready: the cluster is not known yet: namespaces: the cluster's address cannot/,
  );
  t.equal(outcome(await running.call({ body: podReview() })), '200 denied namespace-unavailable');
});

async function serveLive(
  t: Parameters<typeof serve>[0],
  prepare: (api: FakeApi) => void,
  strict = false,
) {
  const api = fakeApi();
  api.set('/api/v1/namespaces', listOf([namespace('capture')]));
  api.set(configurations, listOf([]));
  api.set(exceptions, listOf([]));
  prepare(api);
  const running = await serve(t, {
    policies: { 'policy.yaml': `${denyHostNetwork}${settings}` },
    settings: () => ({ clusterObjects: [], strict }),
    replace: { cluster: { api } },
  });
  return { running, api };
}

test('ready when the lists were had, and then for good', async (t) => {
  const { running, api } = await serveLive(t, (fake) =>
    fake.set('/api/v1/namespaces', statusFault(403, 'may not list')),
  );
  t.match(await ready(running), /namespaces: 403: may not list$/);
  t.equal(
    await metric(running, 'sekisho_cluster_age_seconds{what="namespaces"}'),
    'sekisho_cluster_age_seconds{what="namespaces"} +Inf',
  );
  api.set('/api/v1/namespaces', listOf([namespace('capture')]));
  await until(
    () => ready(running),
    (text) => text === 'ready',
  );
  t.equal(outcome(await running.call({ body: podReview() })), '200 allowed');
  t.equal(
    outcome(await running.call({ body: podReview({ hostNetwork: true }) })).slice(0, 10),
    '200 denied',
  );
  t.match(running.logged.join(''), /"what":"namespaces","cause":"403: may not list"/);
  await until(
    async () => running.logged.join(''),
    (text) => text.includes('watched again'),
  );
});

test('a PolicyException of the cluster is law within a moment, and gone when it is', async (t) => {
  const { running, api } = await serveLive(t, () => {});
  await until(
    () => ready(running),
    (text) => text === 'ready',
  );
  const ask = async (): Promise<string> =>
    outcome(await running.call({ body: podReview({ hostNetwork: true }) })).slice(0, 11);
  const before = await metric(running, 'sekisho_policy_set{');
  t.match(await ask(), '200 denied');
  const exception: JsonObject = {
    ...{ apiVersion: 'sekisho.dev/v1alpha1', kind: 'PolicyException' },
    metadata: { name: 'x', namespace: 'gate', resourceVersion: '12' },
    spec: {
      ...{ rules: ['no-host-network'], match: { namespaces: ['capture'] } },
      ...{ reason: 'r', owner: 'o', ticket: 't', approvedBy: 'a' },
      expires: new Date(Date.now() + 86_400_000).toISOString(),
    },
  };
  const stream = api.streams.find(({ path }) => path.startsWith(exceptions));
  stream?.tell('ADDED', exception);
  await until(ask, (text) => text === '200 allowed');
  t.not(await metric(running, 'sekisho_policy_set{'), before);
  stream?.tell('DELETED', exception);
  await until(ask, (text) => text === '200 denied ' || text === '200 denied');
  await until(
    () => metric(running, 'sekisho_policy_set{'),
    (line) => line === before,
  );
});

test('--strict: not ready while something is left out, or cannot be known', async (t) => {
  const unknown = await serveLive(
    t,
    (api) => api.set(configurations, statusFault(403, 'no')),
    true,
  );
  await until(
    () => ready(unknown.running),
    (text) => text === 'not ready: webhook configurations of the cluster are not known',
  );
  t.equal(
    await metric(unknown.running, 'sekisho_webhook_gaps{kind="never-asked"}'),
    'sekisho_webhook_gaps{kind="never-asked"} NaN',
  );
  const { running } = await serveLive(t, () => {}, true);
  await until(
    () => ready(running),
    (text) => text === 'not ready: webhook configurations leave out what policies match',
  );
  const warned = (): number =>
    running.logged.filter((line) => line.includes('never asks about policy')).length;
  await until(
    async () => warned(),
    (n) => n === 2,
  );
  t.equal(
    await metric(running, 'sekisho_webhook_gaps{kind="never-asked"}'),
    'sekisho_webhook_gaps{kind="never-asked"} 2',
  );
  t.equal(warned(), 2, 'each once');
});
