// Records that are too large: what takes most room goes first, each part by its digest, and `cut` says so.
// What was decided is always there.
import { createHash } from 'node:crypto';
import type { JsonValue } from '../base/json.ts';
import { jsonText } from '../base/json-text.ts';
import type { Decision } from '../model/decision.ts';
import type { DecisionBody } from './decision-body.ts';
import { decisionText } from './decision-text.ts';

/** The body as JSON text of at most `most` bytes. */
export function cutToFit(body: DecisionBody, most: number): string {
  for (const step of cuts) {
    const text = decisionText(step(body));
    if (text.bytes <= most) return String(text);
  }
  return jsonText(bare(body));
}

/** What a value was, when it is too large to keep. */
function digestOf(value: unknown): JsonValue {
  if (value === null || value === undefined) return null;
  const text = jsonText(value);
  const sha256 = createHash('sha256').update(text).digest('hex');
  return { cut: true, bytes: Buffer.byteLength(text), digest: `sha256:${sha256}` };
}

/** Tried in order, until the record fits: each takes out more. */
const cuts: readonly ((body: DecisionBody) => DecisionBody)[] = [
  (body) => withoutObjects(body),
  (body) => withoutInputs(withoutObjects(body)),
  (body) => withFewResults(withoutInputs(withoutObjects(body))),
];

function withoutObjects(body: DecisionBody): DecisionBody {
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

function withoutInputs(body: DecisionBody): DecisionBody {
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
function withFewResults(body: DecisionBody): DecisionBody {
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
function bare(body: DecisionBody): object {
  const { allowed, policySet } = body.decision;
  return {
    ...body,
    attempt: digestOf(body.attempt),
    decision: { allowed, policySet },
    redacted: [],
    cut: ['/attempt', '/decision'],
  };
}
