// Where the last N records begin that are asked for: read from the end, segment by segment, only their places kept.
import { readLedger } from '../read/read.ts';
import { listSegments } from '../read/segments.ts';
import { beginningOf } from './beginning.ts';
import type { LedgerRecord, Source } from './records.ts';

export type Wanted = (at: LedgerRecord) => unknown;

type Place = { readonly source: number; readonly seq: number; readonly time: number };

/** For each source the seq from which on exactly the last `count` of all remain; Infinity where none of them is. */
export async function lastOf(
  sources: readonly Source[],
  wanted: Wanted,
  count: number,
): Promise<readonly number[]> {
  const ends: Place[][] = [];
  for (const source of sources) ends.push(await lastPlaces(source, wanted, count));
  const from = sources.map(() => Number.POSITIVE_INFINITY);
  for (let left = count; left > 0; left--) {
    const latest = ends.reduce<Place[]>((best, places) => {
      const [a, b] = [best.at(-1), places.at(-1)];
      return b !== undefined && (a === undefined || b.time >= a.time) ? places : best;
    }, []);
    const place = latest.pop();
    if (place === undefined) break;
    from[place.source] = place.seq;
  }
  return from;
}

async function lastPlaces(source: Source, wanted: Wanted, count: number): Promise<Place[]> {
  const segments = await listSegments(source.path);
  let found: Place[] = [];
  for (const { first, base } of segments.toReversed()) {
    const own: Place[] = [];
    for await (const { file, line, bytes } of readLedger(source.path, { from: first ?? 1 })) {
      if (!file.startsWith(base)) break;
      const beginning = beginningOf(bytes);
      if (beginning === undefined || !wanted({ ...beginning, source, file, line, bytes })) continue;
      own.push({ source: source.index, seq: beginning.seq, time: beginning.time });
      if (own.length > 2 * count) own.splice(0, own.length - count);
    }
    found = [...own, ...found].slice(-count);
    if (found.length >= count) break;
  }
  return found;
}
