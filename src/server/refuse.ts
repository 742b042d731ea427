// What is answered where nothing was decided: in a review with its uid wherever that is known, else by HTTP status, code
// and message. Always a denial, but where the settings refuse nothing; and always a record, if one can be had.
import { createHash } from 'node:crypto';
import type { Logger } from 'pino';
import { type Code, codes } from '../base/codes.ts';
import type { Turn } from '../engine/ports.ts';
import type { Recorded, UnreadableEntry } from '../ledger/entry.ts';
import type { DecodeFault } from '../review/decode.ts';
import { type AdmissionReview, allowUndecided, denyReview, type Extras } from '../review/encode.ts';
import { peekUid } from '../review/uid.ts';
import { deadlineOf } from './deadline.ts';
import type { Law } from './law.ts';
import type { Metrics } from './metrics.ts';
import { type RecordSink, record } from './records.ts';

export type Refused = { readonly code: Code; readonly message: string };
export type Answer = { readonly status: number; readonly body: AdmissionReview | Refused };

export type RefuseDeps = {
  readonly law: () => Law | null;
  /** null: records are not kept. */
  readonly records: RecordSink | null;
  readonly log: Logger;
  readonly metrics: Metrics;
  /** RFC 3339 in UTC. */
  readonly now: () => string;
  readonly newId: () => string;
};

/** Fast: nothing is parsed, and the record is not waited for. */
export function overloaded(deps: RefuseDeps, { body }: { readonly body: Uint8Array }): Answer {
  const id = deps.newId();
  const { code, message } = refused('overloaded');
  const uid = peekUid(body) ?? null;
  deps.metrics.unreadable(code);
  const entry = entryOf(deps, id, { code, message, uid }, { bytes: body.length, sha256: null });
  void record(deps, entry, recordLater);
  if (uid === null) return { status: statusOf(code), body: { code, message } };
  return notDecided(deps, uid, refused('overloaded'), { id });
}

/** Milliseconds after which a record that nobody waits for counts as failed. */
const recordLater = 30_000;

/** What a record or answer says of itself while nothing is refused. */
function auditOnly({ law }: RefuseDeps): { readonly mode?: 'AuditOnly' } {
  return law()?.policySet.settings.mode === 'AuditOnly' ? { mode: 'AuditOnly' } : {};
}

/** A denial; under AuditOnly nothing is refused, and the gap is counted. */
export function notDecided(
  deps: RefuseDeps,
  uid: string,
  { code, message }: Refused,
  extras?: Extras,
): Answer {
  const answer = auditOnly(deps).mode === 'AuditOnly' ? allowUndecided : denyReview;
  return review(answer(uid, code, message, extras));
}

export type Unreadable = DecodeFault & {
  /** undefined where it was not read to its end. */
  readonly body: Uint8Array | undefined;
};

/** Refuses what cannot be decided. It leaves a record too, and is refused whether or not that succeeds. */
export async function unreadable(
  deps: RefuseDeps,
  { code, message, uid, body }: Unreadable,
  turn: Turn,
): Promise<Answer> {
  const id = deps.newId();
  deps.metrics.unreadable(code);
  deps.log.warn({ id, uid, code, bytes: body?.length }, 'a request could not be read');
  const read = {
    bytes: body?.length ?? null,
    sha256: body === undefined ? null : createHash('sha256').update(body).digest('hex'),
  };
  const recorded = await record(
    deps,
    entryOf(deps, id, { code, message, uid }, read),
    deadlineOf(undefined).answer - turn.elapsed(),
  );
  const extras = placed(id, recorded.ok ? recorded.value : undefined);
  if (uid !== null) return notDecided(deps, uid, { code, message }, extras);
  return { status: statusOf(code), body: { code, message } };
}

function entryOf(
  deps: RefuseDeps,
  id: string,
  { code, message, uid }: DecodeFault,
  read: Pick<UnreadableEntry, 'bytes' | 'sha256'>,
): UnreadableEntry {
  return {
    kind: 'unreadable',
    id,
    at: deps.now(),
    code,
    message,
    uid,
    ...read,
    ...auditOnly(deps),
  };
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

export function review(body: AdmissionReview): Answer {
  return { status: 200, body };
}

export function placed(id: string, recorded: Recorded | undefined): Extras {
  return recorded === undefined ? { id } : { id, seq: recorded.seq, head: recorded.sum };
}
