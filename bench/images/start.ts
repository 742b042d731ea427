// Starts a registry for the benchmark, in a process of its own.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { root } from '../../test/gate.ts';

export type Kind = 'hang' | 'drip' | 'large' | 'many';

/** `kind` absent: a good one. */
export async function startRegistry(kind?: Kind): Promise<{ readonly host: string; end(): void }> {
  const args = [join(root, 'bench/images/registry.ts'), ...(kind === undefined ? [] : [kind])];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = await once(child.stdout, 'data');
  return { host: String(line).trim(), end: () => void child.kill() };
}
