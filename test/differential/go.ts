// What Go says, where Kubernetes' own libraries are asked: each folder beside this file is a program for one matter.
// Tests ask it with SEKISHO_DIFFERENTIAL=1 only; Go must be there then.
import { spawnSync } from 'node:child_process';

export const whyNotGo =
  process.env['SEKISHO_DIFFERENTIAL'] === '1' ? false : 'set SEKISHO_DIFFERENTIAL=1 (needs Go)';

/** What the program of a folder prints. */
export function goSays(folder: string, input = ''): string {
  const run = spawnSync('go', ['run', '.'], {
    cwd: new URL(`${folder}/`, import.meta.url).pathname,
    input,
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  if (run.status !== 0) throw new Error(run.stderr, { cause: run.error });
  return run.stdout;
}
