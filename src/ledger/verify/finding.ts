// What verification says: findings (faults), and notes that are none. One cause is one finding.
import type { Diagnostic } from '../../base/diagnostic.ts';

export const faultKinds = {
  altered: 'is not what was written',
  removed: 'is gone',
  inserted: 'was not written by this ledger',
  reordered: 'is not where it was written',
  truncated: 'the end is gone',
  resealed: 'was signed again by a key that was not its own',
  foreign: 'is of another ledger or replica',
  replayed: 'stands at another place than its own',
  unsigned: 'no pinned key vouches for it',
  unwitnessed: 'the API server knows nothing of it',
  unrecorded: 'the API server saw it, and the ledger has it not',
} as const;
export type FaultKind = keyof typeof faultKinds;

export const remarkKinds = {
  torn: 'bytes that were never acknowledged',
  gap: 'decisions without a record, as the ledger itself declares',
  retention: 'older segments were removed, as the ledger itself declares',
  uncovered: 'records that no checkpoint covers yet',
  open: 'the ledger does not end with a stop',
  root: 'a new root key that the pinned list has',
  stale: 'the newest checkpoint beside the ledger is missing or old',
  partial: 'only some segments were given',
} as const;
export type RemarkKind = keyof typeof remarkKinds;

export type Place = {
  /** As the path was given, with the name of the file. */
  readonly file: string;
  /** From 1; 0 for the file as a whole. */
  readonly line: number;
};

export type Found<Kind> = Place & {
  readonly kind: Kind;
  /** The first record that it is about; null when none can be named. */
  readonly seq: number | null;
  /** The last one. */
  readonly to: number | null;
  /** A sentence without its full stop. */
  readonly message: string;
};

export type Finding = Found<FaultKind>;
export type Remark = Found<RemarkKind>;

export function found<Kind>(
  kind: Kind,
  { file, line }: Place,
  seqs: readonly [from: number | null, to: number | null],
  message: string,
): Found<Kind> {
  return { kind, file, line, seq: seqs[0], to: seqs[1] ?? seqs[0], message };
}

/** `record 5`, `records 5 to 9`. */
export function recordsText(from: number, to: number): string {
  return from === to ? `record ${from}` : `records ${from} to ${to}`;
}

export type Mark = { readonly seq: number; readonly at: string };

export type LedgerSummary = {
  readonly path: string;
  readonly ledger: string | null;
  readonly replica: string | null;
  readonly cluster: string | null;
  readonly segments: number;
  /** Uncompressed. */
  readonly bytes: number;
  readonly records: number;
  readonly first: Mark | null;
  readonly last: Mark | null;
  /** Whose signature holds. */
  readonly checkpoints: number;
  readonly epochs: { readonly first: number; readonly last: number } | null;
  /** Up to here a pinned key vouches. */
  readonly covered: Mark | null;
  readonly gaps: { readonly count: number; readonly denied: number; readonly allowed: number };
};

export type Verification = {
  readonly ledgers: readonly LedgerSummary[];
  readonly findings: readonly Finding[];
  readonly remarks: readonly Remark[];
  /** Findings and remarks beyond those that are listed. */
  readonly more: number;
  readonly witness: WitnessSummary | null;
  /** What could not be read: nothing is proven then. */
  readonly unread: readonly Diagnostic[];
};

export type WitnessSummary = {
  readonly files: number;
  /** That name a record of some ledger. */
  readonly events: number;
  readonly from: string | null;
  readonly to: string | null;
  /** Events whose record is there as they name it. */
  readonly matched: number;
  /** Records within the log's time that an event names. */
  readonly witnessed: number;
  /** Records within the log's time for which it cannot be told whether the log should have them. */
  readonly untold: number;
  /** Answers that say that they could not be recorded. */
  readonly withoutRecord: number;
  /** Requests that the API server let pass because a webhook did not answer. */
  readonly failedOpen: number;
  /** Lines that are no events. */
  readonly unreadable: number;
};
