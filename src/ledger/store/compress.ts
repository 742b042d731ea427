// A closed segment becomes a compressed one: written beside, synced, read back and compared, and only then does the
// plain file go. zlib works on threads of its own; the loop only hands pieces on.
import { type Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { constants, crc32, createZstdCompress, createZstdDecompress } from 'node:zlib';
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
  const sent = tally();
  const noted = new Transform({
    highWaterMark: piece,
    transform: (bytes: Buffer, _encoding, done) => {
      sent.add(bytes);
      done(null, bytes);
    },
  });
  const compress = createZstdCompress({
    chunkSize: piece,
    params: { [constants.ZSTD_c_checksumFlag]: 1 },
  });
  await pipeline(disk.reader(plain), noted, compress, disk.writer(beside));
  await disk.sync(beside);
  if ((await contentOf(disk.reader(beside))).text() !== sent.text()) {
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

type Tally = { add(bytes: Buffer): void; text(): string };

function tally(): Tally {
  let [length, sum] = [0, 0];
  return {
    add(bytes) {
      length += bytes.length;
      sum = crc32(bytes, sum);
    },
    text: () => `${length} ${sum}`,
  };
}

async function contentOf(compressed: Readable): Promise<Tally> {
  const found = tally();
  await pipeline(compressed, createZstdDecompress({ chunkSize: piece }), async (pieces) => {
    for await (const bytes of pieces) found.add(bytes);
  });
  return found;
}
