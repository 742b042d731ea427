// What reports of tests are made of: one entry for each case, and what is said at the end.
import type { Diagnostic } from '../../base/diagnostic.ts';
import type { Decision, SourcePosition } from '../../model/decision.ts';
import type { Format } from '../report.ts';

export type Difference = {
  /** The field of `expect`; `unknown` is never expected. */
  readonly field:
    | 'allowed'
    | 'denied'
    | 'warned'
    | 'excused'
    | 'wouldDeny'
    | 'errors'
    | 'findings'
    | 'warnings'
    | 'message'
    | 'unknown';
  readonly expected: string;
  readonly got: string;
};

export type CaseEntry = {
  readonly name: string;
  readonly place: SourcePosition;
  /** None: the case holds. */
  readonly differences: readonly Difference[];
  readonly decision: Decision;
};

export type CaseSummary = {
  readonly cases: number;
  readonly passed: number;
  readonly failed: number;
};

export type CaseClosing = {
  readonly summary: CaseSummary;
  readonly faults: readonly Diagnostic[];
};

/** `allowed: expected denied, got allowed`. */
export function differenceText({ field, expected, got }: Difference): string {
  return `${field}: expected ${expected}, got ${got}`;
}

export type CaseFormat = Format<CaseEntry, CaseClosing>;

/** As programs get it. */
export function caseForJson({ name, place, differences, decision }: CaseEntry): object {
  return { name, ...place, passed: differences.length === 0, differences, decision };
}
