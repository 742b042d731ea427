// One pass over the segments of a ledger: every line is proven by its own sum and told to whoever watches, in file order.
import { join } from 'node:path';
import type { Diagnostic } from '../../base/diagnostic.ts';
import { get, type JsonObject } from '../../base/json.ts';
import { claimedSeq, type Link, readLink } from '../format/chain.ts';
import { type PreviousSegment, recordOf } from '../format/kinds.ts';
import { type RawLine, readLines } from '../read/lines.ts';
import { diagnosticOf, peekHeader } from '../read/read.ts';
import type { SegmentFile } from '../read/segments.ts';
import { createRuns, type Item, type Spot } from './runs.ts';

export type Segment = {
  readonly file: SegmentFile;
  /** As findings name it. */
  readonly shown: string;
};

/** What came of a segment. */
export type ScannedSegment = Segment & {
  /** Uncompressed. */
  readonly bytes: number;
  /** Bytes that count, by the header of the next segment; Infinity where that says nothing of this one. */
  readonly limit: number;
  /** Bytes beyond the limit. */
  readonly beyond: number;
  readonly lines: number;
  /** The seq of its first line; null when that is no record. */
  readonly begins: number | null;
  /** Its last record that counts ended an epoch: nothing was written to it after that. */
  readonly ended: boolean;
};

export type Scan = {
  readonly items: readonly Item[];
  readonly overflow: boolean;
  readonly segments: readonly ScannedSegment[];
  readonly unread: readonly Diagnostic[];
};

/** A record whose own sum holds. */
export type Seen = {
  readonly link: Link;
  readonly spot: Spot;
  /** Of the run that it is in. */
  readonly run: number;
  /** False where a run begins. */
  readonly linked: boolean;
  /** The line as JSON, read when it is asked for. */
  readonly record: () => JsonObject | undefined;
};

export type Watcher = (seen: Seen) => void;

export type ScanOptions = {
  /** See `createRuns`. */
  readonly cuts?: ReadonlySet<string>;
  readonly progress?: (bytes: number) => void | Promise<void>;
};

/** Lost power may leave later pages of what was not synced without the earlier ones, which are zeros then. Two, since one
 * is a space with a bit changed. Threat: who writes them cuts the ledger there, and a checkpoint tells as of any cut. */
const hole = Buffer.alloc(2);

export async function scan(
  segments: readonly Segment[],
  watch: Watcher,
  { cuts, progress = () => {} }: ScanOptions = {},
): Promise<Scan> {
  const runs = createRuns(cuts);
  const scanned: ScannedSegment[] = [];
  const unread: Diagnostic[] = [];
  for (const [index, segment] of segments.entries()) {
    const previous = await previousOf(segment, segments[index + 1]);
    const limit = previous?.bytes ?? Number.POSITIVE_INFINITY;
    let counts = true;
    let [bytes, beyond, lines] = [0, 0, 0];
    let begins: number | null = null;
    let ended = false;
    for await (const batch of readLines(segment.file)) {
      const before = bytes;
      for (const raw of batch.lines) {
        if (previous === undefined && raw.bytes.includes(hole)) counts = false;
        if (!counts) beyond += raw.end - bytes;
        else {
          const link = look(raw, { file: segment.shown, line: raw.line, segment: index });
          // By its hash: the bytes before it may have become more.
          counts = link === null || link.hash !== previous?.hash || raw.end < limit;
          if (raw.line === 1) begins = link?.seq ?? null;
          ended = link?.kind === 'checkpoint' && get(recordOf(raw.bytes), 'next') !== undefined;
        }
        bytes = raw.end;
        lines = raw.line;
      }
      // What is missing then is told by the records that are there.
      if (batch.fault !== undefined && batch.fault.kind !== 'gone') {
        const spot = { file: segment.shown, line: lines + 1, segment: index };
        runs.skip(spot, batch.fault.message, 0, 'file');
        if (batch.fault.kind === 'unreadable') unread.push(diagnosticOf(segment.file, batch.fault));
      }
      await progress(bytes - before);
    }
    scanned.push({ ...segment, bytes, limit, beyond, lines, begins, ended });
  }
  return { items: runs.items, overflow: runs.overflow(), segments: scanned, unread };

  function look({ bytes, whole }: RawLine, spot: Spot): Link | null {
    const link = whole ? readLink(bytes) : unended(bytes);
    if (typeof link === 'string') {
      runs.skip(spot, link, claimedSeq(bytes), whole ? 'lines' : 'tail');
      return null;
    }
    const record = (): JsonObject | undefined => recordOf(bytes);
    watch({ link, spot, record, ...runs.add(link, spot, record) });
    return link;
  }
}

const changedNewline = 'the newline after the record is another byte';

/** What follows the last newline. Threat: the newline itself may have been changed. */
function unended(bytes: Buffer): string {
  const whole = readLink(bytes.subarray(0, -1));
  return typeof whole === 'string' ? 'the line does not end' : changedNewline;
}

export function isChangedNewline({ reason }: { readonly reason: string }): boolean {
  return reason === changedNewline;
}

/** What of a segment counts, by the header of the next one. */
async function previousOf(
  { file }: Segment,
  next: Segment | undefined,
): Promise<PreviousSegment | undefined> {
  const previous = next === undefined ? null : (await peekHeader(next.file))?.previous;
  return previous?.file === file.base ? previous : undefined;
}

export function shownSegment(folder: string, file: SegmentFile): Segment {
  return { file, shown: join(folder, file.name) };
}
