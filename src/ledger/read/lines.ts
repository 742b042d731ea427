// Lines of a segment in batches, found by their newlines in the bytes: nothing becomes a string here.
// A line is good until the next batch is asked for. One that is longer than a record can be is cut after that length.
import { maxLine } from '../format/chain.ts';
import { type ReadFault, readChunks } from './chunks.ts';
import type { SegmentFile } from './segments.ts';

export type RawLine = {
  /** Without its newline. */
  readonly bytes: Buffer;
  /** From 1. */
  readonly line: number;
  /** Uncompressed, from the beginning of the segment to the newline and with it. */
  readonly end: number;
  /** False for what follows the last newline. */
  readonly whole: boolean;
};

export type LineBatch = { readonly lines: readonly RawLine[]; readonly fault?: ReadFault };

const newline = 0x0a;
const hole = Buffer.alloc(2);

/** Lost power may leave later pages of what was not synced without the earlier ones, which are zeros then; in the newest
 * segment nothing counts from there on. Two, since one is a space with a bit changed. Threat: who writes them cuts the
 * ledger there, and a checkpoint tells as of any cut. */
export function hasHole(bytes: Buffer): boolean {
  return bytes.includes(hole);
}

/** Threat: a chunk may be nothing but newlines. So many lines at once are little memory. */
const mostLines = 4096;
/** Threat: a compressed line may go on for terabytes. What is longer than this is not read to its end. */
const endless = 64 * 1024 * 1024;

/** `chunkBytes`: how much is read at a time. */
export async function* readLines(
  segment: SegmentFile,
  chunkBytes?: number,
): AsyncGenerator<LineBatch> {
  const splitter = createSplitter();
  let fault: ReadFault | undefined;
  for await (const chunk of readChunks(segment, chunkBytes)) {
    if (!Buffer.isBuffer(chunk) || splitter.pending() > endless) {
      fault = Buffer.isBuffer(chunk) ? withoutEnd : chunk;
      break;
    }
    for (const lines of splitter.push(chunk)) yield { lines };
  }
  yield { lines: splitter.end(), ...(fault === undefined ? {} : { fault }) };
}

const withoutEnd: ReadFault = {
  kind: 'corrupt',
  message: `a line has more than ${endless} bytes: the rest is not read`,
};

export type Splitter = {
  /** In portions that are bounded; all of them are to be taken. */
  push(chunk: Buffer): Generator<readonly RawLine[]>;
  end(): RawLine[];
  /** Bytes of the line whose newline has not come. */
  pending(): number;
};

/** `longest`: what is kept of a line. */
export function createSplitter(longest = maxLine + 1): Splitter {
  let line = 0;
  let position = 0;
  /** The beginning of a line whose newline has not come, at most `longest` bytes of it. */
  let open: Buffer[] = [];
  let kept = 0;
  let pending = 0;

  function keep(part: Buffer): void {
    pending += part.length;
    const room = longest - kept;
    if (room <= 0) return;
    // A copy: the chunk's buffer is used again.
    const copy = Buffer.from(part.subarray(0, room));
    open.push(copy);
    kept += copy.length;
  }

  function close(whole: boolean): RawLine {
    const bytes = Buffer.concat(open);
    open = [];
    kept = 0;
    pending = 0;
    line += 1;
    return { bytes, line, end: position, whole };
  }

  return {
    *push(chunk) {
      let lines: RawLine[] = [];
      const began = position;
      let at = 0;
      for (let end = chunk.indexOf(newline); end >= 0; end = chunk.indexOf(newline, at)) {
        position = began + end + 1;
        if (pending > 0) {
          keep(chunk.subarray(at, end));
          lines.push(close(true));
        } else {
          line += 1;
          const bytes = chunk.subarray(at, Math.min(end, at + longest));
          lines.push({ bytes, line, end: position, whole: true });
        }
        at = end + 1;
        if (lines.length < mostLines) continue;
        yield lines;
        lines = [];
      }
      if (at < chunk.length) keep(chunk.subarray(at));
      position = began + chunk.length;
      yield lines;
    },
    end: () => (pending > 0 ? [close(false)] : []),
    pending: () => pending,
  };
}
