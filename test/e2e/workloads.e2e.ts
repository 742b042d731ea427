// What people see who apply workloads, whose pods a controller makes later: with `podSecurity.templates: Enforce` the
// workload is refused; with `Warn` it is created, and only the events of its ReplicaSet tell why no pod comes.
import { writeFileSync } from 'node:fs';
import { test } from 'tap';
import { get, getIn, isObject, type JsonObject } from '../../src/base/json.ts';
import { whyNot } from './cluster.ts';
import { until } from './processes.ts';
import { manifest, podSpec, proveWitnessed, startScene } from './scene.ts';
import { golden, podNames, startTranscript } from './transcript.ts';

const settings = (templates: 'Enforce' | 'Warn'): string =>
  manifest({
    apiVersion: 'sekisho.dev/v1alpha1',
    kind: 'PolicySettings',
    metadata: { name: 'settings' },
    spec: {
      podSecurity: { templates },
      podTemplates: [
        { apiGroup: 'argoproj.io', kind: 'Rollout', resource: 'rollouts', path: 'spec.template' },
      ],
    },
  });

const rollouts = manifest({
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'rollouts.argoproj.io' },
  spec: {
    group: 'argoproj.io',
    scope: 'Namespaced',
    names: { kind: 'Rollout', plural: 'rollouts', singular: 'rollout' },
    versions: [
      {
        name: 'v1alpha1',
        served: true,
        storage: true,
        schema: {
          openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
        },
      },
    ],
  },
});

const labels = { app: 'web' };
const template = (spec: JsonObject = {}): JsonObject => ({
  metadata: { labels },
  spec: { ...podSpec, ...spec },
});
const jobTemplate = (spec: JsonObject = {}): JsonObject => ({
  spec: { template: template({ restartPolicy: 'Never', ...spec }) },
});
const workload = (apiVersion: string, kind: string, name: string, spec: JsonObject): string =>
  manifest({ apiVersion, kind, metadata: { name, namespace: 'shop' }, spec });
const deployment = (name: string, spec?: JsonObject): string =>
  workload('apps/v1', 'Deployment', name, {
    selector: { matchLabels: labels },
    template: template(spec),
  });

const hostNetwork = { hostNetwork: true };
/** Against Pod Security alone, so that no other policy refuses the template. */
const [container] = podSpec.containers;
const tracer: JsonObject = {
  containers: [
    {
      ...container,
      securityContext: {
        ...container.securityContext,
        capabilities: { add: ['SYS_PTRACE'], drop: ['ALL'] },
      },
    },
  ],
};

test('workloads', { skip: whyNot(), timeout: 600_000 }, async (t) => {
  const scene = await startScene(t, { policies: settings('Enforce'), before: rollouts });
  const { cluster } = scene;
  const transcript = startTranscript(cluster, { pins: podNames });
  const { title, kubectl, file } = transcript;
  file('web.yaml', deployment('web'));
  file('gateway.yaml', deployment('gateway', hostNetwork));
  file('tracer.yaml', deployment('tracer', tracer));
  file(
    'import.yaml',
    workload('batch/v1', 'Job', 'import', jobTemplate(hostNetwork)['spec'] as JsonObject),
  );
  const nightly = (spec?: JsonObject): string =>
    workload('batch/v1', 'CronJob', 'nightly', {
      schedule: '0 3 * * *',
      jobTemplate: jobTemplate(spec),
    });
  file('nightly-bad.yaml', nightly(hostNetwork));
  file('nightly.yaml', nightly());
  file(
    'rollout.yaml',
    workload('argoproj.io/v1alpha1', 'Rollout', 'web', { template: template(tracer) }),
  );
  file(
    'agent.yaml',
    workload('apps/v1', 'DaemonSet', 'agent', {
      selector: { matchLabels: labels },
      template: template(hostNetwork),
    }),
  );

  await t.test('a workload is refused for its pod template, whatever its kind', async (t) => {
    title('a Deployment that breaks rules');
    t.equal((await kubectl('apply -f gateway.yaml')).code, 1);
    title('a DaemonSet');
    t.equal((await kubectl('apply -f agent.yaml')).code, 1);
    title('a Job');
    t.equal((await kubectl('apply -f import.yaml')).code, 1);
    title('a CronJob');
    t.equal((await kubectl('apply -f nightly-bad.yaml')).code, 1);
    title('a custom resource with a pod template');
    t.equal((await kubectl('apply -f rollout.yaml')).code, 1);
  });

  await t.test(
    'one that keeps the rules is created, scaled and restarted, and not changed into a bad one',
    async (t) => {
      title('a Deployment that keeps the rules');
      t.equal((await kubectl('apply -f web.yaml')).code, 0);
      await until('its pod', 30, async () => (await pods('app=web')) === 1);
      title('scale');
      t.equal((await kubectl('scale deployment web -n shop --replicas=2')).code, 0);
      await until('two pods', 30, async () => (await pods('app=web')) === 2);
      title('rollout');
      t.equal((await kubectl('rollout restart deployment web -n shop')).code, 0);
      t.equal((await kubectl('set image deployment web -n shop web=nginx:1.29')).code, 1);
      title('a Job of a CronJob');
      t.equal((await kubectl('apply -f nightly.yaml')).code, 0);
      t.equal((await kubectl('create job tonight -n shop --from=cronjob/nightly')).code, 0);
    },
  );

  await t.test('with templates: Warn the Deployment is created, and the events tell', async (t) => {
    writeFileSync(scene.policies, settings('Warn'));
    await until('the other settings', 30, async () => {
      const tried = await cluster.kubectl(['create', '--dry-run=server', '-f', '-'], {
        input: deployment('tracer', tracer),
      });
      return tried.code === 0;
    });
    title('templates: Warn');
    t.equal((await kubectl('apply -f tracer.yaml')).code, 0);
    await until('the events', 30, async () => (await failures()).length > 0);
    t.match(
      (await failures())[0],
      /^Error creating: admission webhook "gate.sekisho.dev" denied the request:/,
    );
    const path =
      '.items[?(@.metadata.name=="tracer")].status.conditions[?(@.type=="ReplicaFailure")]';
    await until('the condition', 30, async () => {
      const ran = await cluster.kubectl([
        'get',
        'deployments',
        '-n',
        'shop',
        '-o',
        `jsonpath={${path}.reason}`,
      ]);
      return ran.stdout === 'FailedCreate';
    });
    await kubectl(`get deployment -n shop -o 'jsonpath={${path}.message}'`);
    await kubectl(
      "get events -n shop --field-selector reason=FailedCreate -o 'jsonpath={.items[0].message}'",
    );
  });

  t.equal(transcript.text(), golden('workloads', transcript.text()));

  await t.test('what the controllers ask is theirs, in the audit log as well', (t) =>
    proveWitnessed(t, scene),
  );

  async function items(path: string): Promise<readonly unknown[]> {
    const list = get((await cluster.api.get(path)).body, 'items');
    return Array.isArray(list) ? list : [];
  }
  async function pods(selector: string): Promise<number> {
    return (await items(`/api/v1/namespaces/shop/pods?labelSelector=${selector}`)).length;
  }
  async function failures(): Promise<string[]> {
    const events = await items(
      '/api/v1/namespaces/shop/events?fieldSelector=reason%3DFailedCreate',
    );
    return events.filter(isObject).map((event) => String(getIn(event, ['message'])));
  }
});
