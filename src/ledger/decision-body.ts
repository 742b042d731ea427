// What a record of a decision holds, beside the members of the chain.
import type { JsonValue } from '../base/json.ts';
import type { Attempt } from '../model/attempt.ts';
import type { Decision, RuleResult } from '../model/decision.ts';
import type { Stages } from './entry.ts';

/** The objects may be redacted, a difference, or only digests of them. */
export type RecordedAttempt = Omit<Attempt, 'object' | 'oldObject' | 'options'> & {
  readonly object: JsonValue;
  readonly oldObject: JsonValue;
  readonly options: JsonValue;
};

/** A rule that passed has only the members that say something. */
export type RecordedResult =
  | RuleResult
  | (Pick<RuleResult, 'policy' | 'kind' | 'rule' | 'evaluation'> & Partial<RuleResult>);

/** One place that is not as it was sent. */
export type RedactedPlace = { readonly pointer: string; readonly digest: string | null };

export type DecisionBody = {
  readonly kind: 'decision';
  readonly id: string;
  readonly at: string;
  readonly clock?: 'stepped';
  readonly replica: string;
  readonly cluster: string;
  readonly engine: string;
  readonly revision: string | null;
  readonly durationMs: number;
  readonly stages: Stages | null;
  readonly attempt: RecordedAttempt;
  readonly decision: Decision;
  readonly redacted: readonly RedactedPlace[];
  readonly cut: readonly string[];
};
