// The bytes of a segment, uncompressed, in chunks; bounded memory whatever the file holds.
// A chunk is good until the next one is asked for: its buffer is used again.

import type { FileHandle } from 'node:fs/promises';
import { pipeline } from 'node:stream';
import { constants, createZstdDecompress } from 'node:zlib';
import { errorCode, messageOf } from '../../base/cause.ts';
import { openRegular, type RegularFile } from './regular.ts';
import type { SegmentFile } from './segments.ts';

/** Why a file could not be read to its end: `corrupt` is what its bytes are, `unreadable` what the machine says; `gone`:
 * it is not there any more, as when retention removes it after the folder was listed. */
export type ReadFault = {
  readonly kind: 'corrupt' | 'unreadable' | 'gone';
  readonly message: string;
};

const wholeChunk = 1024 * 1024;
/** Each is new memory, which is given back late. */
const inflatedChunk = 256 * 1024;
/** Enough for the first line. */
export const smallChunk = 16 * 1024;
/** Threat: a frame may ask for a window of any size. This one is enough for `zstd -19`, and 32 MiB at most. */
const maxWindow = 25;

/** Yields bytes, and last a fault where there was one. */
export async function* readChunks(
  segment: SegmentFile,
  chunkBytes = wholeChunk,
): AsyncGenerator<Buffer | ReadFault> {
  try {
    const { handle, size, compressed } = await openEither(segment);
    if (compressed) yield* inflated(handle, size, Math.min(chunkBytes, inflatedChunk));
    else yield* plain(handle, Math.min(chunkBytes, Math.max(size, smallChunk)));
  } catch (cause) {
    yield faultOf(cause);
  }
}

type Opened = RegularFile & { readonly compressed: boolean };

/** A plain segment may have been compressed since the folder was listed. */
async function openEither({ path, compressed }: SegmentFile): Promise<Opened> {
  try {
    return { ...(await openRegular(path)), compressed };
  } catch (cause) {
    if (compressed || errorCode(cause) !== 'ENOENT') throw cause;
    const later = await openRegular(`${path}.zst`).catch(() => undefined);
    if (later === undefined) throw cause;
    return { ...later, compressed: true };
  }
}

/** The next chunk is read while the last one is looked at. */
async function* plain(handle: FileHandle, chunkBytes: number): AsyncGenerator<Buffer> {
  try {
    let [now, later] = [Buffer.allocUnsafeSlow(chunkBytes), Buffer.allocUnsafeSlow(chunkBytes)];
    let reading = handle.read(now, 0, chunkBytes, null);
    for (;;) {
      const { bytesRead } = await reading;
      if (bytesRead === 0) return;
      reading = handle.read(later, 0, chunkBytes, null);
      // Whoever stops early leaves this one alone; its fault is then nobody's.
      reading.catch(() => {});
      yield now.subarray(0, bytesRead);
      [now, later] = [later, now];
    }
  } finally {
    await handle.close();
  }
}

/** Node's decompressor stops at the end of the first frame: what follows would be bytes that other tools read. */
async function* inflated(
  handle: FileHandle,
  size: number,
  chunkBytes: number,
): AsyncGenerator<Buffer | ReadFault> {
  const inflate = createZstdDecompress({
    chunkSize: chunkBytes,
    params: { [constants.ZSTD_d_windowLogMax]: maxWindow },
  });
  // Faults of either stream end the iteration below.
  pipeline(handle.createReadStream({ highWaterMark: chunkBytes }), inflate, () => {});
  for await (const chunk of inflate) yield chunk;
  if (inflate.bytesWritten < size) {
    const message = `${size - inflate.bytesWritten} bytes follow the end of the compressed frame`;
    yield { kind: 'corrupt', message };
  }
}

function faultOf(cause: unknown): ReadFault {
  const code = errorCode(cause);
  const message = messageOf(cause);
  if (code === 'ENOENT') return { kind: 'gone', message };
  return code.startsWith('ZSTD_') || code.startsWith('Z_')
    ? { kind: 'corrupt', message: `it cannot be decompressed: ${message}` }
    : { kind: 'unreadable', message };
}
