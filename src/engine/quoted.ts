// What a Decision quotes of objects, without secrets: it is answered, printed and recorded.
import { get, isArray, isObject, type JsonObject, type JsonValue } from '../base/json.ts';
import { parseApiVersion } from '../k8s/gvk.ts';
import type { Attempt } from '../model/attempt.ts';
import type { Finding, PortInput } from '../model/decision.ts';
import { type Redacted, redact } from '../redact/redact.ts';
import { quotedIn, scrub, scrubText } from '../redact/scrub.ts';
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

/** What ports were asked, and what they said. */
export function redactInputs(inputs: readonly PortInput[], attempt: Attempt): readonly PortInput[] {
  const redacted = inputs.map(redactInput);
  const asked = inputs.filter(isMade).map(({ question, answer }) => [question, answer]);
  if (asked.length === 0) return redacted;
  const secrets = quotedIn(asked, secretsSeen(inputs, attempt));
  return redacted.map((each) => (isMade(each) ? withoutSecrets(each, secrets) : each));
}

/** Threat: expressions make the questions to the authorizer of whatever they see, and its answers may repeat them. */
function isMade({ port }: PortInput): boolean {
  return port === 'authorizer';
}

function secretsSeen(inputs: readonly PortInput[], attempt: Attempt): readonly string[] {
  const { kind, object, oldObject } = attempt;
  const answers = inputs.filter((each) => !isMade(each)).flatMap(({ answer }) => answer);
  const seen = [redact(object, kind), redact(oldObject, kind), ...answers.map(redactAnswer)];
  return seen.flatMap(({ secrets }) => secrets);
}

function withoutSecrets(input: PortInput, secrets: readonly string[]): PortInput {
  const question = redactAnswer(scrub(input.question, secrets)).value;
  const answer = scrub(input.answer, secrets);
  const isOther = (key: string): boolean => get(answer, key) !== get(input.answer, key);
  const pointers = ['reason', 'error'].filter(isOther).map((key) => `/${key}`);
  return { ...input, question, answer, redacted: [...new Set([...input.redacted, ...pointers])] };
}

/** Answers are objects or lists of objects; each is redacted by its own kind. */
function redactInput(input: PortInput): PortInput {
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

type Answered = Pick<Redacted, 'pointers' | 'secrets'> & { readonly value: JsonValue };

/** The same Namespace answers thousands of requests. */
const known = new WeakMap<JsonObject, Redacted>();

function redactAnswer(answer: JsonValue): Answered {
  if (!isObject(answer)) return { value: answer, pointers: [], secrets: [] };
  const before = known.get(answer);
  if (before !== undefined) return before;
  const gv = parseApiVersion(String(get(answer, 'apiVersion') ?? ''));
  const group = gv.ok ? gv.value.group : '';
  const redacted = redact(answer, { group, kind: String(get(answer, 'kind') ?? '') });
  known.set(answer, redacted);
  return redacted;
}
