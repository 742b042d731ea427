// What the threads of the ledger said of themselves: counts go on where one takes over from another.
import type { LedgerState } from '../../ledger/store/options.ts';

type Missed = LedgerState['missed'];

export type Totals = {
  tell(state: LedgerState): void;
  /** The thread is gone: nothing is written until the next one says so. */
  lost(): void;
  /** With `missed` on top. */
  state(missed?: Missed): LedgerState;
};

const none: Missed = { denied: 0, allowed: 0 };
const nothing = { available: false, segment: null, heldBytes: 0, gaps: 0, missed: none };

export function createTotals(): Totals {
  let now: LedgerState = { ...nothing, seq: 0 };
  let before = { gaps: 0, missed: none };
  return {
    tell(state) {
      now = state;
    },
    lost() {
      before = { gaps: before.gaps + now.gaps, missed: sum(before.missed, now.missed) };
      now = { ...nothing, seq: now.seq };
    },
    state(missed = none) {
      const all = sum(sum(before.missed, now.missed), missed);
      return { ...now, gaps: before.gaps + now.gaps, missed: all };
    },
  };
}

function sum(a: Missed, b: Missed): Missed {
  return { denied: a.denied + b.denied, allowed: a.allowed + b.allowed };
}
