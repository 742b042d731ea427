// The durable records of a folder in order, from a cursor on: a place in a file is kept, the records are not.
// INVARIANT: record N is in the segment with the greatest first seq up to N. What a segment holds from the first seq of
// the next one on was never acknowledged (a write or sync failed), and is not read.
import { messageOf } from '../../base/cause.ts';
import { err, ok, type Result } from '../../base/result.ts';
import { claimedSeq, sha256 } from '../format/chain.ts';
import { listSegments, type SegmentFile } from '../read/segments.ts';
import type { Cursor } from './cursor.ts';
import { type Line, type LineReader, lineReader } from './lines.ts';
import type { ExportRecord } from './sink.ts';

/** What is wrong with a ledger and does not keep it from being exported. */
export type Oddity =
  | { readonly kind: 'missing'; readonly from: number; readonly to: number }
  | { readonly kind: 'damaged'; readonly seq: number };

export type Source = {
  /** The next record, if its seq is `upTo` at most. */
  next(upTo: number): Promise<Result<ExportRecord | undefined, string>>;
  /** Goes behind the record that the cursor names; false when the folder does not prove that this record was there. */
  seek(cursor: Cursor): Promise<Result<boolean, string>>;
  /** Goes to the oldest record. */
  rewind(): Promise<Result<void, string>>;
  /** Lets go of the file; the place stays. */
  release(): Promise<void>;
};

type Place = {
  /** The seq of the record that is to be read next. */
  next: number;
  segment: SegmentFile | undefined;
  /** The first seq of the segment after it. */
  bound: number;
  offset: number;
  reader: LineReader | undefined;
  /** The highest seq for which the folder has been listed. */
  listed: number;
};

export function openSource(folder: string, tell: (oddity: Oddity) => void): Source {
  const place: Place = {
    ...{ next: 1, segment: undefined, bound: 0, offset: 0 },
    ...{ reader: undefined, listed: 0 },
  };

  async function goTo(seq: number): Promise<void> {
    await release();
    Object.assign(place, { next: seq, segment: undefined, bound: 0, offset: 0, listed: 0 });
  }

  async function release(): Promise<void> {
    const { reader } = place;
    place.reader = undefined;
    await reader?.close();
  }

  /** The segment that `next` is in; undefined when there is none. */
  async function locate(upTo: number): Promise<SegmentFile | undefined> {
    const { segment: current } = place;
    if (current !== undefined && place.next < place.bound && place.listed >= upTo) return current;
    const all = (await listSegments(folder)).filter(({ first }) => first !== null);
    const at = Math.max(
      0,
      all.findLastIndex(({ first }) => (first ?? 0) <= place.next),
    );
    const segment = all[at];
    if (segment === undefined) return undefined;
    const first = segment.first ?? 0;
    if (first > place.next) miss(first, upTo);
    place.bound = all[at + 1]?.first ?? Number.POSITIVE_INFINITY;
    place.listed = upTo;
    if (segment.base !== place.segment?.base) {
      await release();
      place.offset = 0;
    }
    place.segment = segment;
    return segment;
  }

  function miss(next: number, upTo: number): void {
    if (place.next <= upTo) tell({ kind: 'missing', from: place.next, to: next - 1 });
    place.next = next;
  }

  /** The record of a line, or nothing when it is not to be exported (again). */
  function recordOf({ bytes, end }: Line, upTo: number): ExportRecord | undefined {
    place.offset = end;
    const claimed = bytes === null ? 0 : claimedSeq(bytes);
    if (claimed !== 0 && (claimed < place.next || claimed >= place.bound)) return undefined;
    if (bytes === null || claimed === 0 || claimed > upTo) {
      tell({ kind: 'damaged', seq: place.next });
      return undefined;
    }
    if (claimed > place.next) miss(claimed, upTo);
    place.next = claimed + 1;
    return { seq: claimed, at: timeOf(bytes), bytes };
  }

  async function next(upTo: number): Promise<Result<ExportRecord | undefined, string>> {
    while (place.next <= upTo) {
      const segment = await locate(upTo);
      if (segment === undefined) return err('no segment is there');
      if (place.next > upTo) break;
      place.reader ??= lineReader(segment, place.offset);
      const line = await place.reader.next();
      if (line === undefined) {
        await release();
        // What is durable is in the file; the newest one can only lack it when somebody has taken it away.
        if (place.bound === Number.POSITIVE_INFINITY) {
          return err(`${segment.name} lacks the record ${place.next}`);
        }
        if (place.next < place.bound) miss(place.bound, upTo);
      } else if ('kind' in line) {
        await release();
        return err(`${segment.name}: ${line.message}`);
      } else {
        const record = recordOf(line, upTo);
        if (record !== undefined) return ok(record);
      }
    }
    return ok(undefined);
  }

  /** The record itself proves a cursor, or, once it has been removed, the `prev` of the one after it. */
  async function proves({ seq, hash }: Cursor): Promise<Result<boolean, string>> {
    const first = await oldest();
    if (first === undefined || seq + 1 < first) return ok(false);
    const removed = seq + 1 === first;
    const asked = removed ? first : seq;
    await goTo(asked);
    const read = await next(asked);
    if (!read.ok) return read;
    if (read.value?.seq !== asked) return ok(false);
    return ok(hash === (removed ? prevOf(read.value.bytes) : sha256(read.value.bytes)));
  }

  async function oldest(): Promise<number | undefined> {
    return (await listSegments(folder))[0]?.first ?? undefined;
  }

  return {
    next: (upTo) => told(() => next(upTo)),
    seek: (cursor) =>
      told(async () => {
        const proven = await proves(cursor);
        if (proven.ok) await goTo(cursor.seq + 1);
        return proven;
      }),
    rewind: () => told(async () => ok(await goTo((await oldest()) ?? 1))),
    release,
  };
}

/** What the disk throws, as a result. */
async function told<T>(act: () => Promise<Result<T, string>>): Promise<Result<T, string>> {
  try {
    return await act();
  } catch (cause) {
    return err(messageOf(cause));
  }
}

function prevOf(line: Buffer): string | undefined {
  return /^\{"v":1,"seq":\d+,"prev":"([0-9a-f]{64})",/.exec(line.toString('latin1', 0, 120))?.[1];
}

function timeOf(line: Buffer): number | null {
  const [, at] = /"at":"([0-9TZ:.+-]{20,40})"/.exec(line.toString('latin1', 0, 400)) ?? [];
  const time = at === undefined ? Number.NaN : Date.parse(at);
  return Number.isNaN(time) ? null : time;
}
