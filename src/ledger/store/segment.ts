// The segment that is written: batches go out in one write and one sync, and are acknowledged together.
// INVARIANT: after a write or sync that failed nothing goes to this file any more: what is on the disk is not known.
import { errorCode } from '../../base/cause.ts';
import type { Head } from '../format/chain.ts';
import type { AppendFile, Disk } from './disk.ts';
import type { FailpointHook } from './failpoints.ts';
import { type Body, nextLines } from './line.ts';
import { segmentName } from './names.ts';

export type Segment = {
  readonly name: string;
  /** After the last batch that was acknowledged. */
  head(): Head;
  /** Of the acknowledged lines. */
  bytes(): number;
  /** The heads after each record, once all are durable. Rejects otherwise, and is then not to be used again. */
  write(bodies: readonly Body[]): Promise<readonly Head[]>;
  close(): Promise<void>;
};

export type SegmentOptions = {
  readonly disk: Disk;
  readonly folder: string;
  /** What its first record continues. */
  readonly after: Head;
  readonly failpoint: FailpointHook;
};

/** Bytes of one batch that are kept for the next: to have them anew from the system each time costs more than to fill them. */
const batchMemory = 1024 * 1024;

/** A new file whose first records, `bodies`, are durable, and so is its name. Rejects when the disk fails. */
export async function createSegment(
  { disk, folder, after, failpoint }: SegmentOptions,
  bodies: readonly Body[],
): Promise<Segment> {
  const name = segmentName(after.seq + 1);
  const path = `${folder}/${name}`;
  const file = await newFile(disk, path);
  let head = after;
  let bytes = 0;
  const memory = Buffer.allocUnsafe(batchMemory);

  async function write(batch: readonly Body[]): Promise<readonly Head[]> {
    const { bytes: text, heads } = nextLines(head, batch, memory);
    await failpoint('before-write');
    await file.append(text);
    await failpoint('after-write');
    await failpoint('before-sync');
    // A file that was removed, renamed or cut takes writes without complaint, and nobody will find them.
    const [state] = await Promise.all([disk.state(path), file.datasync()]);
    if (state?.id !== file.id || state.bytes !== bytes + text.length) {
      throw new Error('the segment was removed or changed by somebody else');
    }
    await failpoint('after-sync');
    head = heads.at(-1) ?? head;
    bytes += text.length;
    return heads;
  }

  try {
    await write(bodies);
    await disk.syncFolder(folder);
  } catch (cause) {
    void file.close().catch(() => undefined);
    throw cause;
  }
  return { name, head: () => head, bytes: () => bytes, write, close: () => file.close() };
}

/** A file of that name holds no record that was ever acknowledged: its own first record would have this number. */
async function newFile(disk: Disk, path: string): Promise<AppendFile> {
  try {
    return await disk.create(path);
  } catch (cause) {
    if (errorCode(cause) !== 'EEXIST') throw cause;
    await disk.remove(path);
    return disk.create(path);
  }
}
