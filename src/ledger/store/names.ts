// Names of the segments of a folder: the sequence number of the first record, in twenty digits.
import type { Disk } from './disk.ts';

const form = /^(\d{20})\.jsonl(\.zst)?$/;

export type SegmentFile = {
  /** The plain name, by which it is known even when it is compressed. */
  readonly name: string;
  /** The name that it has now. */
  readonly file: string;
  readonly first: number;
  readonly compressed: boolean;
};

export function segmentName(first: number): string {
  return `${String(first).padStart(20, '0')}.jsonl`;
}

/** In the order of the chain. Where a segment is there twice, the plain file is meant. */
export async function listSegments(disk: Disk, folder: string): Promise<readonly SegmentFile[]> {
  const found = new Map<string, SegmentFile>();
  for (const file of [...(await disk.list(folder))].sort().reverse()) {
    const [, digits, zst] = form.exec(file) ?? [];
    if (digits === undefined) continue;
    const name = `${digits}.jsonl`;
    found.set(name, { name, file, first: Number(digits), compressed: zst !== undefined });
  }
  return [...found.values()].sort((a, b) => a.first - b.first);
}
