// What a ledger says of itself as it goes by: how much there is, from when to when, gaps, what retention removed, its end.
import { get } from '../../base/json.ts';
import { type RemovedSegment, removedSegments } from '../format/kinds.ts';
import { found, type Mark, type Remark } from './finding.ts';
import type { Seen } from './scan.ts';

/** `by`, `run`: the record that declares it. */
export type Retained = RemovedSegment & { readonly by: number; readonly run: number };

export type Tally = {
  watch(seen: Seen): void;
  readonly state: {
    records: number;
    first: Mark | null;
    last: Mark | null;
    /** Kinds of the last two records: a ledger that was stopped ends with stop, checkpoint. */
    ending: readonly [string, string];
    gaps: { count: number; denied: number; allowed: number };
    readonly retained: Retained[];
    readonly remarks: Remark[];
  };
};

/** Enough for people and programs; the sums count all of them. */
const maxRemarks = 1000;
const maxRetained = 20_000;

export function createTally(): Tally {
  const state: Tally['state'] = {
    ...{ records: 0, first: null, last: null, ending: ['', ''] },
    ...{ gaps: { count: 0, denied: 0, allowed: 0 }, retained: [], remarks: [] },
  };

  function gap({ link, spot, record }: Seen): void {
    const said = record();
    const [denied, allowed] = ['denied', 'allowed'].map((key) => countOf(get(said, key)));
    const [from, to, cause] = ['from', 'to', 'cause'].map((key) => String(get(said, key) ?? ''));
    state.gaps.count += 1;
    state.gaps.denied += denied ?? 0;
    state.gaps.allowed += allowed ?? 0;
    if (state.remarks.length >= maxRemarks) return;
    const text = `${denied} denied and ${allowed} allowed without a record, ${from} to ${to}: ${cause}`;
    state.remarks.push(found('gap', spot, [link.seq, null], text));
  }

  return {
    state,
    watch(seen) {
      const { link } = seen;
      state.records += 1;
      state.first ??= { seq: link.seq, at: link.at };
      state.last = link;
      state.ending = [state.ending[1], link.kind];
      if (link.kind === 'gap') gap(seen);
      else if (link.kind === 'retention') {
        const declared = { by: link.seq, run: seen.run };
        state.retained.push(
          ...removedSegments(seen.record()).map((file) => ({ ...file, ...declared })),
        );
        if (state.retained.length > maxRetained) state.retained.splice(0, maxRetained / 2);
      }
    },
  };
}

/** Threat: a number below nothing would make up for other gaps. */
function countOf(value: unknown): number {
  return Number.isSafeInteger(value) ? Math.max(0, Number(value)) : 0;
}

export function isStopped([before, last]: readonly [string, string]): boolean {
  return last === 'stop' || (before === 'stop' && last === 'checkpoint');
}
