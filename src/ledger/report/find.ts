// One record in full: the line itself, and what later records say of it (a checkpoint that covers it, a withdrawal).
import { isObject, type JsonObject } from '../../base/json.ts';
import { parseJson } from '../../yaml/json.ts';
import { type Link, maxLine, readLink } from '../format/chain.ts';
import { recordOf } from '../format/kinds.ts';
import { isNamed } from './filter.ts';
import { textAt } from './members.ts';
import { type LedgerRecord, type RecordOptions, recordsOf, type Source } from './records.ts';

export type FoundRecord = {
  readonly at: LedgerRecord;
  readonly record: JsonObject;
  /** A sentence where its own sum does not hold. */
  readonly link: Link | string;
  /** The record that holds the first checkpoint after it; not verified. */
  coveredBy: number | null;
  /** Why the answer was a denial although the record says otherwise. */
  withdrawn: { readonly seq: number; readonly cause: string } | null;
};

/** A name may be the number of a record in each of several ledgers; more than this many are not told. */
const most = 20;

export async function findRecords(
  sources: readonly Source[],
  asked: string,
  options: RecordOptions = {},
): Promise<readonly FoundRecord[]> {
  const found: FoundRecord[] = [];
  for (const source of sources) {
    const own: FoundRecord[] = [];
    for await (const at of recordsOf(source, options)) {
      if (own.length > 0) follow(own, at);
      if (found.length + own.length < most && isNamed(asked, at.id, at.seq)) {
        const record = exactRecordOf(at.bytes);
        const link = readLink(at.bytes);
        const { file, line } = at;
        if (record === undefined) options.tell?.({ kind: 'damaged', source, file, line });
        else own.push({ at, record, link, coveredBy: null, withdrawn: null });
      }
    }
    found.push(...own);
  }
  return found;
}

/** Numbers digit for digit, where the line is JSON as we write it. */
function exactRecordOf(bytes: Buffer): JsonObject | undefined {
  const exact = parseJson(bytes, { maxBytes: maxLine, maxDepth: 1000 });
  return exact.ok && isObject(exact.value) ? exact.value : recordOf(bytes);
}

function follow(own: readonly FoundRecord[], { kind, seq, bytes }: LedgerRecord): void {
  if (kind === 'checkpoint') {
    for (const each of own) each.coveredBy ??= seq;
  } else if (kind === 'withdrawn') {
    const record = recordOf(bytes);
    const decision = textAt(record, 'decision');
    for (const each of own) {
      if (each.at.id === decision) each.withdrawn = { seq, cause: textAt(record, 'cause') };
    }
  }
}
