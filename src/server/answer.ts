// Bytes to an answer: read, decide, record, and only then reply. Whenever the uid can be read the answer is a review
// with HTTP 200; only what cannot be tied to a uid is 400, 413 or 415 with a code and a message.
import { createHash } from 'node:crypto';
import type { Logger } from 'pino';
import { type Code, codes } from '../base/codes.ts';
import { err, type Result } from '../base/result.ts';
import type { admit } from '../engine/admit.ts';
import type { Turn } from '../engine/ports.ts';
import type { LedgerEntry, Recorded } from '../ledger/entry.ts';
import type { Attempt } from '../model/attempt.ts';
import type { FailurePolicy } from '../policy/model.ts';
import { type DecodeContext, type DecodeFault, decodeReview } from '../review/decode.ts';
import {
  type AdmissionReview,
  allowUndecided,
  denyReview,
  type Extras,
  encodeReview,
} from '../review/encode.ts';
import { peekUid } from '../review/uid.ts';
import { parseJson } from '../yaml/json.ts';
import type { Capacity } from './capacity.ts';
import { type Deadline, deadlineOf } from './deadline.ts';
import { judge } from './judge.ts';
import type { Law } from './law.ts';
import type { Limits } from './limits.ts';
import type { Metrics } from './metrics.ts';
import { type RecordSink, record } from './records.ts';

export type Refused = { readonly code: Code; readonly message: string };
export type Answer = { readonly status: number; readonly body: AdmissionReview | Refused };

export type Question = {
  readonly body: Uint8Array;
  /** Only policies of this failurePolicy; undefined: all. */
  readonly failurePolicy: FailurePolicy | undefined;
  /** `?timeout=` as sent. */
  readonly timeout: unknown;
  /** Time since the request arrived. */
  readonly turn: Turn;
};

export type AnswerDeps = {
  readonly law: () => Law | null;
  /** null: records are not kept. */
  readonly records: RecordSink | null;
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly limits: Limits;
  /** Requests that are decided at once. */
  readonly deciding: Capacity;
  /** Bytes of bodies that are held at once. */
  readonly bodies: Capacity;
  readonly engineVersion: string;
  /** RFC 3339 in UTC. */
  readonly now: () => string;
  readonly newId: () => string;
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
    return await readAndDecide(deps, question, deadline, seen);
  } finally {
    leave();
  }
}

async function readAndDecide(
  deps: AnswerDeps,
  question: Question,
  deadline: Deadline,
  seen: (uid: string) => void,
): Promise<Answer> {
  const context = { now: deps.now(), deadline: deadline.decide };
  const decoded = decode(question.body, deps.limits, context);
  if (!decoded.ok) {
    return unreadable(deps, { ...decoded.error, body: question.body }, question.turn);
  }
  seen(decoded.value.uid);
  return decided(deps, decoded.value, deadline, question);
}

/** Fast: nothing is parsed, and the record is not waited for. */
export function overloaded(deps: AnswerDeps, { body }: Pick<Question, 'body'>): Answer {
  const id = deps.newId();
  const { code, message } = refused('overloaded');
  const uid = peekUid(body) ?? null;
  deps.metrics.unreadable(code);
  const bytes = body.length;
  const entry = {
    kind: 'unreadable',
    id,
    at: deps.now(),
    code,
    message,
    uid,
    bytes,
    sha256: null,
  } as const;
  void record(deps, entry, recordLater);
  if (uid === null) return { status: statusOf(code), body: { code, message } };
  return notDecided(deps, uid, refused('overloaded'), { id });
}

/** Milliseconds after which a record that nobody waits for counts as failed. */
const recordLater = 30_000;

/** A denial; under AuditOnly nothing is refused, and the gap is counted. */
export function notDecided(
  { law }: AnswerDeps,
  uid: string,
  { code, message }: Refused,
  extras?: Extras,
): Answer {
  const mode = law()?.policySet.settings.mode;
  const answer = mode === 'AuditOnly' ? allowUndecided : denyReview;
  return review(answer(uid, code, message, extras));
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
  { failurePolicy, turn }: Question,
): Promise<Answer> {
  const options = failurePolicy === undefined ? {} : { failurePolicy };
  const decision = await judge(deps, attempt, turn, options);
  const id = deps.newId();
  const { engineVersion } = deps;
  const durationMs = turn.elapsed();
  const entry: LedgerEntry = { kind: 'decision', id, attempt, decision, engineVersion, durationMs };
  const recorded = await record(deps, entry, deadline.answer - turn.elapsed());
  deps.metrics.decided(decision, recorded.ok, turn.elapsed() / 1000);
  if (recorded.ok) return review(encodeReview(attempt.uid, decision, placed(id, recorded.value)));
  return notDecided(deps, attempt.uid, refused('record-failed'), { id });
}

export type Unreadable = DecodeFault & {
  /** undefined where it was not read to its end. */
  readonly body: Uint8Array | undefined;
};

/** Refuses what cannot be decided. It leaves a record too, and is refused whether or not that succeeds. */
export async function unreadable(
  deps: AnswerDeps,
  { code, message, uid, body }: Unreadable,
  turn: Turn,
): Promise<Answer> {
  const id = deps.newId();
  deps.metrics.unreadable(code);
  deps.log.warn({ id, uid, code, bytes: body?.length }, 'a request could not be read');
  const recorded = await record(
    deps,
    {
      kind: 'unreadable',
      id,
      at: deps.now(),
      code,
      message,
      uid,
      bytes: body?.length ?? null,
      sha256: body === undefined ? null : createHash('sha256').update(body).digest('hex'),
    },
    deadlineOf(undefined).answer - turn.elapsed(),
  );
  const extras = placed(id, recorded.ok ? recorded.value : undefined);
  if (uid !== null) return notDecided(deps, uid, { code, message }, extras);
  return { status: statusOf(code), body: { code, message } };
}

export function refused(code: Code): Refused {
  return { code, message: codes[code] };
}

/** HTTP status of a refusal that is no review. */
export function statusOf(code: Code): number {
  switch (code) {
    case 'review-too-large':
      return 413;
    case 'content-type':
      return 415;
    case 'path-unknown':
      return 404;
    case 'internal-error':
      return 500;
    case 'overloaded':
      return 503;
    default:
      return 400;
  }
}

function review(body: AdmissionReview): Answer {
  return { status: 200, body };
}

function placed(id: string, recorded: Recorded | undefined): Extras {
  return recorded === undefined ? { id } : { id, seq: recorded.seq, head: recorded.sum };
}
