// How complete a ledger is by its own numbers: the whole of it, whatever period is asked for. Numbers can be made up:
// what proves that nothing was changed is the verification with pinned keys.
import { createList } from './counter.ts';
import type { LedgerRecord, Oddity, Source } from './records.ts';
import type { LedgerPart, Mark } from './report.ts';

export type Sequence = {
  see(at: LedgerRecord, isInPeriod: boolean): void;
  odd(oddity: Oddity): void;
  part(): LedgerPart;
};

const mostMissing = 100;

/** `covered`: the last seq that a pinned key vouches for; null: not verified. */
export function createSequence(source: Source, covered: number | null): Sequence {
  const missing = createList<{ readonly from: number; readonly to: number }>(mostMissing);
  const state = { records: 0, outOfOrder: 0, damaged: 0, torn: 0, uncovered: 0 };
  const period: { records: number; first: Mark | null; last: Mark | null } = {
    ...{ records: 0, first: null, last: null },
  };
  let first: Mark | null = null;
  let last: Mark | null = null;

  return {
    see({ seq, at, kind }, isInPeriod) {
      state.records += 1;
      if (last !== null && seq <= last.seq) state.outOfOrder += 1;
      else if (last !== null && seq > last.seq + 1)
        missing.add({ from: last.seq + 1, to: seq - 1 });
      const mark = { at, seq };
      first ??= mark;
      last = mark;
      if (!isInPeriod) return;
      period.records += 1;
      period.first ??= mark;
      period.last = mark;
      // The record that holds a checkpoint follows what it covers, and its note is what was verified.
      const isLastNote = kind === 'checkpoint' && seq === (covered ?? 0) + 1;
      if (covered !== null && seq > covered && !isLastNote) state.uncovered += 1;
    },
    odd(oddity) {
      if (oddity.kind === 'damaged') state.damaged += 1;
      else if (oddity.kind === 'torn') state.torn += oddity.bytes;
    },
    part() {
      const { path, ledger, replica, cluster } = source;
      const { uncovered, ...counts } = state;
      return {
        ...{ path, ledger, replica, cluster, ...counts, first, last, inPeriod: { ...period } },
        ...{ missing: missing.listed(), uncovered: covered === null ? null : uncovered },
      };
    },
  };
}
