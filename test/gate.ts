// A gate in a process of its own, with certificates made for it: what the demo and the benchmark talk to.
// It is stopped as a cluster would stop it, by SIGTERM to its process id.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { writeCertificates } from '../certs/make.ts';

export const root = fileURLToPath(new URL('..', import.meta.url));

/** A folder under the system's temporary one, with ca.crt, tls.crt and tls.key; gone when this process ends. */
export type Workplace = { readonly folder: string; readonly ca: string };

export async function makeWorkplace(name: string): Promise<Workplace> {
  const folder = await mkdtemp(join(tmpdir(), `sekisho-${name}-`));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  await writeCertificates(folder);
  return { folder, ca: await readFile(join(folder, 'ca.crt'), 'utf8') };
}

export type Served = {
  /** On 127.0.0.1. */
  readonly port: number;
  readonly pid: number;
  /** Sends SIGTERM and waits for the end; the exit code. Kills after ten seconds. */
  stop(): Promise<number>;
};

/** Arguments of `sekisho serve` with the bundle in the demo's cluster, on free ports of loopback. */
export function serveArguments(
  { folder }: Workplace,
  more: readonly string[] = [],
): readonly string[] {
  return [
    join(root, 'src/main.ts'),
    'serve',
    ...['--listen', '127.0.0.1:0', '--metrics', '127.0.0.1:0', '--drain-seconds', '0'],
    ...['--policies', join(root, 'policies')],
    ...['--cluster-objects', join(root, 'test/demo/cluster')],
    ...['--tls-cert', join(folder, 'tls.crt'), '--tls-key', join(folder, 'tls.key')],
    ...more,
  ];
}

export type Started = {
  /** In place of Node: what becomes Node. */
  readonly program?: string;
  readonly env?: NodeJS.ProcessEnv;
};

/** Starts Node with these arguments and waits for its log line `listening` on standard error.
 * What it says is thrown when it ends, or says nothing for half a minute, before that. */
export async function startServed(
  args: readonly string[],
  { program = process.execPath, env = process.env }: Started = {},
): Promise<Served> {
  const stdio = ['ignore', 'inherit', 'pipe'] as const;
  const child = spawn(program, args, { cwd: root, env, stdio: [...stdio] });
  const ended = once(child, 'exit');
  // Whatever becomes of us, even a reader of our output that goes away: no server is left behind.
  const abandon = (): void => void child.kill('SIGKILL');
  process.once('exit', abandon);
  child.once('exit', () => process.off('exit', abandon));
  const said: string[] = [];
  const deadline = setTimeout(() => child.kill('SIGKILL'), 30_000);
  try {
    const port = await listeningPort(child, said, 100);
    if (port === undefined || child.pid === undefined) {
      throw new Error(`the server did not start:\n${said.join('\n')}`);
    }
    return { port, pid: child.pid, stop: () => stop(child, ended) };
  } finally {
    clearTimeout(deadline);
  }
}

/** `said` takes so many lines at the most. Keeps reading after the port was found, so that the server never waits for us. */
export function listeningPort(
  child: ChildProcess,
  said: string[],
  most = Number.POSITIVE_INFINITY,
): Promise<number | undefined> {
  return new Promise((resolve) => {
    if (child.stderr === null) return resolve(undefined);
    const lines = createInterface({ input: child.stderr });
    lines.on('line', (line) => {
      if (said.length < most) said.push(line);
      const port = /"reviews":"[^"]*:(\d+)"/.exec(line)?.[1];
      if (port !== undefined) resolve(Number(port));
    });
    lines.on('close', () => resolve(undefined));
  });
}

async function stop(child: ChildProcess, ended: Promise<unknown[]>): Promise<number> {
  child.kill('SIGTERM');
  const late = new AbortController();
  const kill = sleep(10_000, undefined, { signal: late.signal, ref: false }).then(
    () => child.kill('SIGKILL'),
    () => false,
  );
  const [code] = await ended;
  late.abort();
  await kill;
  return typeof code === 'number' ? code : 1;
}
