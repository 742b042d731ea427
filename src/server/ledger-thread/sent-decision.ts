// A decision on its way to the thread of the ledger. Its objects go as the bytes that they were read from, and are read
// again there: bytes cost a tenth of what values do. Rules that passed are sent once, not with every decision.
import type { DecisionEntry, LedgerEntry } from '../../ledger/entry.ts';
import { createPassedLists } from '../../ledger/passed-lists.ts';
import type { Attempt } from '../../model/attempt.ts';
import type { Decision, RuleResult } from '../../model/decision.ts';
import { decodeReview } from '../../review/decode.ts';
import { parseAgain } from '../../yaml/json.ts';

export type SentDecision = Omit<DecisionEntry, 'kind' | 'attempt' | 'decision' | 'body'> & {
  readonly kind: 'sent-decision';
  readonly body: Uint8Array<ArrayBuffer>;
  readonly now: string;
  readonly deadline: number | null;
  readonly decision: Omit<Decision, 'results'>;
  /** The slot of the list of results. */
  readonly slot: number | null;
  /** Absent where the slot holds them already. */
  readonly results?: readonly RuleResult[];
};

/** Each thread has one: what it has sent is what the other side keeps. What was not read from bytes goes as it is. */
export function createSender(): (entry: LedgerEntry) => SentDecision | LedgerEntry {
  const lists = createPassedLists();
  return (entry) => {
    if (entry.kind !== 'decision' || entry.body === undefined) return entry;
    const { attempt, decision: given, body, ...members } = entry;
    const { results, ...decision } = given;
    const known = lists.find(results);
    return {
      ...members,
      kind: 'sent-decision',
      // Of its own: what a request came in may be used for the next.
      body: new Uint8Array(body),
      now: attempt.now,
      deadline: attempt.deadline,
      decision,
      slot: known ?? lists.keep(results) ?? null,
      ...(known === undefined ? { results } : {}),
    };
  };
}

/** Throws when it is not what a sender made. */
export function createReceiver(): (sent: SentDecision) => DecisionEntry {
  const lists: (readonly RuleResult[])[] = [];
  return ({ body, now, deadline, decision, slot, results: given, ...members }) => {
    const results = given ?? (slot === null ? undefined : lists[slot]);
    if (results === undefined) throw new Error('the results of a decision were not sent');
    if (slot !== null) lists[slot] = results;
    const attempt = readAgain(body, { now, deadline });
    return { ...members, kind: 'decision', attempt, decision: withResults(decision, results) };
  };
}

/** The same was made of these bytes before: a fault is one of ours. */
function readAgain(body: Uint8Array, context: Pick<Attempt, 'now' | 'deadline'>): Attempt {
  const decoded = decodeReview(parseAgain(body), context);
  if (!decoded.ok) throw new Error(`a request cannot be read again: ${decoded.error.code}`);
  return decoded.value;
}

/** Members in the order of their type, which is that of records. */
function withResults(
  { warnings, auditAnnotations, inputs, celCost, ...first }: Omit<Decision, 'results'>,
  results: readonly RuleResult[],
): Decision {
  const cost = celCost === undefined ? {} : { celCost };
  return { ...first, results, warnings, auditAnnotations, inputs, ...cost };
}
