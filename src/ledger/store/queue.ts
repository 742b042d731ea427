// What waits to be written. Bounded: a disk that stands still costs answers, not memory.
import type { Result } from '../../base/result.ts';
import type { Head } from '../format/chain.ts';
import type { Body } from './line.ts';
import type { Missed } from './missed.ts';

export type RecordFault = { readonly code: 'record-failed'; readonly message: string };

export function unavailable(cause: string): RecordFault {
  return { code: 'record-failed', message: `audit log unavailable: ${cause}` };
}

export type Pending = {
  readonly body: Body;
  readonly bytes: number;
  readonly missed: Missed;
  /** Made durable before the record is. */
  readonly before?: () => Promise<void>;
  /** Done once the record is durable; what fails here has failed for itself. */
  readonly after?: () => Promise<void>;
  readonly done: (result: Result<Head, RecordFault>) => void;
};

export type Queue = {
  /** False: there is no room. */
  add(pending: Pending): boolean;
  isEmpty(): boolean;
  /** All of it. They count as held until `release`. */
  take(): readonly Pending[];
  release(batch: readonly Pending[]): void;
  /** Back to the front, in their order. */
  giveBack(batch: readonly Pending[]): void;
  /** Bytes that are held. */
  held(): number;
};

/** Records that wait through an outage. */
const mostWaiting = 1_000;

export function createQueue(mostBytes: number): Queue {
  let waiting: Pending[] = [];
  let held = 0;
  return {
    add(pending) {
      const isTooMuch = held > 0 && held + pending.bytes > mostBytes;
      const isLate = pending.missed === 'waits' && waiting.length >= mostWaiting;
      if (pending.missed === 'waits' ? isLate : isTooMuch) return false;
      held += pending.bytes;
      waiting.push(pending);
      return true;
    },
    isEmpty: () => waiting.length === 0,
    take() {
      const batch = waiting;
      waiting = [];
      return batch;
    },
    release(batch) {
      for (const { bytes } of batch) held -= bytes;
    },
    giveBack(batch) {
      waiting = [...batch, ...waiting];
    },
    held: () => held,
  };
}
