// `ledger show --follow`: the last records that are there, then each new one as it comes, until the process is told to stop.
import type { JsonObject } from '../../base/json.ts';
import { lastOf } from '../../ledger/report/last.ts';
import { type LedgerRecord, mergedRecords, type Source } from '../../ledger/report/records.ts';
import { newestSeq, openTail } from '../../ledger/report/tail.ts';
import type { Io } from '../command.ts';
import type { Batches } from './batches.ts';
import type { ShowSettings } from './show-settings.ts';

export type Follow = {
  readonly sources: readonly Source[];
  readonly settings: ShowSettings;
  readonly wanted: (at: LedgerRecord) => JsonObject | undefined;
  readonly print: (at: LedgerRecord, record: JsonObject) => string;
  readonly out: Batches;
  readonly io: Pick<Io, 'untilStopped'>;
};

/** As `tail` does. */
const lastByDefault = 10;
/** Milliseconds. */
const every = 200;

export async function followRecords(follow: Follow): Promise<void> {
  const { sources, io, out } = follow;
  const ends = await Promise.all(sources.map(newestSeq));
  await showPast(follow, ends);
  await out.flush();
  const tails = sources.map((source) => openTail(source, ends[source.index] ?? 0));
  let stopped = false;
  let wake = (): void => {};
  const stop = io.untilStopped().then(() => {
    stopped = true;
    wake();
  });
  while (!stopped) {
    for (const tail of tails) {
      for await (const at of tail.next()) await show(follow, at);
    }
    await out.flush();
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, every);
      wake = () => {
        clearTimeout(timer);
        resolve();
      };
      if (stopped) wake();
    });
  }
  for (const tail of tails) await tail.close();
  await stop;
}

async function showPast(follow: Follow, ends: readonly number[]): Promise<void> {
  const { sources, settings, wanted } = follow;
  const { last, filter } = settings;
  const options =
    last === null && filter.from !== null
      ? {}
      : { from: await lastOf(sources, wanted, last ?? lastByDefault) };
  for await (const at of mergedRecords(sources, options)) {
    if (at.seq <= (ends[at.source.index] ?? 0)) await show(follow, at);
  }
}

async function show({ wanted, print, out }: Follow, at: LedgerRecord): Promise<void> {
  const record = wanted(at);
  if (record !== undefined) await out.write(print(at, record));
}
