// Child processes of a test: started with their output in a file, ended by their own id, and never left behind.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { openSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

export type Started = {
  readonly pid: number;
  /** undefined while it runs. */
  readonly exitCode: () => number | null | undefined;
  readonly log: () => string;
  stop(signal?: NodeJS.Signals): Promise<void>;
};

/** Starts a program; what it prints goes to `logFile`. */
export function start(
  program: string,
  args: readonly string[],
  logFile: string,
  env: NodeJS.ProcessEnv = process.env,
): Started {
  const out = openSync(logFile, 'a');
  const child = spawn(program, args, { stdio: ['ignore', out, out], env });
  const { pid } = child;
  if (pid === undefined) throw new Error(`${program} did not start`);
  return {
    pid,
    exitCode: () => (ended(child) ? child.exitCode : undefined),
    log: () => readFileSync(logFile, 'utf8'),
    async stop(signal = 'SIGTERM') {
      if (ended(child)) return;
      const closed = once(child, 'exit');
      child.kill(signal);
      const gone = await Promise.race([
        closed.then(() => true),
        sleep(10_000, false, { ref: false }),
      ]);
      if (!gone) child.kill('SIGKILL');
      await closed;
    },
  };
}

function ended(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}

/** A port of 127.0.0.1 that nobody listens on now. */
export async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (typeof address !== 'object' || address === null) throw new Error('no port');
  return address.port;
}

/** Asks until it holds; the last cause is told when it never does within `seconds`. */
export async function until(
  what: string,
  seconds: number,
  holds: () => Promise<boolean>,
): Promise<void> {
  const end = performance.now() + seconds * 1000;
  let cause: unknown;
  while (performance.now() < end) {
    try {
      if (await holds()) return;
    } catch (error) {
      cause = error;
    }
    await sleep(50);
  }
  throw new Error(`${what} did not come within ${seconds} s`, { cause });
}
