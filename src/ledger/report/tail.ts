// New records of a ledger that is being written, also over rotations. Told as they are written: what a crash of the
// writer may still take back was not acknowledged then, and `ledger verify` is what proves.
import type { FileHandle } from 'node:fs/promises';
import { createSplitter, type RawLine, readLines, type Splitter } from '../read/lines.ts';
import { acknowledged, readLedger } from '../read/read.ts';
import { openRegular } from '../read/regular.ts';
import { listSegments, type SegmentFile } from '../read/segments.ts';
import { beginningOf } from './beginning.ts';
import { type LedgerRecord, renamed, type Source } from './records.ts';

/** The last seq that is there now; 0: none. */
export async function newestSeq({ path }: Source): Promise<number> {
  let newest = 0;
  const segments = await listSegments(path);
  for await (const { seq } of readLedger(path, { from: segments.at(-1)?.first ?? 1 })) {
    newest = Math.max(newest, seq);
  }
  return newest;
}

export type Tail = {
  /** The records that have come since it was asked last. Rejects as readdir does. */
  next(): AsyncGenerator<LedgerRecord>;
  close(): Promise<void>;
};

type Reading = {
  readonly segment: SegmentFile;
  readonly handle: FileHandle;
  readonly splitter: Splitter;
  position: number;
};

const chunkBytes = 256 * 1024;

/** `after`: the last seq that is known already. */
export function openTail(source: Source, after: number): Tail {
  let own = source;
  let last = after;
  let reading: Reading | undefined;
  /** The first seq of the newest segment that was read to its end. */
  let done: number | null = null;

  function recordOf(file: string, { bytes, line }: RawLine): LedgerRecord | undefined {
    const beginning = beginningOf(bytes);
    if (beginning === undefined || beginning.seq <= last) return undefined;
    last = beginning.seq;
    if (beginning.kind === 'segment') own = renamed(own, bytes);
    return { ...beginning, source: own, file, line, bytes: Buffer.from(bytes) };
  }

  /** Those that are not read to their end yet. */
  async function waiting(): Promise<readonly SegmentFile[]> {
    const segments = await listSegments(source.path);
    const known = done;
    if (known !== null) return segments.filter(({ first }) => first !== null && first > known);
    const at = segments.findLastIndex(({ first }) => first !== null && first <= last + 1);
    return segments.slice(Math.max(0, at));
  }

  async function* whole(segment: SegmentFile, limit: number): AsyncGenerator<LedgerRecord> {
    for await (const { lines } of readLines(segment)) {
      for (const line of lines) {
        const record = line.whole && line.end <= limit ? recordOf(segment.name, line) : undefined;
        if (record !== undefined) yield record;
      }
    }
  }

  async function* grown(at: Reading, limit: number): AsyncGenerator<LedgerRecord> {
    const buffer = Buffer.allocUnsafeSlow(chunkBytes);
    for (;;) {
      const { bytesRead } = await at.handle.read(buffer, 0, chunkBytes, at.position);
      if (bytesRead === 0) return;
      at.position += bytesRead;
      for (const lines of at.splitter.push(buffer.subarray(0, bytesRead))) {
        for (const line of lines) {
          const record = line.end <= limit ? recordOf(at.segment.name, line) : undefined;
          if (record !== undefined) yield record;
        }
      }
    }
  }

  async function begin(segment: SegmentFile): Promise<Reading | undefined> {
    if (segment.compressed) return undefined;
    const opened = await openRegular(segment.path).catch(() => undefined);
    if (opened === undefined) return undefined;
    return { segment, handle: opened.handle, splitter: createSplitter(), position: 0 };
  }

  async function close(): Promise<void> {
    await reading?.handle.close();
    reading = undefined;
  }

  return {
    async *next() {
      const segments = await waiting();
      for (const [index, segment] of segments.entries()) {
        const later = segments[index + 1];
        const limit = await acknowledged(segment, later);
        // The handle stays good when the file is compressed and removed meanwhile.
        if (reading?.segment.base !== segment.base) {
          await close();
          reading = await begin(segment);
          // What a failed write left behind was told, and its numbers are given again.
          if (done !== null && segment.first !== null) last = segment.first - 1;
        }
        if (reading === undefined) yield* whole(segment, limit);
        else yield* grown(reading, limit);
        if (later !== undefined || reading === undefined) {
          await close();
          done = segment.first;
        }
      }
    },
    close,
  };
}
