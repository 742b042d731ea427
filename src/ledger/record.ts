// An entry as the body of a record: redacted, and within 256 KiB, whatever was sent.
import { createHash } from 'node:crypto';
import type { JsonObject, JsonValue } from '../base/json.ts';
import { jsonText } from '../base/json-text.ts';
import type { Attempt } from '../model/attempt.ts';
import type { Decision } from '../model/decision.ts';
import { redact } from '../redact/redact.ts';
import type { DecisionEntry, LedgerEntry } from './entry.ts';

/** Bytes of a line. */
export const maxRecord = 256 * 1024;
/** What the chain adds: version, sequence number, two hashes. */
const frame = 512;

/** The members of a record without those of the chain, as JSON text in braces. */
export function recordBody(entry: LedgerEntry): string {
  if (entry.kind === 'unreadable') return jsonText(entry);
  const body = decisionBody(entry);
  for (const step of [undefined, ...cuts]) {
    const text = jsonText(step === undefined ? body : step(body));
    if (Buffer.byteLength(text) + frame <= maxRecord) return text;
  }
  return jsonText(bare(body));
}

/** The objects may be redacted, or only digests of them. */
type RecordedAttempt = Omit<Attempt, 'object' | 'oldObject' | 'options'> & {
  readonly object: JsonValue;
  readonly oldObject: JsonValue;
  readonly options: JsonValue;
};

type Body = {
  readonly kind: 'decision';
  readonly id: string;
  readonly at: string;
  readonly engine: string;
  readonly durationMs: number;
  readonly attempt: RecordedAttempt;
  readonly decision: Decision;
  readonly redacted: readonly string[];
  readonly cut: readonly string[];
};

/** The decision quotes nothing secret already. */
function decisionBody({ id, attempt, decision, engineVersion, durationMs }: DecisionEntry): Body {
  const object = redact(attempt.object, attempt.kind);
  const oldObject = redact(attempt.oldObject, attempt.kind);
  return {
    kind: 'decision',
    id,
    at: attempt.now,
    engine: engineVersion,
    durationMs: Math.round(durationMs * 1000) / 1000,
    attempt: { ...attempt, object: object.value, oldObject: oldObject.value },
    decision,
    redacted: [
      ...object.pointers.map((pointer) => `/attempt/object${pointer}`),
      ...oldObject.pointers.map((pointer) => `/attempt/oldObject${pointer}`),
    ],
    cut: [],
  };
}

/** What a value was, when it is too large to keep. */
function digestOf(value: unknown): JsonValue {
  if (value === null || value === undefined) return null;
  const text = jsonText(value);
  const sha256 = createHash('sha256').update(text).digest('hex');
  return { cut: true, bytes: Buffer.byteLength(text), digest: `sha256:${sha256}` };
}

/** Tried in order, until the record fits: each takes out more, and says so in `cut`. */
const cuts: readonly ((body: Body) => Body)[] = [
  (body) => withoutObjects(body),
  (body) => withoutInputs(withoutObjects(body)),
  (body) => withFewResults(withoutInputs(withoutObjects(body))),
];

function withoutObjects(body: Body): Body {
  const { object, oldObject, options } = body.attempt;
  const attempt = {
    ...body.attempt,
    object: digestOf(object),
    oldObject: digestOf(oldObject),
    options: digestOf(options),
  };
  return {
    ...body,
    attempt,
    redacted: [],
    cut: [...body.cut, '/attempt/object', '/attempt/oldObject', '/attempt/options'],
  };
}

function withoutInputs(body: Body): Body {
  const inputs = body.decision.inputs.map((input) => ({
    ...input,
    answer: digestOf(input.answer),
    redacted: [],
  }));
  return {
    ...body,
    decision: { ...body.decision, inputs },
    cut: [...body.cut, '/decision/inputs'],
  };
}

const fewResults = 100;
const fewCharacters = 512;

/** Denials first: they are why. */
function withFewResults(body: Body): Body {
  const { results, warnings, auditAnnotations } = body.decision;
  const denied = results.filter((result) => result.actions.length > 0);
  const kept = [...denied, ...results.filter((result) => result.actions.length === 0)]
    .slice(0, fewResults)
    .map((result) => ({
      ...result,
      message: result.message.slice(0, fewCharacters),
      findings: [],
    }));
  const decision: Decision = {
    ...body.decision,
    results: kept,
    warnings: warnings.slice(0, fewResults).map((text) => text.slice(0, fewCharacters)),
    auditAnnotations: Object.fromEntries(
      Object.entries(auditAnnotations)
        .slice(0, fewResults)
        .map(([key, text]) => [key.slice(0, fewCharacters), text.slice(0, fewCharacters)]),
    ),
  };
  return {
    ...body,
    decision,
    cut: [...body.cut, '/decision/results', '/decision/warnings', '/decision/auditAnnotations'],
  };
}

/** Names and groups of any length fit nowhere: of such a request only what was decided is kept. */
function bare({ kind, id, at, engine, durationMs, attempt, decision }: Body): JsonObject {
  const { allowed, policySet } = decision;
  return {
    kind,
    id,
    at,
    engine,
    durationMs,
    attempt: digestOf(attempt),
    decision: { allowed, policySet },
    redacted: [],
    cut: ['/attempt', '/decision'],
  };
}
