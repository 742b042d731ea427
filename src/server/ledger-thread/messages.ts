// What goes to the thread of the ledger and what comes back: plain data, several records to a message.
import type { Diagnostic } from '../../base/diagnostic.ts';
import type { Result } from '../../base/result.ts';
import type { LedgerEntry, Recorded } from '../../ledger/entry.ts';
import type { LedgerEvent } from '../../ledger/store/events.ts';
import type { Missing } from '../../ledger/store/gap.ts';
import type { LedgerOptions, LedgerState } from '../../ledger/store/options.ts';
import type { RecordFault } from '../../ledger/store/queue.ts';
import type { SentDecision } from './sent-decision.ts';

/** What a thread begins with. */
export type Opening = Pick<
  LedgerOptions,
  | 'folder'
  | 'replica'
  | 'cluster'
  | 'engine'
  | 'rotate'
  | 'retain'
  | 'checkpointEvery'
  | 'onFailure'
> & {
  readonly digestKey: Uint8Array | null;
  readonly oldestNeeded: number;
};

export type Order =
  | { readonly kind: 'append'; readonly records: readonly Ticketed[] }
  /** Decisions that were answered without ever coming here, since `from` (RFC 3339). */
  | { readonly kind: 'missed'; readonly missing: Missing }
  /** The lowest sequence number that an exporter has not sent. */
  | { readonly kind: 'needed'; readonly seq: number }
  | { readonly kind: 'close'; readonly reason: string | undefined };

export type Ticketed = {
  /** Names the record in the answer. */
  readonly ticket: number;
  readonly entry: SentDecision | LedgerEntry;
};

export type News =
  | { readonly kind: 'refused'; readonly fault: Diagnostic }
  | { readonly kind: 'opened'; readonly state: LedgerState }
  | {
      readonly kind: 'went-on';
      readonly outcomes: readonly Outcome[];
      readonly events: readonly LedgerEvent[];
      readonly state: LedgerState;
    }
  | { readonly kind: 'closed'; readonly state: LedgerState };

export type Outcome = {
  readonly ticket: number;
  readonly result: Result<Recorded, RecordFault>;
};
