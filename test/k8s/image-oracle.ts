// Asks github.com/distribution/reference, through the Go program in test/differential/references.
import { spawnSync } from 'node:child_process';

/** Registry, path, tag and digest, "" where there is none; null where the name is refused. */
export type Read = readonly [string, string, string, string] | null;

const folder = new URL('../differential/references', import.meta.url).pathname;

/** What runtimes make of each name, in the same order. */
export function theirs(images: readonly string[]): readonly Read[] {
  const input = images.map((image) => JSON.stringify(image)).join('\n');
  const run = spawnSync('go', ['run', '.'], {
    cwd: folder,
    input,
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  if (run.status !== 0) throw new Error(run.stderr);
  return run.stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
}
