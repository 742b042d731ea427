// Pods created by dry run through the API server, with one thing at a time that guards them: nothing, the bundle's policies
// in-tree, or one of the servers behind a webhook. What each costs is told by the API server's own metrics.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Cluster, service } from '../../test/e2e/cluster.ts';
import { until } from '../../test/e2e/processes.ts';
import { busyMachine, median } from '../figures.ts';
import { tableRow } from '../page.ts';
import type { Turns } from '../peers.ts';
import { withHostNetwork } from './refused.ts';
import { inTreeFolders, type Server } from './servers.ts';

const connectionCounts = [1, 8];
const namespace = 'capture';
const hooks = '/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations';
const pods = `/api/v1/namespaces/${namespace}/pods?dryRun=All`;

/** The namespaces of the reviews and of the params, and the Service that leads to this machine. */
export async function prepareCluster({ apply, kubectl }: Cluster): Promise<void> {
  await apply(`${service}---\napiVersion: v1\nkind: Namespace\nmetadata: {name: ${namespace}}\n`);
  const params = inTreeFolders
    .map((folder) => join(folder, 'params.yaml'))
    .filter((file) => existsSync(file));
  const ran = await kubectl(['apply', ...params.flatMap((file) => ['-f', file])]);
  if (ran.code !== 0) throw new Error(ran.stderr);
}

type Scene = {
  readonly cluster: Cluster;
  readonly servers: readonly Server[];
  /** What the servers are asked directly; its pod is what is created here. */
  readonly review: string;
};

/** One guard of pods, that can be put up and taken away. */
type Guard = {
  readonly name: string;
  readonly plugin: 'ValidatingAdmissionWebhook' | 'ValidatingAdmissionPolicy' | undefined;
  put(): Promise<void>;
  take(): Promise<void>;
};

type Sample = { readonly perSecond: number; readonly p50: number; readonly plugin: number };
export type Row = Sample & { readonly name: string; readonly connections: number };

export async function through(scene: Scene, { rounds, seconds }: Turns): Promise<readonly Row[]> {
  const { cluster, review } = scene;
  const [good, bad] = [podOf(review), podOf(withHostNetwork(review))];
  const runs = guardsOf(scene).map((guard) => ({
    guard,
    samples: connectionCounts.map((connections) => ({ connections, taken: [] as Sample[] })),
  }));
  for (let round = 1; round <= rounds; round++) {
    for (const { guard, samples } of runs) {
      process.stderr.write(
        `round ${round} of ${rounds}, through the API server: ${guard.name} …\n`,
      );
      await guard.put();
      if (guard.plugin !== undefined) await until(guard.name, 30, () => refuses(cluster, bad));
      for (const { connections, taken } of samples) {
        await create(cluster, good, connections, 500);
        taken.push(await sample(cluster, guard, good, { connections, ms: seconds * 1_000 }));
      }
      await guard.take();
      await until('the end of it', 30, async () => !(await refuses(cluster, bad)));
    }
  }
  return runs.flatMap(({ guard, samples }) =>
    samples.map(({ connections, taken }) => ({
      name: guard.name,
      connections,
      perSecond: median(taken.map((each) => each.perSecond)),
      p50: median(taken.map((each) => each.p50)),
      plugin: median(taken.map((each) => each.plugin)),
    })),
  );
}

/** The pod of the review as somebody would send it. */
function podOf(review: string): unknown {
  const { apiVersion, kind, metadata, spec } = JSON.parse(review).request.object;
  const { name, labels, annotations } = metadata;
  return { apiVersion, kind, metadata: { name, namespace, labels, annotations }, spec };
}

async function refuses({ api }: Cluster, pod: unknown): Promise<boolean> {
  const { status } = await api.send('POST', pods, pod);
  return status >= 400;
}

function guardsOf({ cluster, servers }: Scene): readonly Guard[] {
  const behind = (policies: Server['policies']): readonly Guard[] =>
    servers
      .filter((server) => server.policies === policies && !server.name.includes('decision log on'))
      .map((server) => webhookGuard(cluster, server));
  const nothing = async (): Promise<void> => {};
  return [
    { name: 'no guard', plugin: undefined, put: nothing, take: nothing },
    inTreeGuard(cluster),
    ...behind('in-tree'),
    ...behind('restricted'),
  ];
}

function inTreeGuard({ kubectl }: Cluster): Guard {
  const files = inTreeFolders.flatMap((folder) =>
    ['policy.yaml', 'binding.yaml'].flatMap((name) => ['-f', join(folder, name)]),
  );
  const run = async (...args: readonly string[]): Promise<void> => {
    const ran = await kubectl([...args, ...files]);
    if (ran.code !== 0) throw new Error(ran.stderr);
  };
  return {
    name: `ValidatingAdmissionPolicy in-tree, ${inTreeFolders.length} policies`,
    plugin: 'ValidatingAdmissionPolicy',
    put: async () => {
      await run('apply');
      // One of them refuses a moment before all of them are there.
      await sleep(1_500);
    },
    take: () => run('delete'),
  };
}

