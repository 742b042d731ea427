// What a crash left is brought in order before a new segment continues it.

import { pipeline } from 'node:stream/promises';
import { errorCode } from '../../base/cause.ts';
import type { Disk } from './disk.ts';
import type { FailpointHook } from './failpoints.ts';
import type { LastSegment } from './last-segment.ts';

export type MendOptions = {
  readonly disk: Disk;
  readonly folder: string;
  readonly failpoint: FailpointHook;
};

/** Keeps the torn tail beside, and the whole lines under the old name, surely on the disk: after a failed sync the
 * system may show bytes that never got there, and say at the next sync that all is well. So they are written anew. */
export async function mend(
  { disk, folder, failpoint }: MendOptions,
  { name, head, bytes, torn, ended }: LastSegment,
): Promise<void> {
  const path = `${folder}/${name}`;
  if (ended !== null && torn.length === 0) return;
  const lost = bytes === 0 ? Number.parseInt(name, 10) : head.seq + 1;
  if (torn.length > 0) await disk.write(`${path}.torn-${lost}`, torn);
  if (bytes === 0) {
    await disk.remove(path);
  } else {
    try {
      await copy(disk, path, bytes);
      await failpoint('before-rename');
      await disk.rename(`${path}.tmp`, path);
    } catch (cause) {
      if (errorCode(cause) !== 'ENOSPC' && errorCode(cause) !== 'EDQUOT') throw cause;
      await disk.remove(`${path}.tmp`);
      await disk.truncate(path, bytes);
    }
  }
  await disk.syncFolder(folder);
}

async function copy(disk: Disk, path: string, bytes: number): Promise<void> {
  await disk.remove(`${path}.tmp`);
  await pipeline(disk.reader(path, 0, bytes), disk.writer(`${path}.tmp`));
  await disk.sync(`${path}.tmp`);
}
