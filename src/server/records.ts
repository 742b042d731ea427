// Where records go, as far as the server cares: a ledger that answers when a record is durable.
import type { Logger } from 'pino';
import type { Code } from '../base/codes.ts';
import { err, ok, type Result } from '../base/result.ts';
import type { Attempt } from '../model/attempt.ts';
import type { Decision } from '../model/decision.ts';
import type { Metrics } from './metrics.ts';
import { late, within } from './within.ts';

export type DecisionEntry = {
  readonly kind: 'decision';
  readonly id: string;
  readonly attempt: Attempt;
  readonly decision: Decision;
  readonly engineVersion: string;
  readonly durationMs: number;
};

/** Bytes that reached us and could not be decided: of them only size and hash are kept. */
export type UnreadableEntry = {
  readonly kind: 'unreadable';
  readonly id: string;
  readonly at: string;
  readonly code: Code;
  readonly message: string;
  readonly uid: string | null;
  /** null where the body was not read to its end. */
  readonly bytes: number | null;
  readonly sha256: string | null;
};

export type Entry = DecisionEntry | UnreadableEntry;

/** `sum` is the ledger's head after this record. */
export type Recorded = { readonly seq: number; readonly sum: string };

export type RecordFault = { readonly code: 'record-failed'; readonly message: string };

export type RecordSink = {
  append(entry: Entry): Promise<Result<Recorded, RecordFault>>;
};

export type Recorder = {
  /** null: records are not kept. */
  readonly records: RecordSink | null;
  readonly log: Logger;
  readonly metrics: Metrics;
};

/** The place of a record that is durable; undefined when none are kept. Waits at most `ms` milliseconds.
 * Never rejects: whatever goes wrong is logged, counted, and for the caller a fault. */
export async function record(
  { records, log, metrics }: Recorder,
  entry: Entry,
  ms: number,
): Promise<Result<Recorded | undefined, RecordFault>> {
  if (records === null) return ok(undefined);
  const work = records.append(entry).catch((error: unknown) => {
    log.error({ err: error, id: entry.id }, 'a fault of Sekisho itself while recording');
    return fault('a fault of Sekisho itself; it is logged');
  });
  const done = await within(ms, work);
  const recorded = done === late ? fault('it took too long') : done;
  if (!recorded.ok) {
    metrics.recordFailed();
    log.error({ id: entry.id, cause: recorded.error.message }, 'a decision could not be recorded');
  }
  return recorded;
}

function fault(message: string): Result<never, RecordFault> {
  return err({ code: 'record-failed', message });
}
