// A gate that may read pull secrets of a real API server, where docs/rbac-pull-secrets.yaml says so: pods and Deployments
// of one image are put before it, and all that it writes is kept to be looked through.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Test } from 'tap';
import type { JsonObject } from '../../src/base/json.ts';
import { root } from '../gate.ts';
import { type Cluster, service, startCluster, untilRefused, webhookOf } from './cluster.ts';
import { rights } from './cluster-scene.ts';
import type { PrivateRegistries } from './private-registry.ts';
import { start, until } from './processes.ts';
import { manifest, pod, podSpec } from './scene.ts';

export type PullScene = {
  readonly cluster: Cluster;
  /** Creates it, in a dry run of the server; `created`, or what kubectl says. */
  tries(yaml: string): Promise<string>;
  /** Everything that the gate has written, by where; it is ended. */
  written(): Promise<Readonly<Record<string, string>>>;
};

export async function startPullScene(t: Test, registries: PrivateRegistries): Promise<PullScene> {
  const cluster = await startCluster();
  t.teardown(() => cluster.stop());
  const namespace = manifest({
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: 'payments' },
  });
  await cluster.apply([service, rights, namespace].join('---\n'));
  const policies = join(cluster.folder, 'policies.yaml');
  writeFileSync(policies, policiesFor(registries));
  const gate = await startGate(t, cluster, policies, registries);
  await cluster.apply(await webhookOf(cluster, gate.port, ['-p', policies]));
  await untilRefused(cluster, pod('probe', { hostPID: true }));
  const said: string[] = [];
  return {
    cluster,
    async tries(yaml) {
      const { code, stderr } = await cluster.kubectl(['create', '--dry-run=server', '-f', '-'], {
        input: yaml,
      });
      said.push(stderr);
      return code === 0 ? 'created' : stderr;
    },
    async written() {
      const metrics = await (await fetch(`http://${gate.metrics}/metrics`)).text();
      await gate.stop();
      const audit = readFileSync(cluster.auditLog, 'utf8');
      return { metrics, audit, log: gate.log(), ledger: gate.ledger(), said: said.join('\n') };
    },
  };
}

type Gate = {
  readonly port: number;
  /** HOST:PORT. */
  readonly metrics: string;
  log(): string;
  /** All its files. */
  ledger(): string;
  stop(): Promise<void>;
};

async function startGate(
  t: Test,
  { folder, authority, kubeconfigOf }: Cluster,
  policies: string,
  registries: PrivateRegistries,
): Promise<Gate> {
  const { cert, key } = await authority.issue({
    commonName: 'sekisho',
    names: [{ type: 'dns', value: 'sekisho.sekisho.svc' }],
  });
  const ledger = join(folder, 'ledger');
  const put = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text, { mode: 0o600 });
    return join(folder, name);
  };
  const config = manifest({
    ...{ apiVersion: 'sekisho.dev/v1alpha1', kind: 'Configuration' },
    policies: [policies],
    ...{ listen: '127.0.0.1:0', metrics: '127.0.0.1:0', drainSeconds: 0 },
    ...{ tlsCert: put('tls.crt', cert), tlsKey: put('tls.key', key) },
    ...{ clientCa: join(folder, 'ca.crt'), kubeconfig: kubeconfigOf('sekisho') },
    ledger: { folder: ledger },
    pullSecrets: true,
    ...registriesOf(registries),
  });
  const args = [join(root, 'src/main.ts'), 'serve', '--config', put('serve.yaml', config)];
  const gate = start(process.execPath, args, join(folder, 'gate.log'));
  t.teardown(() => gate.stop());
  const placeOf = (what: string): string | undefined =>
    new RegExp(`"${what}":"[^"]*?(127\\.0\\.0\\.1:\\d+)"`).exec(gate.log())?.[1];
  const hasEnded = (): boolean => gate.exitCode() !== undefined;
  await until('the gate', 30, async () => placeOf('reviews') !== undefined || hasEnded());
  if (hasEnded()) throw new Error(gate.log());
  return {
    port: Number(placeOf('reviews')?.split(':')[1]),
    metrics: placeOf('metrics') ?? '',
    log: gate.log,
    ledger: () => textsBelow(ledger),
    stop: gate.stop,
  };
}

function registriesOf({ basic, bearer, tokens }: PrivateRegistries): JsonObject {
  return {
    registries: [{ host: bearer, tokenHosts: [tokens] }],
    insecureRegistry: [basic, bearer, tokens],
  };
}

function policiesFor({ basic, bearer, publicKey }: PrivateRegistries): string {
  const signed = {
    apiVersion: 'policy.sigstore.dev/v1beta1',
    kind: 'ClusterImagePolicy',
    metadata: { name: 'signed-images' },
    spec: {
      images: [{ glob: `${basic}/**` }, { glob: `${bearer}/**` }],
      authorities: [{ name: 'release', key: { data: publicKey } }],
    },
  };
  const settings = {
    apiVersion: 'sekisho.dev/v1alpha1',
    kind: 'PolicySettings',
    metadata: { name: 'settings' },
    spec: { podSecurity: { templates: 'Enforce' } },
  };
  return [signed, settings].map(manifest).join('---\n');
}

function textsBelow(folder: string): string {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => readFileSync(join(parentPath, name), 'latin1'))
    .join('\n');
}

/** A spec of one image that keeps every other rule. */
export function specOf(image: string, more: JsonObject = {}): JsonObject {
  const [container] = podSpec.containers;
  return { ...podSpec, containers: [{ ...container, image }], ...more };
}

export function deployment(spec: JsonObject, namespace = 'shop'): string {
  const labels = { app: 'web' };
  return manifest({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web', namespace },
    spec: { selector: { matchLabels: labels }, template: { metadata: { labels }, spec } },
  });
}
