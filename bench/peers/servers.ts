// The servers that are measured side by side, all with one certificate and one cluster: the official Pod Security webhook,
// OPA, and the gate with the same level of Pod Security, with the whole bundle, and with the policies that run in-tree too.
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { serverNames } from '../../certs/make.ts';
import type { Cluster } from '../../test/e2e/cluster.ts';
import { freePort, start, until } from '../../test/e2e/processes.ts';
import type { Programs } from '../../test/e2e/programs.ts';
import { root, startServed } from '../../test/gate.ts';
import { ask, type Target } from '../load.ts';

export type Server = {
  readonly name: string;
  /** What it is given to decide by. */
  readonly policies: 'restricted' | 'bundle' | 'in-tree';
  readonly target: Target;
  readonly pid: number;
  stop(): Promise<unknown>;
};

/** Folders of the bundle whose policies Kubernetes itself can run: all but Pod Security. */
export const inTreeFolders: readonly string[] = readdirSync(join(root, 'policies'), {
  withFileTypes: true,
})
  .filter((each) => each.isDirectory() && each.name !== 'pod-security')
  .map(({ name }) => join(root, 'policies', name));

/** Read by the official webhook and by the gate alike. */
const restricted = `apiVersion: pod-security.admission.config.k8s.io/v1
kind: PodSecurityConfiguration
defaults: {enforce: restricted, enforce-version: latest}
`;

export type Place = {
  readonly cluster: Cluster;
  readonly programs: Programs;
  readonly opa: string;
};

/** Starts them all; those that ran are stopped when one does not start. */
export async function startServers(place: Place, review: string): Promise<readonly Server[]> {
  const { cluster } = place;
  const { cert, key } = await cluster.authority.issue({
    commonName: 'sekisho',
    names: serverNames,
  });
  writeFileSync(join(cluster.folder, 'tls.crt'), cert);
  writeFileSync(join(cluster.folder, 'tls.key'), key, { mode: 0o600 });
  writeFileSync(join(cluster.folder, 'restricted.yaml'), restricted);
  const started: Server[] = [];
  try {
    for (const starting of [() => officialWebhook(place), ...opas(place), ...gates(place)]) {
      const server = await starting();
      started.push(server);
      await until(server.name, 30, async () => (await isAllowed(server, review)) === true);
    }
    return started;
  } catch (cause) {
    for (const server of started) await server.stop();
    throw cause;
  }
}

/** undefined when the answer says neither. */
export async function isAllowed({ target }: Server, review: string): Promise<boolean | undefined> {
  const answer = await ask(target, review);
  const { allowed } = (answer as { response?: { allowed?: unknown } }).response ?? {};
  return typeof allowed === 'boolean' ? allowed : undefined;
}

async function officialWebhook({ cluster, programs }: Place): Promise<Server> {
  const { folder, kubeconfig } = cluster;
  const port = await freePort();
  const flags = [
    'pod-security-webhook',
    ...['--kubeconfig', kubeconfig, '--config', join(folder, 'restricted.yaml')],
    ...['--bind-address', '127.0.0.1', '--secure-port', String(port)],
    ...['--tls-cert-file', join(folder, 'tls.crt')],
    ...['--tls-private-key-file', join(folder, 'tls.key')],
  ];
  const { pid, stop } = start(programs.controlPlane, flags, join(folder, 'pod-security.log'));
  const target = { port, ca: cluster.authority.certificate };
  return { name: 'official Pod Security webhook', policies: 'restricted', target, pid, stop };
}

function opas({ cluster, opa }: Place): readonly (() => Promise<Server>)[] {
  const { folder, authority } = cluster;
  const logs = [
    ['OPA, Rego', ['--log-level', 'error']],
    ['OPA, Rego, decision log on', ['--set', 'decision_logs.console=true']],
  ] as const;
  return logs.map(([name, log], i) => async () => {
    const port = await freePort();
    const flags = [
      ...['run', '--server', '--disable-telemetry', '--addr', `127.0.0.1:${port}`],
      ...['--tls-cert-file', join(folder, 'tls.crt')],
      ...['--tls-private-key-file', join(folder, 'tls.key')],
      ...log,
      join(root, 'bench/peers/restricted.rego'),
    ];
    const { pid, stop } = start(opa, flags, join(folder, `opa-${i}.log`));
    const target = { port, ca: authority.certificate, path: '/v0/data/system/main' };
    return { name, policies: 'restricted', target, pid, stop };
  });
}

function gates({ cluster }: Place): readonly (() => Promise<Server>)[] {
  const { folder, kubeconfig, authority } = cluster;
  const sets = [
    ['Sekisho, Pod Security restricted', 'restricted', [join(folder, 'restricted.yaml')]],
    ['Sekisho, the bundle', 'bundle', [join(root, 'policies')]],
    ['Sekisho, the same policies', 'in-tree', inTreeFolders],
  ] as const;
  return sets.flatMap(([title, policies, paths]) =>
    [false, true].map((records) => async () => {
      const ledger = join(folder, `ledger-${policies}`);
      const { port, pid, stop } = await startServed([
        join(root, 'src/main.ts'),
        'serve',
        ...['--listen', '127.0.0.1:0', '--metrics', '127.0.0.1:0', '--drain-seconds', '0'],
        ...['--tls-cert', join(folder, 'tls.crt'), '--tls-key', join(folder, 'tls.key')],
        ...['--kubeconfig', kubeconfig, ...paths.flatMap((path) => ['--policies', path])],
        ...(records ? ['--ledger', ledger] : []),
      ]);
      const name = records ? `${title}, with records` : title;
      const target = { port, ca: authority.certificate };
      return { name, policies, target, pid, stop };
    }),
  );
}
