// A ledger as a stream of its lines, over all segments in order, plain and compressed. Whoever reads it believes nothing
// that `ledger verify` has not proven: a line is told with the seq that it claims, and judged by nobody here.
import type { Diagnostic } from '../../base/diagnostic.ts';
import { claimedSeq } from '../format/chain.ts';
import { type Header, headerOf, recordOf } from '../format/kinds.ts';
import { type ReadFault, smallChunk } from './chunks.ts';
import { hasHole, readLines } from './lines.ts';
import { listSegments, type SegmentFile } from './segments.ts';

export type LedgerLine = {
  /** Name of the segment. */
  readonly file: string;
  readonly line: number;
  /** As the line claims; 0 when it claims none. */
  readonly seq: number;
  /** A copy without the newline. */
  readonly bytes: Buffer;
};

export type ReadOptions = {
  /** Segments before the one that holds this seq are not opened. */
  readonly from?: number;
  /** Bytes at the end of a segment that were never acknowledged. */
  readonly torn?: (file: string, bytes: number) => void;
  /** A segment that could not be read to its end; the next ones are still read. */
  readonly fault?: (fault: Diagnostic) => void;
};

/** Rejects as readdir does, when there is no such folder. */
export async function* readLedger(
  folder: string,
  options: ReadOptions = {},
): AsyncGenerator<LedgerLine> {
  const { from = 1 } = options;
  const segments = await listSegments(folder);
  const begin = segments.findLastIndex(({ first }) => first !== null && first <= from);
  for (let index = Math.max(0, begin); index < segments.length; index++) {
    const [segment, next] = [segments[index], segments[index + 1]];
    if (segment === undefined) return;
    for await (const line of segmentRecords(segment, next, options)) {
      if (line.seq === 0 || line.seq >= from) yield line;
    }
  }
}

async function* segmentRecords(
  segment: SegmentFile,
  next: SegmentFile | undefined,
  { torn, fault }: ReadOptions,
): AsyncGenerator<LedgerLine> {
  const limit = await acknowledged(segment, next);
  let beyond = 0;
  let last = 0;
  let counts = true;
  for await (const batch of readLines(segment)) {
    for (const { bytes, line, end, whole } of batch.lines) {
      if (limit === Number.POSITIVE_INFINITY && hasHole(bytes)) counts = false;
      if (!counts || !whole || end > limit) beyond += end - last;
      else yield { file: segment.name, line, seq: claimedSeq(bytes), bytes: Buffer.from(bytes) };
      last = end;
    }
    if (batch.fault !== undefined && batch.fault.kind !== 'gone')
      fault?.(diagnosticOf(segment, batch.fault));
  }
  if (beyond > 0) torn?.(segment.name, beyond);
}

/** How many bytes of a segment count, by the header of the next one. */
export async function acknowledged(
  segment: SegmentFile,
  next: SegmentFile | undefined,
): Promise<number> {
  const previous = next === undefined ? undefined : (await peekHeader(next))?.previous;
  return previous?.file === segment.base ? previous.bytes : Number.POSITIVE_INFINITY;
}

/** What the first line of a segment says; undefined when it is no header. */
export async function peekHeader(segment: SegmentFile): Promise<Header | undefined> {
  for await (const { lines } of readLines(segment, smallChunk)) {
    const [first] = lines;
    if (first !== undefined) return first.whole ? headerOf(recordOf(first.bytes)) : undefined;
  }
  return undefined;
}

export function diagnosticOf({ path }: SegmentFile, { message }: ReadFault): Diagnostic {
  return { code: 'file-unreadable', message, file: path, line: 0, column: 0 };
}
