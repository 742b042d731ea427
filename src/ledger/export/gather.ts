// One batch from the ledger: as many records as are wanted, and no longer in the making than is wanted.
import { err, ok, type Result } from '../../base/result.ts';
import { sha256 } from '../format/chain.ts';
import type { BatchSettings } from './settings.ts';
import type { Batch, ExportRecord, SinkFault } from './sink.ts';
import type { Source } from './source.ts';
import type { Progress } from './state.ts';

/** What an exporter needs of the open ledger. */
export type ExportedLedger = {
  readonly folder: string;
  readonly replica: string;
  /** The seq of the last durable record; 0 for none. Holds after the ledger was closed too. */
  durable(): number;
  /** Gives a function that ends it. */
  onDurable(listener: (seq: number) => void): () => void;
};

export type Timing = {
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Ends early when the signal is aborted; never rejects. */
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  /** From 0 to 1. */
  readonly random: () => number;
};

export type GatherOptions = {
  readonly ledger: ExportedLedger;
  readonly source: Source;
  readonly batch: BatchSettings;
  readonly timing: Timing;
  readonly progress: Progress;
};

/** Waits for the first record until `stopping`; then gives what is there, undefined when that is nothing. */
export async function gather(
  options: GatherOptions,
  stopping: AbortSignal,
): Promise<Result<Batch | undefined, SinkFault>> {
  const { ledger, source, batch, timing, progress } = options;
  const records: ExportRecord[] = [];
  let bytes = 0;
  let due = Number.POSITIVE_INFINITY;
  hold(progress, 0, 0);
  while (records.length < batch.records && bytes < batch.bytes) {
    const durable = ledger.durable();
    const read = await source.next(durable);
    // What was read before a fault goes out first: the fault comes again.
    if (!read.ok && records.length === 0) return err(unreadable(read.error));
    const record = read.ok ? read.value : undefined;
    if (record !== undefined) {
      if (records.length === 0) {
        due = timing.now() + batch.waitMs;
        progress.oldest = record.at;
      }
      records.push(record);
      bytes += record.bytes.length + 1;
      hold(progress, records.length, bytes);
      continue;
    }
    const left = due - timing.now();
    if (!read.ok || left <= 0 || stopping.aborted) break;
    await source.release();
    await news(options, { after: durable, ms: left, stopping });
  }
  const last = records.at(-1);
  if (last === undefined) return ok(undefined);
  return ok({ replica: ledger.replica, records, bytes, hash: sha256(last.bytes) });
}

function hold({ counters }: Progress, records: number, bytes: number): void {
  counters.heldRecords = records;
  counters.heldBytes = bytes;
}

type Wait = { readonly after: number; readonly ms: number; readonly stopping: AbortSignal };
const longestWait = 3_600_000;

/** Until a record after `after` is durable, `ms` are over, or it is time to stop. */
async function news(
  { ledger, timing }: GatherOptions,
  { after, ms, stopping }: Wait,
): Promise<void> {
  const waking = new AbortController();
  const wake = (): void => waking.abort();
  const unlisten = ledger.onDurable(wake);
  stopping.addEventListener('abort', wake, { once: true });
  if (ledger.durable() > after || stopping.aborted) wake();
  await timing.sleep(Math.min(ms, longestWait), waking.signal);
  stopping.removeEventListener('abort', wake);
  unlisten();
}

function unreadable(message: string): SinkFault {
  return { kind: 'again', cause: 'disk', message: `the ledger cannot be read: ${message}` };
}
