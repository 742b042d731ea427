// What a Decision quotes of objects, without secrets: it is answered, printed and recorded.
import { get, isArray, isObject, type JsonObject, type JsonValue } from '../base/json.ts';
import { parseApiVersion } from '../k8s/gvk.ts';
import type { Finding, PortInput } from '../model/decision.ts';
import { type Redacted, redact } from '../redact/redact.ts';
import { scrub, scrubText } from '../redact/scrub.ts';
import type { Outcome } from './outcome.ts';

/** Messages and values of what failed; a pass and a rule's name hold nothing of an object. */
export function withoutCredentialsIn(outcome: Outcome): Outcome {
  const { evaluation } = outcome;
  if (evaluation.kind === 'pass') return outcome;
  const message = scrubText(evaluation.message, []);
  if (evaluation.kind !== 'fail') return { ...outcome, evaluation: { ...evaluation, message } };
  const findings = evaluation.findings.map(withoutCredentials);
  return { ...outcome, evaluation: { ...evaluation, message, findings } };
}

function withoutCredentials(finding: Finding): Finding {
  return {
    ...finding,
    message: scrubText(finding.message, []),
    value: scrub(finding.value, []),
  };
}

export function scrubbed(texts: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(texts).map(([key, text]) => [key, scrubText(text, [])]));
}

/** Answers are objects or lists of objects; each is redacted by its own kind. */
export function redactInput(input: PortInput): PortInput {
  if (!isArray(input.answer)) {
    const { value, pointers } = redactAnswer(input.answer);
    return { ...input, answer: value, redacted: [...input.redacted, ...pointers] };
  }
  const answers = input.answer.map(redactAnswer);
  const pointers = answers.flatMap((each, i) => each.pointers.map((p) => `/${i}${p}`));
  return {
    ...input,
    answer: answers.map(({ value }) => value),
    redacted: [...input.redacted, ...pointers],
  };
}

type Answered = { readonly value: JsonValue; readonly pointers: readonly string[] };

/** The same Namespace answers thousands of requests. */
const known = new WeakMap<JsonObject, Redacted>();

function redactAnswer(answer: JsonValue): Answered {
  if (!isObject(answer)) return { value: answer, pointers: [] };
  const before = known.get(answer);
  if (before !== undefined) return before;
  const gv = parseApiVersion(String(get(answer, 'apiVersion') ?? ''));
  const group = gv.ok ? gv.value.group : '';
  const redacted = redact(answer, { group, kind: String(get(answer, 'kind') ?? '') });
  known.set(answer, redacted);
  return redacted;
}
