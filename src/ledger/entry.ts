// What can be recorded: a decision, or bytes that reached us and could not be decided.
import type { Code } from '../base/codes.ts';
import type { Attempt } from '../model/attempt.ts';
import type { Decision } from '../model/decision.ts';

export type DecisionEntry = {
  readonly kind: 'decision';
  /** UUIDv7, made by the caller. */
  readonly id: string;
  readonly attempt: Attempt;
  readonly decision: Decision;
  readonly engineVersion: string;
  readonly durationMs: number;
};

export type UnreadableEntry = {
  readonly kind: 'unreadable';
  readonly id: string;
  readonly at: string;
  readonly code: Code;
  readonly message: string;
  readonly uid: string | null;
  /** null where the body was not read to its end. */
  readonly bytes: number | null;
  readonly sha256: string | null;
  /** What could not be decided was allowed: the settings refuse nothing. */
  readonly mode?: 'AuditOnly';
};

export type LedgerEntry = DecisionEntry | UnreadableEntry;

/** `sum` is the head of the chain after the record. */
export type Recorded = { readonly seq: number; readonly sum: string };