function webhookGuard({ api }: Cluster, { name, target }: Server): Guard {
  const made = {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingWebhookConfiguration',
    metadata: { name: 'bench' },
    webhooks: [
      {
        name: 'pods.bench.example.com',
        clientConfig: {
          service: {
            ...{ namespace: 'sekisho', name: 'sekisho', port: target.port },
            path: target.path ?? '/validate',
          },
          caBundle: Buffer.from(target.ca).toString('base64'),
        },
        rules: [
          { apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['pods'] },
        ],
        namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespace } },
        ...{ failurePolicy: 'Fail', sideEffects: 'None', timeoutSeconds: 10 },
        admissionReviewVersions: ['v1'],
      },
    ],
  };
  const send = async (method: string, path: string, body?: unknown): Promise<void> => {
    const answer = await api.send(method, path, body);
    if (answer.status >= 300) throw new Error(JSON.stringify(answer.body));
  };
  return {
    name,
    plugin: 'ValidatingAdmissionWebhook',
    put: () => send('POST', hooks, made),
    take: () => send('DELETE', `${hooks}/bench`),
  };
}

type Length = { readonly connections: number; readonly ms: number };

async function sample(
  cluster: Cluster,
  { plugin }: Guard,
  pod: unknown,
  { connections, ms }: Length,
): Promise<Sample> {
  const before = await spent(cluster, plugin);
  const times = await create(cluster, pod, connections, ms);
  const after = await spent(cluster, plugin);
  const asked = after.count - before.count;
  // Others create things too, but few beside us.
  if (plugin !== undefined && Math.abs(asked - times.length) > 5 + times.length / 50) {
    throw new Error(`${plugin} was asked ${asked} times about ${times.length} pods`);
  }
  return {
    perSecond: (times.length * 1_000) / ms,
    p50: median(times),
    plugin: plugin === undefined ? Number.NaN : ((after.seconds - before.seconds) / asked) * 1_000,
  };
}

/** The times of the answers in a closed loop; throws when a pod is refused. */
async function create(
  { api }: Cluster,
  pod: unknown,
  connections: number,
  ms: number,
): Promise<readonly number[]> {
  const end = performance.now() + ms;
  const times: number[] = [];
  const loop = async (): Promise<void> => {
    while (performance.now() < end) {
      const sent = performance.now();
      const { status, body } = await api.send('POST', pods, pod);
      if (status !== 201) throw new Error(`a pod is refused: ${JSON.stringify(body)}`);
      times.push(performance.now() - sent);
    }
  };
  await Promise.all(Array.from({ length: connections }, loop));
  return times;
}

/** All that one admission plugin has spent on creations until now. */
async function spent(
  { api }: Cluster,
  plugin: Guard['plugin'],
): Promise<{ readonly count: number; readonly seconds: number }> {
  const { body } = await api.get('/metrics');
  const total = (suffix: string): number => {
    const name = `apiserver_admission_controller_admission_duration_seconds_${suffix}`;
    const lines = String(body)
      .split('\n')
      .filter((line) => line.startsWith(`${name}{`))
      .filter((line) => line.includes(`name="${plugin}"`) && line.includes('operation="CREATE"'));
    return lines.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' '))), 0);
  };
  return { count: total('count'), seconds: total('sum') };
}

export function renderThrough(rows: readonly Row[], { rounds, seconds }: Turns): string {
  return [
    'The second half of `node bench/peers.ts`: pods created by dry run through a real API server, guarded by one thing at a time,',
    'which is first seen to refuse a bad pod. Admission is the mean that the API server itself measures for its plugin that runs',
    'in-tree policies or calls webhooks (`apiserver_admission_controller_admission_duration_seconds`); the gate and the API',
    `server run the same ${inTreeFolders.length} policies of the bundle, all but Pod Security, in the rows beside each other; the others hold`,
    `pods to the restricted level. In turns, ${rounds} rounds of ${seconds} s for each row; medians of the rounds.`,
    '',
    busyMachine(),
    '',
    '| guard | at once | admission ms | of in-tree | pods/s | p50 ms |',
    '| --- | ---: | ---: | ---: | ---: | ---: |',
    ...rows.map((row) => renderRow(row, rows)),
  ].join('\n');
}

function renderRow(row: Row, rows: readonly Row[]): string {
  const inTree = rows.find(
    ({ name, connections }) => name.includes('in-tree') && connections === row.connections,
  );
  const shown = (value: number): string => (Number.isNaN(value) ? '' : value.toFixed(2));
  return tableRow([
    row.name,
    row.connections,
    shown(row.plugin),
    shown(row.plugin / (inTree?.plugin ?? Number.NaN)),
    row.perSecond.toFixed(0),
    row.p50.toFixed(2),
  ]);
}
