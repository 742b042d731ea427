// The programs that the end-to-end tests need and no npm package brings: etcd from the system, the control plane built
// by Go from its modules. What cannot be had is a reason to skip; under CI it is a failure.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export type Programs = { readonly controlPlane: string; readonly etcd: string };

const here = fileURLToPath(new URL('.', import.meta.url));
const built = fileURLToPath(new URL('../../.sekisho/e2e/', import.meta.url));

/** The version of Kubernetes that control-plane/go.mod names: `v1.36.3`. */
export function kubernetesVersion(): string {
  const text = readFileSync(join(here, 'control-plane/go.mod'), 'utf8');
  const version = /k8s\.io\/kubernetes (v\d+\.\d+\.\d+)/.exec(text)?.[1];
  if (version === undefined) throw new Error('control-plane/go.mod names no version');
  return version;
}

/** Programs of the system, and the packages of Debian that bring them. */
const packages = { etcd: 'etcd-server', 'docker-registry': 'docker-registry' } as const;
export type SystemProgram = keyof typeof packages;

/** Why the tests cannot run here; undefined when they can. */
export function missingProgram(also: readonly SystemProgram[] = []): string | undefined {
  if (spawnSync('go', ['version']).status !== 0) return 'Go is not installed';
  const needed: readonly SystemProgram[] = ['etcd', ...also];
  const missing = needed.find((program) => findOnPath(program) === undefined);
  return missing && `${missing} is not installed (Debian: ${packages[missing]})`;
}

/** Builds what is not built yet; seconds when Go's cache is warm, ten minutes and more when it is cold. */
export async function buildPrograms(): Promise<Programs> {
  const etcd = findOnPath('etcd');
  if (etcd === undefined) throw new Error('etcd is not installed');
  const version = kubernetesVersion();
  const [, major, minor] = /^v(\d+)\.(\d+)/.exec(version) ?? [];
  const name = 'k8s.io/component-base/version';
  const flags = [
    `${name}.gitVersion=${version}`,
    `${name}.gitMajor=${major}`,
    `${name}.gitMinor=${minor}`,
  ];
  const controlPlane = join(built, `control-plane-${version}`);
  await goBuild('control-plane', controlPlane, [
    '-ldflags',
    `-s -w ${flags.map((f) => `-X ${f}`).join(' ')}`,
  ]);
  return { controlPlane, etcd };
}

/** The path of `helm`. */
export async function buildHelm(): Promise<string> {
  const helm = join(built, 'helm');
  await goBuild('helm', helm, ['-ldflags', '-s -w']);
  return helm;
}

/** The path of `opa`. */
export async function buildOpa(): Promise<string> {
  const opa = join(built, 'opa');
  await goBuild('opa', opa, ['-ldflags', '-s -w']);
  return opa;
}

/** The path of `cosign`. */
export async function buildCosign(): Promise<string> {
  const cosign = join(built, 'cosign');
  await goBuild('cosign', cosign, ['-ldflags', '-s -w']);
  return cosign;
}

/** The path of an S3 server. */
export async function buildS3Server(): Promise<string> {
  const server = join(built, 's3-server');
  const program = 'github.com/versity/versitygw/cmd/versitygw';
  await goBuild('s3-server', server, ['-ldflags', '-s -w'], program);
  return server;
}

/** Builds one Go module under test/e2e, or a program that it names, unless what is there was built from the very same files. */
export async function goBuild(
  folder: string,
  output: string,
  flags: readonly string[] = [],
  program = '.',
): Promise<void> {
  const stamp = sourceDigest(folder, flags);
  if (existsSync(output) && stampOf(output) === stamp) return;
  process.stderr.write(`Building ${folder} with Go (minutes when its cache is cold)\n`);
  const go = spawn('go', ['build', '-trimpath', '-o', output, ...flags, program], {
    cwd: join(here, folder),
    env: { ...process.env, CGO_ENABLED: '0' },
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  const [code] = await once(go, 'close');
  if (code !== 0) throw new Error(`go build of ${folder} failed`);
  writeFileSync(`${output}.built-from`, stamp);
}

function sourceDigest(folder: string, flags: readonly string[]): string {
  const hash = createHash('sha256').update(flags.join(' '));
  for (const name of readdirSync(join(here, folder)).sort()) {
    hash.update(name).update(readFileSync(join(here, folder, name)));
  }
  return hash.digest('hex');
}

function stampOf(output: string): string | undefined {
  const path = `${output}.built-from`;
  return existsSync(path) ? readFileSync(path, 'utf8') : undefined;
}

function findOnPath(program: string): string | undefined {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/bin', '/usr/local/bin'];
  return folders.map((folder) => join(folder, program)).find((path) => existsSync(path));
}
