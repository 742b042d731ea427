// What can be recorded: decisions, bytes that could not be decided, and what happens to the gate itself.
// The ledger adds its own records to these: docs/decisions/0003-ledger.md.
import type { Code } from '../base/codes.ts';
import type { JsonValue } from '../base/json.ts';
import type { Attempt } from '../model/attempt.ts';
import type { Decision } from '../model/decision.ts';

/** Milliseconds: waiting for a turn, reading the review, deciding. Recording cannot tell its own time. */
export type Stages = { readonly queue: number; readonly read: number; readonly decide: number };

export type DecisionEntry = {
  readonly kind: 'decision';
  /** UUIDv7, made by the caller. */
  readonly id: string;
  readonly attempt: Attempt;
  /** What the attempt was read from: not in the record, but it is read again where it stands for the attempt. */
  readonly body?: Uint8Array;
  readonly decision: Decision;
  readonly engineVersion: string;
  /** From arrival to the end of the decision. */
  readonly durationMs: number;
  readonly stages?: Stages;
  /** Where the policy set came from: a commit, say. */
  readonly revision?: string | null;
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

/** The law in force. `policies`: its text, kept beside the records; not a member of them. */
type LawInForce = {
  /** null: none is loaded. */
  readonly policySet: string | null;
  readonly revision: string | null;
  readonly policies: string | null;
};

export type StartEntry = LawInForce & {
  readonly kind: 'start';
  readonly id: string;
  readonly engine: string;
  readonly node: string;
  readonly mode: 'Enforce' | 'AuditOnly' | null;
  /** No secrets: where these are, at most. */
  readonly settings: Readonly<Record<string, JsonValue>>;
};

export type ReloadEntry = LawInForce & {
  readonly kind: 'reload';
  readonly id: string;
  readonly outcome: 'accepted' | 'refused';
  /** The policy set before. */
  readonly from: string | null;
  readonly warnings: readonly string[];
  readonly faults: readonly string[];
};

export type RedactionEntry = {
  readonly kind: 'redaction';
  readonly id: string;
  readonly rules: readonly string[];
  readonly digest: string;
  readonly keyed: boolean;
};

/** Callers that never got to ask. */
export type RefusedEntry = {
  readonly kind: 'refused';
  readonly id: string;
  readonly count: number;
  readonly from: string;
  readonly to: string;
  readonly sample: { readonly cause: string; readonly address: string };
};

/** A decision was recorded, but too late for its answer, which was a denial. */
export type WithdrawnEntry = {
  readonly kind: 'withdrawn';
  readonly id: string;
  readonly decision: string;
  readonly cause: string;
};

export type LedgerEntry =
  | DecisionEntry
  | UnreadableEntry
  | StartEntry
  | ReloadEntry
  | RedactionEntry
  | RefusedEntry
  | WithdrawnEntry;

/** `sum` is the head of the chain after the record. */
export type Recorded = { readonly seq: number; readonly sum: string };
