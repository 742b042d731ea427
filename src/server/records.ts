// Where records go, as far as the server cares: a ledger that answers when a record is durable.
import type { Logger } from 'pino';
import { err, ok, type Result } from '../base/result.ts';
import type { LedgerEntry, Recorded } from '../ledger/entry.ts';
import type { Ledger } from '../ledger/store/options.ts';
import type { RecordFault } from '../ledger/store/queue.ts';
import type { Metrics } from './metrics.ts';
import { late, within } from './within.ts';

/** Answers when a record is durable. `available` is false while nothing can be recorded, and so nothing be allowed. */
export type RecordSink = Pick<Ledger, 'append'> & Partial<Pick<Ledger, 'available'>>;

export type Recorder = {
  /** null: records are not kept. */
  readonly records: RecordSink | null;
  readonly log: Logger;
  readonly metrics: Metrics;
};

type Work = Promise<Result<Recorded, RecordFault>>;

/** The place of a record that is durable; undefined when none are kept. Waits at most `ms` milliseconds; `whenLate` is
 * then given what goes on.
 * Never rejects: whatever goes wrong is logged, counted, and for the caller a fault. */
export function record(
  recorder: Recorder,
  entry: LedgerEntry,
  ms: number,
  whenLate: (work: Work) => Promise<void> = async () => {},
): Promise<Result<Recorded | undefined, RecordFault>> {
  const { records, log } = recorder;
  if (records === null) return Promise.resolve(ok(undefined));
  const from = performance.now();
  const work = appended(records, log, entry);
  return settled(recorder, { id: entry.id, from, work, ms, whenLate });
}

function appended(records: RecordSink, log: Logger, entry: LedgerEntry): Work {
  const { id } = entry;
  const failed = (error: unknown): Result<never, RecordFault> => {
    log.error({ err: error, id }, 'a fault of Sekisho itself while recording');
    return fault('a fault of Sekisho itself; it is logged');
  };
  try {
    return records.append(entry).catch(failed);
  } catch (error) {
    return Promise.resolve(failed(error));
  }
}

type Waiting = {
  readonly id: string;
  readonly from: number;
  readonly work: Work;
  readonly ms: number;
  readonly whenLate: (work: Work) => Promise<void>;
};

/** Nothing of the entry is held meanwhile: all that waits is copied time and again when memory is tidied up. */
async function settled(
  { log, metrics }: Recorder,
  { id, from, work, ms, whenLate }: Waiting,
): Promise<Result<Recorded, RecordFault>> {
  const done = await within(ms, work);
  if (done === late) void whenLate(work);
  else metrics.ledger.appended((performance.now() - from) / 1000);
  const recorded = done === late ? fault('audit log unavailable: the disk is too slow') : done;
  if (!recorded.ok) {
    metrics.recordFailed();
    log.error({ id, cause: recorded.error.message }, 'a decision could not be recorded');
  }
  return recorded;
}

function fault(message: string): Result<never, RecordFault> {
  return err({ code: 'record-failed', message });
}
