// The records of one or several ledgers as one stream, merged by their times, each told with the ledger that it is from.
// Within a ledger the order is that of the file, whatever its clock did. One record of each ledger is held, not more.
import { realpath } from 'node:fs/promises';
import type { Diagnostic } from '../../base/diagnostic.ts';
import { headerOf, recordOf } from '../format/kinds.ts';
import { peekHeader, readLedger } from '../read/read.ts';
import { listSegments } from '../read/segments.ts';
import { type Beginning, beginningOf } from './beginning.ts';

/** A folder that holds a ledger. */
export type Source = {
  readonly path: string;
  readonly index: number;
  readonly ledger: string;
  readonly replica: string;
  readonly cluster: string;
};

export type LedgerRecord = Beginning & {
  readonly source: Source;
  /** Name of the segment. */
  readonly file: string;
  readonly line: number;
  readonly bytes: Buffer;
};

export type RecordOptions = {
  /** The lowest seq that is asked for, by the index of the source. */
  readonly from?: readonly number[];
  readonly tell?: (oddity: Oddity) => void;
};

/** What keeps a ledger from being read as it should be. */
export type Oddity =
  | {
      readonly kind: 'damaged';
      readonly source: Source;
      readonly file: string;
      readonly line: number;
    }
  | {
      readonly kind: 'torn';
      readonly source: Source;
      readonly file: string;
      readonly bytes: number;
    }
  | { readonly kind: 'unread'; readonly source: Source; readonly fault: Diagnostic };

export type Sources = {
  readonly sources: readonly Source[];
  readonly faults: readonly Diagnostic[];
};

export async function openSources(paths: readonly string[]): Promise<Sources> {
  const sources: Source[] = [];
  const faults: Diagnostic[] = [];
  const seen = new Set<string>();
  for (const path of paths) {
    // A folder that is named twice would be counted twice.
    const real = await realpath(path).catch(() => path);
    if (seen.has(real)) continue;
    seen.add(real);
    const segments = await listSegments(path).catch((cause: unknown) => String(cause));
    const [first] = typeof segments === 'string' ? [] : segments;
    if (first === undefined) {
      const message =
        typeof segments === 'string' ? segments : 'there is no segment of a ledger in it';
      const place = { file: path, line: 0, column: 0 };
      faults.push({ code: 'file-unreadable', message: message.replace(/^Error: /, ''), ...place });
      continue;
    }
    const header = await peekHeader(first);
    const { ledger = '', replica = '', cluster = '' } = header ?? {};
    sources.push({ path, index: sources.length, ledger, replica, cluster });
  }
  return { sources, faults };
}

/** `-` where a ledger does not say its name. */
export function nameOfSource({ replica, path }: Source): string {
  return replica === '' ? path : replica;
}

export async function* recordsOf(
  source: Source,
  { from = [], tell = () => {} }: RecordOptions = {},
): AsyncGenerator<LedgerRecord, undefined> {
  let own = source;
  const lines = readLedger(source.path, {
    from: from[source.index] ?? 1,
    torn: (file, bytes) => tell({ kind: 'torn', source, file, bytes }),
    fault: (fault) => tell({ kind: 'unread', source, fault }),
  });
  for await (const { file, line, bytes } of lines) {
    const beginning = beginningOf(bytes);
    if (beginning === undefined) {
      tell({ kind: 'damaged', source, file, line });
      continue;
    }
    if (beginning.kind === 'segment') own = renamed(own, bytes);
    yield { ...beginning, source: own, file, line, bytes };
  }
  return undefined;
}

/** A replica may get another name when it starts again. */
export function renamed(source: Source, header: Buffer): Source {
  const { replica = source.replica, cluster = source.cluster } = headerOf(recordOf(header)) ?? {};
  return { ...source, replica, cluster };
}

export async function* mergedRecords(
  sources: readonly Source[],
  options: RecordOptions = {},
): AsyncGenerator<LedgerRecord> {
  const streams = sources.map((source) => recordsOf(source, options));
  const heads = await Promise.all(streams.map(async (stream) => (await stream.next()).value));
  try {
    for (;;) {
      const next = earliest(heads);
      if (next === undefined) return;
      yield next.record;
      heads[next.index] = (await streams[next.index]?.next())?.value;
    }
  } finally {
    for (const stream of streams) await stream.return(undefined);
  }
}

type Head = LedgerRecord | undefined;

function earliest(heads: readonly Head[]): { index: number; record: LedgerRecord } | undefined {
  let best: { index: number; record: LedgerRecord } | undefined;
  for (const [index, record] of heads.entries()) {
    if (record && (best === undefined || record.time < best.record.time)) best = { index, record };
  }
  return best;
}
