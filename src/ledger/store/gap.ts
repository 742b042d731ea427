// Decisions that have no record, counted until a gap record can say so.
import type { GapBody } from '../format/kinds.ts';

export type Gap = Omit<GapBody, 'kind'>;

/** Decisions that were answered without a record, before the ledger could count them. */
export type Missing = Omit<Gap, 'to'>;

export type Gaps = {
  /** From now on something is missing, even if nothing was asked meanwhile. */
  begin(cause: string, at: string): void;
  missed(what: 'denied' | 'allowed', cause: string, at: string): void;
  /** Counted elsewhere: only a record is to say so. */
  add(missing: Missing): void;
  isOpen(): boolean;
  /** What a record would say now; undefined: nothing is missing. */
  open(at: string): Gap | undefined;
  /** A record of it is durable; what came on top stays open. */
  told(gap: Gap): void;
  /** Since the ledger was opened. */
  total(): { readonly gaps: number; readonly denied: number; readonly allowed: number };
};

export function createGaps(): Gaps {
  let from: string | undefined;
  let cause = '';
  const open = { denied: 0, allowed: 0 };
  const total = { gaps: 0, denied: 0, allowed: 0 };
  const begin = (why: string, at: string): void => {
    if (from !== undefined) return;
    from = at;
    cause = why;
    total.gaps += 1;
  };
  return {
    begin,
    missed(what, why, at) {
      begin(why, at);
      open[what] += 1;
      total[what] += 1;
    },
    add(missing) {
      begin(missing.cause, missing.from);
      open.denied += missing.denied;
      open.allowed += missing.allowed;
    },
    isOpen: () => from !== undefined,
    open: (at) => (from === undefined ? undefined : { from, to: at, cause, ...open }),
    told(gap) {
      open.denied -= gap.denied;
      open.allowed -= gap.allowed;
      from = open.denied + open.allowed > 0 ? gap.to : undefined;
    },
    total: () => ({ ...total }),
  };
}
