// Bytes to an answer: read, decide, record, and only then reply. Whenever the uid can be read the answer is a review
// with HTTP 200; only what cannot be tied to a uid is 400, 413 or 415 with a code and a message.
import { messageOf } from '../base/cause.ts';
import { err, type Result } from '../base/result.ts';
import type { admit } from '../engine/admit.ts';
import type { Turn } from '../engine/ports.ts';
import type { LedgerEntry, Recorded, Stages } from '../ledger/entry.ts';
import type { RecordFault } from '../ledger/store/queue.ts';
import type { Attempt } from '../model/attempt.ts';
import { type DecodeContext, type DecodeFault, decodeReview } from '../review/decode.ts';
import { prepareReview } from '../review/encode.ts';
import { peekUid } from '../review/uid.ts';
import { parseJson } from '../yaml/json.ts';
import type { Capacity } from './capacity.ts';
import { type Deadline, deadlineOf } from './deadline.ts';
import { judge } from './judge.ts';
import type { Limits } from './limits.ts';
import { record } from './records.ts';
import {
  type Answer,
  notDecided,
  overloaded,
  placed,
  type RefuseDeps,
  type Refused,
  refused,
  review,
  unreadable,
} from './refuse.ts';

export type Question = {
  readonly body: Uint8Array;
  /** Only policies of this entry of the webhook configuration; undefined: all. */
  readonly entry: string | undefined;
  /** `?timeout=` as sent. */
  readonly timeout: unknown;
  /** Time since the request arrived. */
  readonly turn: Turn;
};

export type AnswerDeps = RefuseDeps & {
  readonly limits: Limits;
  /** Requests that are decided at once. */
  readonly deciding: Capacity;
  /** Bytes of bodies that are held at once. */
  readonly bodies: Capacity;
  readonly engineVersion: string;
  /** What is done with a decision that allows and cannot be recorded. */
  readonly onFailure: 'deny' | 'allow';
  readonly admit: typeof admit;
};

/** Answers one request to a `/validate` path. `seen` is told the uid as soon as it is known. */
export async function answer(
  deps: AnswerDeps,
  question: Question,
  seen: (uid: string) => void,
): Promise<Answer> {
  const deadline = deadlineOf(question.timeout);
  // Who waits longer than this has no time left to be decided in.
  const patience = deadline.decide / 2 - question.turn.elapsed();
  const leave = await deps.deciding.enter(1, patience);
  if (leave === undefined) return overloaded(deps, question);
  try {
    return await readAndDecide(deps, { ...question, leave }, deadline, seen);
  } finally {
    leave();
  }
}

type Entered = Question & { readonly leave: () => void };

async function readAndDecide(
  deps: AnswerDeps,
  question: Entered,
  deadline: Deadline,
  seen: (uid: string) => void,
): Promise<Answer> {
  const context = { now: deps.now(), deadline: deadline.decide };
  const queue = question.turn.elapsed();
  const decoded = decode(question.body, deps.limits, context);
  if (!decoded.ok) {
    return unreadable(deps, { ...decoded.error, body: question.body }, question.turn);
  }
  seen(decoded.value.uid);
  const read = question.turn.elapsed() - queue;
  return decided(deps, decoded.value, deadline, { ...question, queue, read });
}

function decode(
  body: Uint8Array,
  { bodyBytes, depth }: Limits,
  context: DecodeContext,
): Result<Attempt, DecodeFault> {
  if (body.length === 0) return err({ ...refused('review-empty'), uid: null });
  const parsed = parseJson(body, { maxBytes: bodyBytes, maxDepth: depth });
  return parsed.ok ? decodeReview(parsed.value, context) : err(notParsed(parsed.error, body));
}

/** JSON that is not taken for what it is, not for being none: it begins with the uid, and is answered with it. */
function notParsed({ code, message }: Refused, body: Uint8Array): DecodeFault {
  const isJson = code === 'review-too-deep' || code === 'review-duplicate-key';
  return { code, message, uid: (isJson ? peekUid(body) : undefined) ?? null };
}

async function decided(
  deps: AnswerDeps,
  attempt: Attempt,
  deadline: Deadline,
  { body, entry: asked, turn, leave, queue, read }: Entered & Omit<Stages, 'decide'>,
): Promise<Answer> {
  const revision = deps.law()?.revision ?? null;
  const options = asked === undefined ? {} : { entry: asked };
  const decision = await judge(deps, attempt, { turn, leave }, options);
  const id = deps.newId();
  const { engineVersion } = deps;
  const durationMs = turn.elapsed();
  const stages = { queue, read, decide: durationMs - queue - read };
  const made = { kind: 'decision', id, attempt, body, decision, engineVersion } as const;
  const entry: LedgerEntry = { ...made, revision, durationMs, stages };
  const { uid } = attempt;
  const { allowed } = decision;
  const answersAnyway = allowed && deps.onFailure === 'allow';
  const recorded = record(deps, entry, deadline.answer - turn.elapsed(), (work) =>
    allowed && !answersAnyway ? withdraw(deps, id, work) : Promise.resolve(),
  );
  const counted = deps.metrics.decided(decision);
  const prepared = prepareReview(uid, decision, id);
  return settled(deps, { uid, id, answersAnyway, recorded, turn, counted, prepared });
}

type Waiting = {
  readonly uid: string;
  readonly id: string;
  readonly answersAnyway: boolean;
  readonly recorded: ReturnType<typeof record>;
  readonly turn: Turn;
  readonly counted: ReturnType<AnswerDeps['metrics']['decided']>;
  readonly prepared: ReturnType<typeof prepareReview>;
};

/** Neither attempt nor decision is held while the disk is waited for: memory that waits is copied time and again. */
async function settled(
  deps: AnswerDeps,
  { uid, id, answersAnyway, recorded: work, turn, counted, prepared }: Waiting,
): Promise<Answer> {
  const recorded = await work;
  counted(recorded.ok || answersAnyway, turn.elapsed() / 1000);
  if (recorded.ok) return review(prepared(placed(id, recorded.value)));
  if (answersAnyway) {
    deps.metrics.allowedUnrecorded();
    return review(prepared({ id }));
  }
  return notDecided(deps, uid, refused('record-failed'), { id });
}

/** A record that says allowed, of an answer that was a denial: once it is durable after all, a record says so too.
 * Nobody waits for it: it never rejects, and what is not kept is logged. */
export async function withdraw(
  { law, log, records, newId }: Pick<RefuseDeps, 'law' | 'log' | 'records' | 'newId'>,
  decision: string,
  late: Promise<Result<Recorded, RecordFault>>,
): Promise<void> {
  if (!(await late).ok || law()?.policySet.settings.mode === 'AuditOnly') return;
  const kind = 'withdrawn';
  const lost = (cause: string): void =>
    log.error({ kind, decision, cause }, 'a record was not kept');
  const cause = 'its record was durable only after the answer had to leave';
  try {
    const kept = await records?.append({ kind, id: newId(), decision, cause });
    if (kept?.ok === false) lost(kept.error.message);
  } catch (error) {
    lost(messageOf(error));
  }
}
