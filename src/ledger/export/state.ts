// What an exporter tells of itself: counts, how far it is behind, what went wrong last. Bounded, whatever happens.
import type { Cursor } from './cursor.ts';
import type { FaultCause, SinkFault } from './sink.ts';
import type { Oddity } from './source.ts';

export type ExportState = {
  readonly sentRecords: number;
  readonly sentBytes: number;
  readonly sentBatches: number;
  readonly failures: ReadonlyMap<FaultCause, number>;
  /** Waits for somebody to do something. */
  readonly halted: boolean;
  readonly missing: number;
  readonly damaged: number;
  readonly unfitCursors: number;
  /** Of the batch in hand. */
  readonly heldRecords: number;
  readonly heldBytes: number;
  readonly lagRecords: number;
  /** How old the oldest record is that has not been sent; 0 when all have been. */
  readonly lagSeconds: number;
  /** The last record that the sink has confirmed; 0 for none. */
  readonly seq: number;
  readonly lastError: { readonly fault: SinkFault; readonly at: number } | null;
};

type Counters = {
  -readonly [Name in keyof Omit<
    ExportState,
    'lagRecords' | 'lagSeconds' | 'failures'
  >]: ExportState[Name];
};

export type Progress = {
  /** The cursor that is on the disk. */
  kept: Cursor | null;
  /** When the first record of the batch in hand was made. */
  oldest: number | null;
  readonly failures: Map<FaultCause, number>;
  readonly counters: Counters;
};

export function createProgress(): Progress {
  return {
    kept: null,
    oldest: null,
    failures: new Map(),
    counters: {
      ...{ sentRecords: 0, sentBytes: 0, sentBatches: 0, missing: 0, damaged: 0 },
      ...{ unfitCursors: 0, heldRecords: 0, heldBytes: 0, seq: 0, halted: false, lastError: null },
    },
  };
}

export function noteFault({ counters, failures }: Progress, fault: SinkFault, at: number): void {
  failures.set(fault.cause, (failures.get(fault.cause) ?? 0) + 1);
  counters.lastError = { fault, at };
  counters.halted = fault.kind === 'halt';
}

export function noteOddity({ counters }: Progress, oddity: Oddity): void {
  if (oddity.kind === 'missing') counters.missing += oddity.to - oddity.from + 1;
  else counters.damaged += 1;
}

export function viewOf(progress: Progress, durable: number, now: number): ExportState {
  const { counters, failures, oldest } = progress;
  const lagRecords = Math.max(0, durable - counters.seq);
  const age = oldest === null ? 0 : Math.max(0, now - oldest) / 1000;
  return { ...counters, failures, lagRecords, lagSeconds: lagRecords === 0 ? 0 : age };
}
