// The segments of a folder, in the order of their names: plain, or compressed once they are closed.
// Where both are there (a crash during compression) the plain one counts.
import { readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';

export type SegmentFile = {
  readonly path: string;
  /** As it is in the folder. */
  readonly name: string;
  /** Without `.zst`: what headers and retention records call it. */
  readonly base: string;
  /** The seq of its first record, by its name; null when the name says none. */
  readonly first: number | null;
  readonly compressed: boolean;
};

const segmentName = /^(\d{20})\.jsonl(\.zst)?$/;

export function segmentFile(path: string): SegmentFile {
  const name = basename(path);
  const [, first] = segmentName.exec(name) ?? [];
  return {
    path,
    name,
    base: name.replace(/\.zst$/, ''),
    first: first === undefined ? null : Number(first),
    compressed: name.endsWith('.zst'),
  };
}

/** Rejects as readdir does. */
export async function listSegments(folder: string): Promise<readonly SegmentFile[]> {
  const names = (await readdir(folder)).filter((name) => segmentName.test(name)).sort();
  const there = new Set(names);
  return names
    .filter((name) => !(name.endsWith('.zst') && there.has(name.replace(/\.zst$/, ''))))
    .map((name) => segmentFile(join(folder, name)));
}
