// A control plane with Sekisho before it, for one test file: built if need be, started, and ended with the file.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Test } from 'tap';
import { root, type Served, startServed } from '../gate.ts';
import { type ControlPlane, type PlaneOptions, startControlPlane } from './control-plane.ts';
import { until } from './processes.ts';
import { buildPrograms, missingProgram, type SystemProgram } from './programs.ts';

export type Ran = { readonly code: number; readonly stdout: string; readonly stderr: string };

export type Cluster = ControlPlane & {
  readonly kubectl: (args: readonly string[], options?: KubectlOptions) => Promise<Ran>;
  /** `kubectl apply -f -`; throws what kubectl said when it fails. */
  readonly apply: (yaml: string) => Promise<void>;
};

export type KubectlOptions = {
  readonly input?: string;
  readonly kubeconfig?: string;
  /** Where it is run. */
  readonly folder?: string;
  /** A file that takes both outputs in their order, as a terminal does; else they are told apart. */
  readonly terminal?: string;
};

/** A reason to skip; under CI a missing program is a failure instead. */
export function whyNot(also: readonly SystemProgram[] = []): string | false {
  const reason = missingProgram(also);
  if (reason !== undefined && process.env['CI'] === 'true') throw new Error(reason);
  return reason ?? false;
}

export async function startCluster(options: PlaneOptions = {}): Promise<Cluster> {
  const programs = await buildPrograms();
  const folder = mkdtempSync(join(tmpdir(), 'sekisho-e2e-'));
  const plane = await startControlPlane(programs, folder, options);
  const kubectl: Cluster['kubectl'] = async (args, options = {}) => {
    const { input, kubeconfig, folder: cwd, terminal } = options;
    const out = terminal === undefined ? 'pipe' : openSync(terminal, 'w');
    const flags = ['kubectl', '--kubeconfig', kubeconfig ?? plane.kubeconfig, ...args];
    const child = spawn(programs.controlPlane, flags, { cwd, stdio: ['pipe', out, out] });
    const text = { stdout: '', stderr: '' };
    child.stdout?.on('data', (chunk) => (text.stdout += String(chunk)));
    child.stderr?.on('data', (chunk) => (text.stderr += String(chunk)));
    child.stdin?.end(input ?? '');
    const [code] = await once(child, 'close');
    if (typeof out === 'number') closeSync(out);
    const stdout = terminal === undefined ? text.stdout : readFileSync(terminal, 'utf8');
    return { code: Number(code ?? 1), stdout, stderr: text.stderr };
  };
  return {
    ...plane,
    kubectl,
    async apply(yaml) {
      const ran = await kubectl(['apply', '-f', '-'], { input: yaml });
      if (ran.code !== 0) throw new Error(ran.stderr);
    },
    async stop() {
      await plane.stop();
      if (process.env['SEKISHO_KEEP'] !== '1') rmSync(folder, { recursive: true, force: true });
    },
  };
}

export type Gate = Served & { readonly certificates: string };

/** `sekisho serve` with a certificate for its Service, signed by the cluster's CA; callers must show one of that CA. */
export async function startGate(
  { folder, authority }: Cluster,
  flags: readonly string[],
): Promise<Gate> {
  const server = await authority.issue({
    commonName: 'sekisho',
    names: [{ type: 'dns', value: 'sekisho.sekisho.svc' }],
  });
  writeFileSync(join(folder, 'tls.crt'), server.cert);
  writeFileSync(join(folder, 'tls.key'), server.key, { mode: 0o600 });
  const served = await startServed([
    join(root, 'src/main.ts'),
    'serve',
    ...['--listen', '127.0.0.1:0', '--metrics', '127.0.0.1:0', '--drain-seconds', '0'],
    ...['--tls-cert', join(folder, 'tls.crt'), '--tls-key', join(folder, 'tls.key')],
    ...['--client-ca', join(folder, 'ca.crt')],
    ...flags,
  ]);
  return { ...served, certificates: folder };
}

/** The Service that leads the API server to this machine, as a cluster's Service would to a pod. */
export const service = `apiVersion: v1
kind: Namespace
metadata: {name: sekisho}
---
apiVersion: v1
kind: Service
metadata: {name: sekisho, namespace: sekisho}
spec: {type: ExternalName, externalName: localhost}
`;

/** What `sekisho webhook` prints for the bundle and a gate on this port. */
export async function webhookOf(
  { folder }: Cluster,
  port: number,
  flags: readonly string[] = ['-p', join(root, 'policies')],
): Promise<string> {
  const service = `sekisho/sekisho:${port}`;
  const args = ['webhook', '--service', service, '--ca-bundle', join(folder, 'ca.crt'), ...flags];
  const child = spawn(process.execPath, [join(root, 'src/main.ts'), ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let text = '';
  child.stdout.on('data', (chunk) => (text += String(chunk)));
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error('sekisho webhook failed');
  return text;
}

export type Guarding = {
  /** `-p FILE…`, of the gate and of its webhook. */
  readonly policies: readonly string[];
  /** Further flags of `serve`. */
  readonly serve: readonly string[];
  /** What the gate must refuse. */
  readonly refuses: string;
};

/** Starts a gate, has it asked, and waits until it refuses; it ends with the test. */
export async function guard(
  t: Test,
  cluster: Cluster,
  { policies, serve, refuses }: Guarding,
): Promise<Gate> {
  const gate = await startGate(cluster, [...policies, ...serve]);
  t.teardown(() => gate.stop());
  await cluster.apply(await webhookOf(cluster, gate.port, policies));
  await untilRefused(cluster, refuses);
  return gate;
}

/** Waits until an act that the gate must refuse is refused: configurations become active a moment after they are stored. */
export async function untilRefused({ kubectl }: Cluster, manifest: string): Promise<void> {
  await until('the webhook', 30, async () => {
    const ran = await kubectl(['create', '--dry-run=server', '-f', '-'], { input: manifest });
    return ran.code !== 0 && ran.stderr.includes('denied the request');
  });
}

/** Waits for the service accounts of namespaces: no pod is admitted before a controller has made them. */
export async function untilAccounts(
  { api }: Pick<Cluster, 'api'>,
  namespaces: readonly string[],
): Promise<void> {
  for (const name of namespaces) {
    await until(`the service account of ${name}`, 60, async () => {
      const path = `/api/v1/namespaces/${name}/serviceaccounts/default`;
      return (await api.get(path)).status === 200;
    });
  }
}
