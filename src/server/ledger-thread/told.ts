// What the thread of the ledger tells: all that happens in one turn of its loop in one message.
import type { LedgerEvent } from '../../ledger/store/events.ts';
import type { LedgerState } from '../../ledger/store/options.ts';
import type { News, Outcome } from './messages.ts';

export type Told = {
  outcome(outcome: Outcome): void;
  event(event: LedgerEvent): void;
  /** Now, not at the end of the turn. */
  flush(): void;
};

/** `state`: undefined while the ledger is being opened, and nothing is told. */
export function createTold(post: (news: News) => void, state: () => LedgerState | undefined): Told {
  let outcomes: Outcome[] = [];
  let events: LedgerEvent[] = [];
  let isDue = false;
  const flush = (): void => {
    isDue = false;
    const now = state();
    if (now === undefined || outcomes.length + events.length === 0) return;
    post({ kind: 'went-on', outcomes, events, state: now });
    [outcomes, events] = [[], []];
  };
  const soon = (): void => {
    if (!isDue) process.nextTick(flush);
    isDue = true;
  };
  return {
    outcome(outcome) {
      outcomes.push(outcome);
      soon();
    },
    event(event) {
      events.push(event);
      soon();
    },
    flush,
  };
}
