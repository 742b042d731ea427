// A closed segment becomes a compressed one: written beside, synced, read back and compared, and only then does the
// plain file go. zlib works on threads of its own; the loop only hands pieces on.
// Compared is by zstd itself: the frame holds a checksum of what went in, and is refused when something else comes out.
import { pipeline as pipe, type Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { constants, createZstdCompress, createZstdDecompress } from 'node:zlib';
import type { Disk } from './disk.ts';
import type { FailpointHook } from './failpoints.ts';
import type { SegmentFile } from './names.ts';

export type CompressOptions = {
  readonly disk: Disk;
  readonly folder: string;
  readonly failpoint: FailpointHook;
};

/** Stopped anywhere, it leaves the plain file, or both, or the compressed one; each of them whole. */
export async function compressSegment(
  { disk, folder, failpoint }: CompressOptions,
  { name }: SegmentFile,
): Promise<void> {
  const plain = `${folder}/${name}`;
  const compressed = `${plain}.zst`;
  const beside = `${compressed}.tmp`;
  await disk.remove(beside);
  const compress = createZstdCompress({
    chunkSize: piece,
    params: { [constants.ZSTD_c_checksumFlag]: 1 },
  });
  await pipeline(disk.reader(plain), compress, disk.writer(beside));
  await disk.sync(beside);
  if ((await bytesOf(disk.reader(beside))) !== compress.bytesWritten) {
    await disk.remove(beside);
    throw new Error(`${name} does not come back from its compressed form`);
  }
  await failpoint('before-rename');
  await disk.rename(beside, compressed);
  await disk.syncFolder(folder);
  await disk.remove(plain);
  await disk.syncFolder(folder);
}

/** Large pieces: each is a turn of the loop. */
const piece = 1024 * 1024;

/** Rejects when they are not what was compressed. */
async function bytesOf(compressed: Readable): Promise<number> {
  let bytes = 0;
  await pipeline(compressed, createZstdDecompress({ chunkSize: piece }), async (pieces) => {
    for await (const each of pieces) bytes += each.length;
  });
  return bytes;
}

/** What was compressed. INVARIANT: a fault of the source ends the iteration too; with `pipe` alone it would end the process. */
export function inflated(compressed: Readable, chunkSize?: number): AsyncIterable<Buffer> {
  const inflate = createZstdDecompress(chunkSize === undefined ? {} : { chunkSize });
  pipe(compressed, inflate, () => {});
  return inflate;
}
