// Asks github.com/distribution/reference, through the Go program in test/differential/references.
import { goSays } from '../differential/go.ts';

/** Registry, path, tag and digest, "" where there is none; null where the name is refused. */
export type Read = readonly [string, string, string, string] | null;

/** What runtimes make of each name, in the same order. */
export function theirs(images: readonly string[]): readonly Read[] {
  const input = images.map((image) => JSON.stringify(image)).join('\n');
  return goSays('references', input)
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
}
