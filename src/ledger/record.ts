// An entry as the body of a record: redacted, and within 256 KiB, whatever was sent.
// The object is kept once: of an UPDATE the old one as its difference from the new one, where that is shorter.
import type { JsonObject, JsonValue } from '../base/json.ts';
import { diff } from '../base/json-patch.ts';
import { jsonText } from '../base/json-text.ts';
import type { Digester } from '../redact/digest.ts';
import { type Redacted, redact } from '../redact/redact.ts';
import type { DecisionBody, RedactedPlace } from './decision-body.ts';
import { decisionText } from './decision-text.ts';
import type { DecisionEntry, LedgerEntry, Stages } from './entry.ts';
import { maxLine } from './format/chain.ts';
import { type Pieces, piecesOf } from './format/pieces.ts';
import { cutToFit } from './record-size.ts';
import type { Moment } from './store/clock.ts';

/** What is the same for every record of a ledger, and the clock. */
export type RecordContext = {
  readonly replica: string;
  readonly cluster: string;
  /** null: there is no key, and no digests of what is redacted. */
  readonly digest: Digester | null;
  readonly moment: () => Moment;
};

/** What the chain adds: version, sequence number, two hashes. */
const frame = 512;
const maxBody = maxLine - frame;

/** The members of a record without those of the chain, as JSON text in braces. */
export function entryBody(entry: LedgerEntry, context: RecordContext): Pieces {
  const { at, stepped } = context.moment();
  const clock = stepped ? ({ clock: 'stepped' } as const) : {};
  switch (entry.kind) {
    case 'decision':
      return withinBounds(decisionBody(entry, context, clock));
    case 'unreadable': {
      const { kind, id, at: arrived, ...members } = entry;
      const about = { kind, id, at: arrived, ...clock, replica: context.replica };
      return piecesOf(jsonText({ ...about, ...members }));
    }
    case 'start':
    case 'reload': {
      const { kind, id, policies: _, ...members } = entry;
      return piecesOf(jsonText({ kind, id, at, ...clock, ...members }));
    }
    default: {
      const { kind, id, ...members } = entry;
      return piecesOf(jsonText({ kind, id, at, ...clock, ...members }));
    }
  }
}

function withinBounds(body: DecisionBody): Pieces {
  const text = decisionText(body);
  return text.bytes <= maxBody ? text : piecesOf(cutToFit(body, maxBody));
}

/** The decision quotes nothing secret already. */
function decisionBody(
  entry: DecisionEntry,
  { replica, cluster, digest }: RecordContext,
  clock: { readonly clock?: 'stepped' },
): DecisionBody {
  const { id, attempt, decision, engineVersion, durationMs, stages, revision = null } = entry;
  const object = redact(attempt.object, attempt.kind);
  const oldObject = redact(attempt.oldObject, attempt.kind);
  const places = (redacted: Redacted, pointer: string): readonly RedactedPlace[] =>
    placesOf(redacted, pointer, digest && ((value) => digest(attempt.namespace, value)));
  return {
    kind: 'decision',
    id,
    at: attempt.now,
    ...clock,
    replica,
    cluster,
    engine: engineVersion,
    revision,
    durationMs: inMicroseconds(durationMs),
    stages: stages === undefined ? null : roundedStages(stages),
    attempt: {
      ...attempt,
      object: object.value,
      oldObject: oldForm(object.value, oldObject.value),
    },
    decision,
    redacted: [...places(object, '/attempt/object'), ...places(oldObject, '/attempt/oldObject')],
    cut: [],
  };
}

function placesOf(
  { pointers, taken }: Redacted,
  owner: string,
  digest: ((value: JsonValue) => string) | null,
): readonly RedactedPlace[] {
  return pointers.map((pointer, i) => ({
    pointer: owner + pointer,
    digest: digest?.(taken[i] ?? null) ?? null,
  }));
}

/** INVARIANT: an object whose only member is a list `patch` is always a difference, so a reader is never misled. */
function oldForm(object: JsonObject | null, old: JsonObject | null): JsonValue {
  if (object === null || old === null) return old;
  const patch = { patch: diff(object, old) as readonly JsonObject[] };
  const looksLikeOne = Array.isArray(old['patch']) && Object.keys(old).length === 1;
  return looksLikeOne || jsonText(patch).length < jsonText(old).length ? patch : old;
}

function roundedStages({ queue, read, decide }: Stages): Stages {
  const [q, r, d] = [queue, read, decide].map(inMicroseconds);
  return { queue: q ?? 0, read: r ?? 0, decide: d ?? 0 };
}

function inMicroseconds(ms: number): number {
  return Math.round(ms * 1000) / 1000;
}
