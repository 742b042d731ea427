// Asks for the evidence of images: one question for each image of a Pod, whatever many policies and places want it, all at
// once, and what was answered goes into the record.
import { getIn, isArray, type JsonValue } from '../../base/json.ts';
import type { Authority, ImageQuestion } from '../../images/model.ts';
import { unverifiable } from '../../k8s/image-reference.ts';
import type { Attempt } from '../../model/attempt.ts';
import type { PortInput } from '../../model/decision.ts';
import type { Ports } from '../ports.ts';
import { input } from '../surroundings.ts';
import type { Evidence } from './judgement.ts';
import { neededAuthorities } from './policy.ts';
import { recordedEvidence } from './recorded.ts';
import { openPolicies, type Sight } from './sight.ts';

export type AskOptions = { readonly attempt: Attempt; readonly ports: Ports };

/** By the names of images. */
export type Answers = ReadonlyMap<string, Evidence>;

export type Asked = { readonly name: string; readonly question: ImageQuestion };

/** By the names of the images of one Pod, what there is to ask; empty where nothing has to be verified. */
export function questionsOf(sights: readonly Sight[]): readonly Asked[] {
  const byName = new Map<string, Sight[]>();
  for (const sight of sights) {
    const { reference, name } = sight;
    if (!reference.ok || unverifiable(reference.value) !== undefined) continue;
    byName.set(name, [...(byName.get(name) ?? []), sight]);
  }
  return [...byName].flatMap(([name, same]) => {
    const question = questionOf(name, same);
    return question.authorities.length === 0 ? [] : [{ name, question }];
  });
}

/** Answers by name; without a port there are none. `maxAge`: in milliseconds; null: as old as it is kept. */
export async function askAll(
  asked: readonly Asked[],
  { attempt, ports }: AskOptions,
  maxAge: number | null,
): Promise<Answers> {
  const { images } = ports;
  if (images === undefined) return new Map();
  const bounds = { within: timeLeft(attempt, ports.turn), maxAge };
  const answered = await Promise.all(
    asked.map(async ({ name, question }): Promise<[string, Evidence]> => {
      const answer = await images(question, bounds);
      if (!answer.ok) return [name, { kind: 'fault', ...answer.error }];
      const { value: evidence, at } = answer.value;
      return [name, { kind: 'known', evidence, at }];
    }),
  );
  return new Map(answered);
}

/** What a decision was made by, for its record. */
export function inputsOf(asked: readonly Asked[], answers: Answers): readonly PortInput[] {
  return asked.flatMap(({ name, question }) => {
    const answer = answers.get(name);
    if (answer?.kind !== 'known') return [];
    const { evidence, at } = answer;
    return [input('images', recordedQuestion(question), recordedEvidence(evidence), at)];
  });
}

/** Milliseconds that are kept for the conditions, once the evidence is there. */
const judging = 50;

function timeLeft(attempt: Attempt, turn: Ports['turn']): number | null {
  if (attempt.deadline === null) return null;
  return Math.max(0, attempt.deadline - turn.elapsed() - judging);
}

function questionOf(image: string, same: readonly Sight[]): ImageQuestion {
  const authorities = new Map<string, Authority>();
  const policies = new Set(same.flatMap(openPolicies));
  for (const { authority } of [...policies].flatMap(neededAuthorities))
    authorities.set(authority.id, authority);
  const subject = same[0]?.subject;
  const spec = getIn(subject?.object ?? {}, ['spec']);
  return {
    image,
    authorities: [...authorities.values()],
    namespace: subject?.attempt.namespace ?? '',
    pullSecrets: namesIn(getIn(spec, ['imagePullSecrets'])),
    serviceAccount: textOf(getIn(spec, ['serviceAccountName'])),
  };
}

function namesIn(listed: JsonValue | undefined): readonly string[] {
  return isArray(listed) ? listed.map((each) => textOf(getIn(each, ['name']))) : [];
}

function textOf(value: JsonValue | undefined): string {
  return typeof value === 'string' ? value : '';
}

/** Authorities by their ids: the policy set, whose hash is in the record, says what they are. */
function recordedQuestion({ image, authorities }: ImageQuestion): JsonValue {
  return { image, authorities: authorities.map(({ id }) => id) };
}
