// The cluster port against a real API server, with the rights of docs/rbac.yaml and no more: what is created, changed and
// deleted there is known here, each rule by the port that it needs.
import { test } from 'tap';
import { until } from '../server/harness.ts';
import { service, webhookOf, whyNot } from './cluster.ts';
import {
  bound,
  changedLabelIsSeen,
  isAllowed,
  limits,
  rights,
  says,
  startLocalGate,
  startWatchedCluster,
} from './cluster-scene.ts';

const skip = whyNot();

const exception = (rule: string, name = 'frozen-web'): string => `apiVersion: sekisho.dev/v1alpha1
kind: PolicyException
metadata: {name: ${name}, namespace: gate-exceptions}
spec:
  rules: [${rule}]
  match: {namespaces: [shop], names: [web]}
  reason: a migration
  owner: team-shop
  ticket: SHOP-1
  approvedBy: platform
  expires: "${new Date(Date.now() + 86_400_000).toISOString()}"
`;

test('what happens in the cluster is known to the rules that need it', { skip }, async (t) => {
  const cluster = await startWatchedCluster(t);
  const kubeconfig = cluster.kubeconfigOf('sekisho');
  const gate = await startLocalGate(t, cluster, { kubeconfig });
  const { ask } = gate;
  const label = (...args: string[]) => cluster.kubectl(['label', 'namespace', 'shop', ...args]);

  await t.test('ready once every list was had', async (t) => {
    await until(gate.ready, (text) => text === 'ready');
    t.equal(await ask('pod'), 'allowed');
    const age = await gate.metric(/^sekisho_cluster_age_seconds\{what="namespaces"\} /);
    t.ok(Number(age?.split(' ').at(-1)) < 300, String(age));
    t.match(await gate.metric(/^sekisho_cluster_objects\{what="v1 ConfigMap"\} /), /[1-9]$/);
    t.notOk(
      gate.logged.some((line) => line.includes('not watched')),
      gate.logged.join(''),
    );
  });

  await t.test('a namespace that is created is known at once', async (t) => {
    for (let i = 0; i < 10; i++) {
      const name = `new-${i}`;
      const metadata = { name, labels: i % 2 === 0 ? {} : { frozen: 'yes' } };
      const made = await cluster.api.send('POST', '/api/v1/namespaces', { metadata });
      t.equal(made.status, 201);
      const wanted = i % 2 === 0 ? 'allowed' : 'the namespace is frozen';
      t.match(await ask('pod', { namespace: name }), wanted, name);
    }
    t.match(await ask('pod', { namespace: 'nowhere' }), /namespace "nowhere" does not exist/);
  });

  await t.test('a label that changes is seen', () => changedLabelIsSeen(cluster, gate));

  await t.test('params by name, from a namespace that the settings list', async (t) => {
    t.match(await ask('service'), 'more ports than 2');
    await cluster.apply(limits(3));
    await until(() => ask('service'), isAllowed);
    await cluster.kubectl(['delete', 'configmap', 'limits', '-n', 'gate-params']);
    await until(() => ask('service'), says('no params found'));
    await cluster.apply(limits(2));
    await until(() => ask('service'), says('more ports than 2'));
  });

  await t.test('params of a custom kind by selector', async (t) => {
    t.match(await ask('configMap'), 'more keys than 2');
    await cluster.apply(bound(3));
    await until(() => ask('configMap'), isAllowed);
    await cluster.kubectl(['label', 'bound', 'standard', 'gate-']);
    await until(() => ask('configMap'), says('no params found'));
  });

  await t.test('the authorizer asks real RBAC, each time anew', async (t) => {
    t.match(await ask('account'), 'you may not read secrets');
    const role = ['create', 'role', 'reads', '-n', 'shop', '--verb=get', '--resource=secrets'];
    await cluster.kubectl(role);
    const binding = ['rolebinding', 'reads', '-n', 'shop', '--role=reads', '--user=alice'];
    await cluster.kubectl(['create', ...binding]);
    await until(() => ask('account'), isAllowed);
    t.match(await ask('account', { user: 'bob' }), 'you may not read secrets');
    await cluster.kubectl(['delete', 'rolebinding', 'reads', '-n', 'shop']);
    await until(() => ask('account'), says('you may not read secrets'));
  });

  await t.test('a PolicyException makes a new law, and one with a fault none', async (t) => {
    const law = () => gate.metric(/^sekisho_policy_set\{/);
    const before = await law();
    await label('frozen=yes');
    await until(() => ask('pod'), says('the namespace is frozen'));
    await cluster.apply(exception('not-frozen'));
    await until(() => ask('pod'), isAllowed);
    t.not(await law(), before, 'the hash is another one');
    t.match(await ask('pod', { name: 'other' }), 'the namespace is frozen');

    const withOne = await law();
    await cluster.apply(exception('no-such-policy', 'broken'));
    await until(async () => gate.logged.join(''), says('cluster:gate-exceptions/broken'));
    t.equal(await law(), withOne, 'the law is what it was');
    const refused = await cluster.kubectl(['apply', '-f', '-'], {
      input: exception('not-frozen', 'open').replace(/ {2}owner: .*\n/, ''),
    });
    t.match(refused.stderr, /spec\.owner/, 'the definition has the schema');

    await cluster.kubectl(['delete', 'policyexceptions', '--all', '-n', 'gate-exceptions']);
    await until(() => ask('pod'), says('the namespace is frozen'));
    t.equal(await law(), before);
    await label('frozen-');
  });
});

test('a right that is taken away is missed by the rules that need it alone', {
  skip,
}, async (t) => {
  const cluster = await startWatchedCluster(t);
  const kubeconfig = cluster.kubeconfigOf('sekisho');
  const gate = await startLocalGate(t, cluster, { kubeconfig, live: { maxAge: 3_000 } });
  await until(gate.ready, (text) => text === 'ready');
  t.match(await gate.ask('service'), 'more ports than 2');
  await cluster.kubectl(['delete', 'rolebinding', 'sekisho-params', '-n', 'gate-params']);
  await until(() => gate.ask('service'), says('cluster-stale'));
  t.match(await gate.ask('service'), /params of kind "ConfigMap".*403/s);
  t.equal(await gate.ask('pod'), 'allowed', 'namespaces are still watched');
  t.match(await gate.metric(/cluster_errors_total\{what="v1 ConfigMap",cause="forb/), /[1-9]\d*$/);
  await cluster.kubectl(['delete', 'clusterrolebinding', 'sekisho']);
  await until(() => gate.ask('pod'), says('cluster-stale'));
  t.match(await gate.ask('account'), /the API server cannot be asked|SubjectAccessReview/);
  t.equal(await gate.ask('role'), 'allowed', 'what needs no namespace goes on');
  t.equal(await gate.ready(), 'ready', 'and so do all that would not be answered otherwise');
  await cluster.apply(rights);
  await until(() => gate.ask('pod'), isAllowed);
  await until(() => gate.ask('service'), says('more ports than 2'));
});

test('what the API server would not ask about is told, and with --strict not ready', {
  skip,
}, async (t) => {
  const cluster = await startWatchedCluster(t);
  const kubeconfig = cluster.kubeconfigOf('sekisho');
  const gate = await startLocalGate(t, cluster, { kubeconfig, settings: { strict: true } });
  const leftOut = 'not ready: webhook configurations leave out what policies match';
  await until(gate.ready, (text) => text === leftOut);
  t.match(gate.logged.join(''), /never asks about policy \\"few-ports\\"/);
  t.match(await gate.metric(/^sekisho_webhook_gaps\{kind="never-asked"\} /), /[1-9]\d*$/);

  const path = `${cluster.folder}/gate-${t.name.replace(/\W+/g, '-').slice(0, 40)}/policies.yaml`;
  const printed = await webhookOf(cluster, gate.port, ['-p', path]);
  await cluster.apply(`${service}---\n${printed}`);
  await until(gate.ready, (text) => text === 'ready');
  t.equal(
    await gate.metric(/^sekisho_webhook_gaps\{kind="never-asked"\} /),
    'sekisho_webhook_gaps{kind="never-asked"} 0',
  );

  const patch = '[{"op": "replace", "path": "/webhooks/0/failurePolicy", "value": "Ignore"}]';
  const named = ['validatingwebhookconfiguration', 'sekisho', '--type=json', '-p', patch];
  t.equal((await cluster.kubectl(['patch', ...named])).code, 0);
  await until(gate.ready, (text) => text === leftOut);
  t.match(await gate.metric(/^sekisho_webhook_gaps\{kind="failure-policy"\} /), /[1-9]\d*$/);
});
