// What reports are made of: one entry for each decision, and what is said at the end.
import type { Diagnostic } from '../base/diagnostic.ts';
import type { Decision, SourcePosition } from '../model/decision.ts';

export type Source = {
  readonly file: string;
  /** Among the documents of the file, from 0. */
  readonly document: number;
  /** Of the object, from 1. */
  readonly line: number;
  /** What was assumed about the object; absent when nothing was. */
  readonly notes?: readonly string[];
};

/** A decision with where its object stands: what `-o json` prints. */
export type CheckedDecision = { readonly source: Source } & Decision;

export type Entry = {
  readonly checked: CheckedDecision;
  /** Where the object begins. */
  readonly place: SourcePosition;
};

/** `attempts`, `allowed`, `denied`, `warned` count attempts; `errors` and `unknown` count results. */
export type Summary = {
  readonly attempts: number;
  readonly allowed: number;
  readonly denied: number;
  readonly warned: number;
  readonly errors: number;
  readonly unknown: number;
};

export type Closing = {
  readonly summary: Summary;
  readonly faults: readonly Diagnostic[];
  /** Results that are neither a skip nor unknown. */
  readonly rulesRun: number;
  /** Results of image policies that no registry was asked for. */
  readonly notVerified: number;
  /** False when nothing could be decided at all, for the faults. */
  readonly ran: boolean;
};

export type Tally = {
  add(decision: Decision): void;
  summary(): Summary;
  rulesRun(): number;
  notVerified(): number;
};

export function createTally(): Tally {
  let [attempts, allowed, warned, errors, unknown, rulesRun] = [0, 0, 0, 0, 0, 0];
  let notVerified = 0;
  return {
    add(decision) {
      attempts += 1;
      if (decision.allowed) allowed += 1;
      if (decision.warnings.length > 0) warned += 1;
      for (const { evaluation, code } of decision.results) {
        if (code === 'images-not-verified') notVerified += 1;
        if (evaluation === 'error') errors += 1;
        if (evaluation === 'unknown') unknown += 1;
        else if (evaluation !== 'skip') rulesRun += 1;
      }
    },
    summary: () => ({ attempts, allowed, denied: attempts - allowed, warned, errors, unknown }),
    rulesRun: () => rulesRun,
    notVerified: () => notVerified,
  };
}
