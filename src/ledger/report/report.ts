// What a report over ledgers says: the data of every output format, and what `-o json` prints.
import type { Diagnostic } from '../../base/diagnostic.ts';
import type { Verification } from '../verify/finding.ts';
import type { Listed, Ranked } from './counter.ts';
import type { ExceptionFacts } from './decision-facts.ts';

/** `allowed` is without warning and exception: the first four add up to all decisions. */
export type DecisionCount = {
  allowed: number;
  warned: number;
  excused: number;
  denied: number;
  /** Among them: a rule could not be judged. */
  errors: number;
};

/** In how many decisions something of a policy, rule or control was so. */
export type EvaluationCount = {
  evaluated: number;
  denied: number;
  warned: number;
  /** Broken without a consequence: audit, or what AuditOnly would have denied. */
  noted: number;
  excused: number;
  errors: number;
};

export type Mark = { readonly at: string; readonly seq: number };

/** A record that can be looked up. */
export type Example = Mark & {
  readonly id: string;
  readonly replica: string;
  readonly user: string;
  readonly operation: string;
  readonly object: string;
  readonly message: string;
};

export type RuleRow = EvaluationCount & {
  readonly policy: string;
  readonly rule: string;
  readonly last: Example | null;
};

export type ExceptionRow = ExceptionFacts & {
  readonly uses: number;
  readonly first: string;
  readonly last: string;
  /** The first few. */
  readonly namespaces: readonly string[];
};

/** start, stop, reload. */
export type ChangeRow = Mark & {
  readonly replica: string;
  readonly kind: string;
  /** `accepted`, `refused`, or why it stopped. */
  readonly outcome: string;
  readonly from: string | null;
  readonly policySet: string | null;
  readonly revision: string | null;
  readonly mode: string | null;
  readonly faults: readonly string[];
};

export type PolicyInForce = {
  readonly name: string;
  readonly kind: string;
  readonly title: string;
  readonly controls: readonly string[];
};

/** A policy set that was in force in the period. */
export type LawRow = {
  readonly policySet: string;
  readonly revisions: readonly string[];
  readonly decisions: number;
  readonly first: string | null;
  readonly last: string | null;
  /** `kept`: it has the hash that names it. */
  readonly text: 'kept' | 'absent' | 'altered' | 'unread';
};

export type GapRow = Mark & {
  readonly replica: string;
  readonly from: string;
  readonly to: string;
  readonly cause: string;
  readonly denied: number;
  readonly allowed: number;
};

export type ControlRow = EvaluationCount & {
  /** `nist-800-190:4.4.3`. */
  readonly control: string;
  readonly title: string | null;
  readonly policies: readonly string[];
  readonly first: string | null;
  readonly last: string | null;
};

export type FrameworkPart = {
  readonly name: string;
  readonly title: string | null;
  readonly scope: string | null;
  readonly controls: readonly ControlRow[];
  /** That no policy in force names. */
  readonly uncovered: readonly { readonly control: string; readonly title: string }[];
};

/** A ledger as it was read. */
export type LedgerPart = {
  readonly path: string;
  readonly ledger: string;
  readonly replica: string;
  readonly cluster: string;
  readonly records: number;
  readonly first: Mark | null;
  readonly last: Mark | null;
  readonly inPeriod: {
    readonly records: number;
    readonly first: Mark | null;
    readonly last: Mark | null;
  };
  /** Numbers that no record has. */
  readonly missing: Listed<{ readonly from: number; readonly to: number }>;
  /** Records whose number is not above the one before. */
  readonly outOfOrder: number;
  /** Lines that are no records. */
  readonly damaged: number;
  /** Bytes of a crash's tail, never acknowledged. */
  readonly torn: number;
  /** Records of the period after the last one that a pinned key vouches for; null: not verified. */
  readonly uncovered: number | null;
};

export type LedgerReport = {
  /** RFC 3339; null: from the first record, to the last. */
  readonly period: { readonly from: string | null; readonly to: string | null };
  readonly madeAt: string;
  readonly madeBy: string;
  readonly framework: string | null;
  readonly ledgers: readonly LedgerPart[];
  /** null: no keys were given, nothing is proven. */
  readonly verification: Verification | null;
  readonly gaps: Listed<GapRow>;
  readonly totals: Totals;
  readonly days: Listed<{ readonly day: string } & DecisionCount>;
  readonly policies: Ranked<EvaluationCount>;
  readonly namespaces: Ranked<DecisionCount>;
  readonly users: Ranked<DecisionCount>;
  readonly rules: Listed<RuleRow>;
  readonly exceptions: Listed<ExceptionRow>;
  readonly laws: Listed<LawRow>;
  readonly changes: Listed<ChangeRow>;
  readonly unreadable: Ranked<{ count: number }>;
  readonly refused: Ranked<{ callers: number; records: number }>;
  readonly withdrawn: Listed<
    Mark & { readonly replica: string; readonly decision: string; readonly cause: string }
  >;
  readonly frameworks: readonly FrameworkPart[];
  readonly withoutControl: readonly string[];
  readonly unread: readonly Diagnostic[];
};

export type Totals = DecisionCount & {
  decisions: number;
  dryRun: number;
  auditOnly: number;
  wouldDeny: number;
  unreadable: number;
  refusedCallers: number;
  withdrawn: number;
  /** Records that were too large, and lack parts. */
  cut: number;
  /** Without a record, as the gaps say. */
  missedDenied: number;
  missedAllowed: number;
};
