// What an API server may do to who watches it: be away, answer 429 or 410, cut or forget a watch, refuse it, or say nothing.
// What is too old fails closed, for the rules that need it and only for those; and afterwards all is as before.
import { test } from 'tap';
import { until } from '../server/harness.ts';
import { whyNot } from './cluster.ts';
import { changedLabelIsSeen, says, startLocalGate, startWatchedCluster } from './cluster-scene.ts';
import { type Fault, startFaultyProxy } from './faulty-proxy.ts';

const skip = whyNot();

test('an API server that is away, slow or unkind', { skip }, async (t) => {
  const cluster = await startWatchedCluster(t);
  const proxy = await startFaultyProxy(cluster, cluster.kubeconfigOf('sekisho'));
  t.teardown(() => proxy.stop());
  const live = { maxAge: 4_000 };
  const gate = await startLocalGate(t, cluster, { kubeconfig: proxy.kubeconfig, live });
  const { ask } = gate;
  await until(gate.ready, (text) => text === 'ready');

  const works = () => changedLabelIsSeen(cluster, gate);

  await t.test('watches that are cut go on where they were, without a new list', async (t) => {
    await works();
    const lists = proxy.seen.filter((line) => line === 'GET /api/v1/namespaces').length;
    proxy.cutWatches();
    await works();
    const after = proxy.seen.filter((line) => line === 'GET /api/v1/namespaces').length;
    t.ok(after <= lists + 1, `${after - lists} lists for one cut`);
  });

  const faults: readonly (readonly [string, Fault])[] = [
    ['410 for every watch', ({ watch }) => (watch ? { status: 410 } : null)],
    [
      '429 for every watch',
      ({ watch }) => (watch ? { status: 429, headers: { 'retry-after': '1' } } : null),
    ],
    ['403 for every watch', ({ watch }) => (watch ? { status: 403 } : null)],
    ['silence for every watch', ({ watch }) => (watch ? 'silence' : null)],
  ];
  for (const [what, fault] of faults) {
    await t.test(`${what}: lists and live reads keep the answers true`, async (t) => {
      proxy.set(fault);
      proxy.cutWatches();
      await works();
      t.equal(await ask('role'), 'allowed');
      proxy.set(() => null);
      await works();
    });
  }

  const away: readonly (readonly [string, Fault])[] = [
    ['429 for everything', () => ({ status: 429, headers: { 'retry-after': '1' } })],
    ['silence', () => 'silence'],
  ];
  for (const [what, fault] of away) {
    await t.test(`${what}: what is too old fails closed, the rest goes on`, async (t) => {
      proxy.set(fault);
      proxy.cutWatches();
      await until(() => ask('pod'), says('cluster-stale'));
      t.match(await ask('service'), 'cluster-stale');
      t.match(await ask('account'), /cluster-stale|authorizer-unavailable/);
      t.equal(await ask('role'), 'allowed');
      proxy.set(() => null);
      await works();
    });
  }

  await t.test('the API server stops, and comes back', async (t) => {
    await cluster.stopApiServer();
    t.equal(await ask('role'), 'allowed');
    await until(() => ask('pod'), says('cluster-stale'));
    t.match(await ask('pod'), /what is known of namespaces is \d+ seconds old/);
    t.match(await ask('service'), 'cluster-stale');
    t.equal(await ask('role'), 'allowed');
    t.equal(await gate.ready(), 'ready');
    t.match(await ask('pod', { namespace: 'unknown' }), 'namespace-unavailable');
    await cluster.startApiServer();
    await works();
  });
});
