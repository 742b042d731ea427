// Closed segments are removed, oldest first, when they are too old or all together too large, and every exporter has
// sent them. A record names them before they go, with the hash of their last line, so that the rest begins somewhere.
import { maxLine } from '../format/chain.ts';
import { type Header, headerOf, type RemovedSegment, recordOf } from '../format/kinds.ts';
import { inflated } from './compress.ts';
import type { Disk } from './disk.ts';
import { listSegments, type SegmentFile } from './names.ts';

/** null: there is no such bound. */
export type Retain = { readonly ms: number | null; readonly bytes: number | null };

export type RetainOptions = {
  readonly disk: Disk;
  readonly folder: string;
  readonly retain: Retain;
  /** The lowest sequence number that somebody still has to read; Infinity: none. */
  readonly oldestNeeded: () => number;
  readonly now: () => string;
};

/** What may go: never the newest segment. */
export async function findRemovable(options: RetainOptions): Promise<readonly RemovedSegment[]> {
  const { disk, folder, retain, oldestNeeded, now } = options;
  const files = await listSegments(disk, folder);
  const sizes = await Promise.all(
    files.map(async ({ file }) => (await disk.state(`${folder}/${file}`))?.bytes ?? 0),
  );
  let total = sizes.reduce((sum, size) => sum + size, 0);
  const found: RemovedSegment[] = [];
  for (const [i, file] of files.entries()) {
    const follower = files[i + 1];
    if (follower === undefined) break;
    const next = await headerAt(disk, folder, follower);
    // The one after it says where it ended and when it was closed.
    if (next?.header.previous?.file !== file.name) break;
    const { seq, hash } = next.header.previous;
    const age = Date.parse(now()) - Date.parse(next.at);
    const isOld = retain.ms !== null && age > retain.ms;
    const isTooMuch = retain.bytes !== null && total > retain.bytes;
    if (!(isOld || isTooMuch) || seq >= oldestNeeded()) break;
    found.push({ file: file.name, from: file.first, to: seq, hash });
    total -= sizes[i] ?? 0;
  }
  return found;
}

/** In both forms, and what crashes left beside them. */
export async function removeSegments(
  disk: Disk,
  folder: string,
  segments: readonly RemovedSegment[],
): Promise<void> {
  for (const { file } of segments) {
    const beside = (await disk.list(folder)).filter((name) => name.startsWith(`${file}.`));
    for (const name of [file, ...beside]) await disk.remove(`${folder}/${name}`);
  }
  await disk.syncFolder(folder);
}

type Opening = { readonly header: Header; readonly at: string };

async function headerAt(
  disk: Disk,
  folder: string,
  { file, compressed }: SegmentFile,
): Promise<Opening | undefined> {
  const bytes = disk.reader(`${folder}/${file}`);
  const plain = compressed ? inflated(bytes) : bytes;
  let start = Buffer.alloc(0);
  for await (const piece of plain) {
    start = Buffer.concat([start, piece]);
    if (start.includes(0x0a) || start.length > maxLine) break;
  }
  bytes.destroy();
  const record = recordOf(start.subarray(0, Math.max(0, start.indexOf(0x0a))));
  const header = headerOf(record);
  const at = record?.['at'];
  return header === undefined || typeof at !== 'string' ? undefined : { header, at };
}
