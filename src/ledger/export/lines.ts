// Whole lines of a segment from a place in it, plain or compressed, with a buffer that cannot grow.
// A line without its newline yet is left for the next look.

import type { FileHandle } from 'node:fs/promises';
import { errorCode, messageOf } from '../../base/cause.ts';
import { maxLine } from '../format/chain.ts';
import { type ReadFault, readChunks } from '../read/chunks.ts';
import { openRegular } from '../read/regular.ts';
import { type SegmentFile, segmentFile } from '../read/segments.ts';

/** `end`: where the next line begins, in uncompressed bytes. `bytes` is null for a line that is too long to be a record. */
export type Line = { readonly bytes: Buffer | null; readonly end: number };

export type LineReader = {
  /** undefined: no whole line is there now. Nothing follows it or a fault. */
  next(): Promise<Line | ReadFault | undefined>;
  close(): Promise<void>;
};

const newline = 0x0a;
const chunkBytes = 128 * 1024;

export function lineReader(segment: SegmentFile, offset: number): LineReader {
  const chunks = chunksFrom(segment, offset);
  const lines = linesOf(chunks, offset);
  return {
    next: async () => (await lines.next()).value ?? undefined,
    async close() {
      await lines.return(undefined);
      await chunks.return(undefined);
    },
  };
}

async function* linesOf(
  chunks: AsyncGenerator<Buffer | ReadFault>,
  offset: number,
): AsyncGenerator<Line | ReadFault, undefined> {
  let end = offset;
  let begun: Buffer[] = [];
  let length = 0;
  for await (const chunk of chunks) {
    if (!Buffer.isBuffer(chunk)) {
      yield chunk;
      return;
    }
    let start = 0;
    for (;;) {
      const at = chunk.indexOf(newline, start);
      const part = chunk.subarray(start, at < 0 ? chunk.length : at);
      length += part.length;
      // A chunk's memory is used again: what is kept of it is a copy.
      if (length <= maxLine) begun.push(Buffer.from(part));
      else begun = [];
      if (at < 0) break;
      end += length + 1;
      const whole = begun.length === 1 ? begun[0] : Buffer.concat(begun);
      yield { bytes: length <= maxLine ? (whole ?? null) : null, end };
      begun = [];
      length = 0;
      start = at + 1;
    }
  }
}

/** Also of a plain segment that has been compressed since: offsets are the same. */
async function* chunksFrom(
  segment: SegmentFile,
  offset: number,
): AsyncGenerator<Buffer | ReadFault> {
  if (!segment.compressed) {
    const handle = await opened(segment.path);
    if (handle !== undefined && !('kind' in handle)) return yield* plain(handle, offset);
    if (handle !== undefined) return yield handle;
  }
  const compressed = segment.compressed ? segment : segmentFile(`${segment.path}.zst`);
  let skip = offset;
  for await (const chunk of readChunks(compressed)) {
    if (!Buffer.isBuffer(chunk)) yield chunk;
    else if (skip < chunk.length) yield chunk.subarray(skip);
    skip = Buffer.isBuffer(chunk) ? Math.max(0, skip - chunk.length) : skip;
  }
}

/** undefined: it is not there. */
async function opened(path: string): Promise<FileHandle | ReadFault | undefined> {
  try {
    return (await openRegular(path)).handle;
  } catch (cause) {
    if (errorCode(cause) === 'ENOENT') return undefined;
    return unreadable(cause);
  }
}

async function* plain(handle: FileHandle, offset: number): AsyncGenerator<Buffer | ReadFault> {
  const buffer = Buffer.allocUnsafeSlow(chunkBytes);
  let at = offset;
  try {
    for (;;) {
      const { bytesRead } = await handle.read(buffer, 0, chunkBytes, at);
      if (bytesRead === 0) return;
      at += bytesRead;
      yield buffer.subarray(0, bytesRead);
    }
  } catch (cause) {
    yield unreadable(cause);
  } finally {
    await handle.close();
  }
}

function unreadable(cause: unknown): ReadFault {
  return { kind: 'unreadable', message: messageOf(cause) };
}
