// What was sent to the thread of the ledger and is not answered yet. Bounded: a thread that stands still costs answers,
// not memory.
import type { Result } from '../../base/result.ts';
import type { LedgerEntry, Recorded } from '../../ledger/entry.ts';
import { maxLine } from '../../ledger/format/chain.ts';
import type { Missed } from '../../ledger/store/missed.ts';
import type { RecordFault } from '../../ledger/store/queue.ts';
import type { Outcome } from './messages.ts';

export type Sent = {
  readonly missed: Missed;
  /** Sent once more when the thread was lost; null for what is somebody's answer, and is lost then. */
  readonly entry: LedgerEntry | null;
  /** The id of a decision that allows. */
  readonly allows: string | null;
  /** Of what came in. */
  readonly bytes: number;
  /** Monotonic. */
  readonly since: number;
  readonly done: (result: Result<Recorded, RecordFault>) => void;
};

export type Waiting = {
  /** The ticket; undefined: there is no room. */
  add(sent: Sent): number | undefined;
  answered(outcome: Outcome): void;
  /** All of it, in its order; nothing waits any more. */
  takeAll(): readonly Sent[];
  /** When the oldest was sent; undefined: nothing waits. */
  since(): number | undefined;
  held(): number;
};

export function createWaiting(mostBytes: number): Waiting {
  const waiting = new Map<number, Sent>();
  let tickets = 0;
  let held = 0;
  return {
    add(sent) {
      const weight = weightOf(sent);
      if (sent.missed !== 'waits' && held > 0 && held + weight > mostBytes) return undefined;
      tickets += 1;
      held += weight;
      waiting.set(tickets, sent);
      return tickets;
    },
    answered({ ticket, result }) {
      const sent = waiting.get(ticket);
      if (sent === undefined) return;
      waiting.delete(ticket);
      held -= weightOf(sent);
      sent.done(result);
    },
    takeAll() {
      const all = [...waiting.values()];
      waiting.clear();
      held = 0;
      return all;
    },
    since: () => waiting.values().next().value?.since,
    held: () => held,
  };
}

/** What it comes to in the thread, where it is read and becomes a record of at most so much. */
function weightOf({ bytes }: Sent): number {
  return Math.min(bytes, maxLine);
}
