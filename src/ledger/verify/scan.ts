// One pass over the segments of a ledger: every line is proven by its own sum and told to whoever watches, in file order.
import { join } from 'node:path';
import type { Diagnostic } from '../../base/diagnostic.ts';
import { get, type JsonObject } from '../../base/json.ts';
import { claimedSeq, type Link, readLink } from '../format/chain.ts';
import { type PreviousSegment, recordOf } from '../format/kinds.ts';
import type { ReadFault } from '../read/chunks.ts';
import { hasHole, type RawLine, readLines } from '../read/lines.ts';
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
    const reading = createReading(previous, (raw) =>
      look(raw, { file: segment.shown, line: raw.line, segment: index }),
    );
    const { state } = reading;
    for await (const batch of readLines(segment.file)) {
      const before = state.bytes;
      for (const raw of batch.lines) reading.read(raw);
      const fault = batch.fault ?? (isTooMuch(state.junk) ? tooMuch : undefined);
      // What is missing then is told by the records that are there.
      if (fault !== undefined && fault.kind !== 'gone') {
        const spot = { file: segment.shown, line: state.lines + 1, segment: index };
        runs.skip(spot, fault.message, 0, 'file');
        if (fault.kind === 'unreadable') unread.push(diagnosticOf(segment.file, fault));
      }
      await progress(state.bytes - before);
      if (fault !== undefined) break;
    }
    const { junk, ...read } = state;
    scanned.push({ ...segment, ...read });
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

type Reading = {
  read(raw: RawLine): void;
  readonly state: {
    -readonly [Key in Exclude<keyof ScannedSegment, keyof Segment>]: ScannedSegment[Key];
  } & {
    readonly junk: { lines: number; bytes: number };
  };
};

/** The lines of one segment, of which those are looked at that count. */
function createReading(
  previous: PreviousSegment | undefined,
  look: (raw: RawLine) => Link | null,
): Reading {
  const limit = previous?.bytes ?? Number.POSITIVE_INFINITY;
  const junk = { lines: 0, bytes: 0 };
  const state: Reading['state'] = {
    ...{ bytes: 0, limit, beyond: 0, lines: 0, begins: null, ended: false, junk },
  };
  let counts = true;

  function counted(raw: RawLine): Link | null {
    const link = look(raw);
    // By its hash: the bytes before it may have become more.
    counts = link === null || link.hash !== previous?.hash || raw.end < limit;
    if (raw.line === 1) state.begins = link?.seq ?? null;
    state.ended = link?.kind === 'checkpoint' && get(recordOf(raw.bytes), 'next') !== undefined;
    return link;
  }

  return {
    state,
    read(raw) {
      const size = raw.end - state.bytes;
      if (previous === undefined && hasHole(raw.bytes)) counts = false;
      if (!counts) state.beyond += size;
      if (!counts || counted(raw) === null) {
        junk.lines += 1;
        junk.bytes += size;
      }
      state.bytes = raw.end;
      state.lines = raw.line;
    },
  };
}

type Junk = { readonly lines: number; readonly bytes: number };

/** Threat: a small compressed file can hold terabytes that are no records. A batch that failed is 16 MiB at most. */
function isTooMuch({ lines, bytes }: Junk): boolean {
  return lines > 1_000_000 || bytes > 256 * 1024 ** 2;
}

const tooMuch: ReadFault = {
  kind: 'corrupt',
  message: 'what is here are no records, and there is more of it than was read',
};

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
