// An entry as the body of a record: redacted, and within 256 KiB, whatever was sent.
import { createHash } from 'node:crypto';
import { get, type JsonObject, type JsonValue } from '../base/json.ts';
import { jsonText } from '../base/json-text.ts';
import type { Attempt } from '../model/attempt.ts';
import type { Decision, PortInput } from '../model/decision.ts';
import type { DecisionEntry, LedgerEntry } from './entry.ts';
import { redact, scrub } from './redact.ts';

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

function decisionBody({ id, attempt, decision, engineVersion, durationMs }: DecisionEntry): Body {
  const object = redact(attempt.object, attempt.kind);
  const oldObject = redact(attempt.oldObject, attempt.kind);
  const inputs = decision.inputs.map(redactInput);
  const secrets = [...object.secrets, ...oldObject.secrets, ...inputs.flatMap((i) => i.secrets)];
  const { inputs: _, ...said } = decision;
  return {
    kind: 'decision',
    id,
    at: attempt.now,
    engine: engineVersion,
    durationMs: Math.round(durationMs * 1000) / 1000,
    attempt: { ...attempt, object: object.value, oldObject: oldObject.value },
    decision: { ...scrubbed(said, secrets), inputs: inputs.map((i) => i.input) },
    redacted: [
      ...object.pointers.map((pointer) => `/attempt/object${pointer}`),
      ...oldObject.pointers.map((pointer) => `/attempt/oldObject${pointer}`),
    ],
    cut: [],
  };
}

type Said = Omit<Decision, 'inputs'>;

/** Only what can quote an object: texts and values of findings, warnings, annotations. A rule's name stays as it is. */
function scrubbed(said: Said, secrets: readonly string[]): Said {
  if (secrets.length === 0) return said;
  const results = said.results.map((result) =>
    result.message === '' && result.findings.length === 0
      ? result
      : {
          ...result,
          message: scrub(result.message, secrets),
          findings: result.findings.map((finding) => ({
            ...finding,
            value: scrub(finding.value, secrets),
            message: scrub(finding.message, secrets),
          })),
        },
  );
  return {
    ...said,
    results,
    warnings: scrub(said.warnings, secrets),
    auditAnnotations: scrub(said.auditAnnotations, secrets),
  };
}

/** Answers are objects or lists of objects; each is redacted by its own kind. */
function redactInput(input: PortInput): {
  readonly input: PortInput;
  readonly secrets: readonly string[];
} {
  const isList = Array.isArray(input.answer);
  const redacted = (isList ? (input.answer as readonly JsonValue[]) : [input.answer]).map((each) =>
    redactAnswer(each),
  );
  const pointers = redacted.flatMap((r, i) => r.pointers.map((p) => (isList ? `/${i}${p}` : p)));
  const values = redacted.map((r) => r.value);
  const answer = isList ? values : (values[0] ?? null);
  return {
    input: { ...input, answer, redacted: [...input.redacted, ...pointers] },
    secrets: redacted.flatMap((r) => r.secrets),
  };
}

function redactAnswer(answer: JsonValue) {
  if (typeof answer !== 'object' || answer === null || Array.isArray(answer)) {
    return { value: answer, pointers: [], secrets: [] };
  }
  const apiVersion = String(get(answer, 'apiVersion') ?? '');
  const group = apiVersion.includes('/') ? (apiVersion.split('/')[0] ?? '') : '';
  return redact(answer as JsonObject, { group, kind: String(get(answer, 'kind') ?? '') });
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
