// Where the chain of a folder goes on: its newest segment that holds a whole record, brought in order.
import type { Diagnostic } from '../../base/diagnostic.ts';
import { err, ok, type Result } from '../../base/result.ts';
import { emptyHead } from '../format/chain.ts';
import { parseNote } from '../format/note.ts';
import { type LastSegment, readLastSegment } from './last-segment.ts';
import { type MendOptions, mend } from './mend.ts';
import { listSegments } from './names.ts';
import type { Place } from './writer.ts';

/** null: there is no record yet. Rejects when the disk fails. */
export async function findLast(
  options: MendOptions,
): Promise<Result<LastSegment | null, Diagnostic>> {
  const { disk, folder } = options;
  const unmended: LastSegment[] = [];
  let found: LastSegment | null = null;
  for (const file of (await listSegments(disk, folder)).toReversed()) {
    const last = await readLastSegment(disk, folder, file);
    if (!last.ok) return last;
    // What is compressed was closed.
    if (!file.compressed) unmended.push(last.value);
    if (last.value.bytes === 0) continue;
    found = last.value;
    break;
  }
  const fault = await endFault(options, found);
  if (fault !== undefined) return err(fault);
  for (const each of unmended) await mend(options, each);
  return ok(found);
}

/** A checkpoint is kept beside only after its record is durable: no crash takes that record away. Threat: whoever cut the
 * ledger off waits for the next start, which gives the numbers to other records and signs them. */
async function endFault(
  { disk, folder }: MendOptions,
  found: LastSegment | null,
): Promise<Diagnostic | undefined> {
  const file = `${folder}/checkpoint`;
  if ((await disk.state(file)) === undefined) return undefined;
  const note = parseNote((await disk.read(file)).toString('utf8'));
  if (!note.ok) return undefined;
  const { ledger, seq } = note.value.checkpoint;
  if (found !== null && found.header?.ledger !== ledger) return undefined;
  const [last, holder] = [found?.head.seq ?? 0, seq + 1];
  if (holder <= last) return undefined;
  const end = last === 0 ? 'holds no record' : `ends with record ${last}`;
  const message = `the ledger ${end}, and its newest checkpoint is in record ${holder}: what was signed is gone`;
  const fix =
    'put the segments back, or keep a copy of the folder and take the file "checkpoint" away to go on without them';
  return { code: 'ledger-broken', message, fix, file, line: 0, column: 0 };
}

export function placeAfter(last: LastSegment | null): Place {
  if (last === null) return { head: emptyHead, previous: null, segment: 0 };
  const { name, head, bytes, header } = last;
  const previous = { file: name, seq: head.seq, hash: head.hash, bytes };
  return { head, previous, segment: header?.segment ?? 0 };
}
