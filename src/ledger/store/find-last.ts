// Where the chain of a folder goes on: its newest segment that holds a whole record, brought in order.
import type { Diagnostic } from '../../base/diagnostic.ts';
import { ok, type Result } from '../../base/result.ts';
import { emptyHead } from '../format/chain.ts';
import { type LastSegment, readLastSegment } from './last-segment.ts';
import { type MendOptions, mend } from './mend.ts';
import { listSegments } from './names.ts';
import type { Place } from './writer.ts';

/** null: there is no record yet. Rejects when the disk fails. */
export async function findLast(
  options: MendOptions,
): Promise<Result<LastSegment | null, Diagnostic>> {
  const { disk, folder } = options;
  for (const file of (await listSegments(disk, folder)).toReversed()) {
    const last = await readLastSegment(disk, folder, file);
    if (!last.ok) return last;
    // What is compressed was closed.
    if (!file.compressed) await mend(options, last.value);
    if (last.value.bytes > 0) return last;
  }
  return ok(null);
}

export function placeAfter(last: LastSegment | null): Place {
  if (last === null) return { head: emptyHead, previous: null, segment: 0 };
  const { name, head, bytes, header } = last;
  const previous = { file: name, seq: head.seq, hash: head.hash, bytes };
  return { head, previous, segment: header?.segment ?? 0 };
}
