// Image policies for one attempt: every image that it names is held against every policy that covers it, by what is
// verified of its digest. All policies that cover an image must be satisfied, as upstream has it.
// Upstream: pkg/webhook/validator.go of sigstore/policy-controller.

import { count } from '../../base/text.ts';
import type { Attempt } from '../../model/attempt.ts';
import type { PolicySet } from '../../policy/model.ts';
import { podSecurityIsAskedAt } from '../../policy/registration/entries.ts';
import type { Evaluating } from '../evaluate.ts';
import { deadlineExceeded, type Timekeeper } from '../gate.ts';
import type { Outcome } from '../outcome.ts';
import type { Subject } from '../subject.ts';
import { inputsOf, questionsOf } from './ask.ts';
import { policyOutcomes } from './at-policy.ts';
import { coverOutcomes, referenceOutcomes, strictest } from './names.ts';
import { imageOutcome, ofAllPolicies } from './outcomes.ts';
import { imageSubjects } from './places.ts';
import { judgePod } from './rounds.ts';
import { type Sight, sightsOf } from './sight.ts';
import { finding } from './words.ts';

/** The Pods whose images are looked at; no port is asked. */
export function imageConcern(
  { imagePolicies, settings }: PolicySet,
  attempt: Attempt,
  entry: string | undefined,
): readonly Subject[] {
  if (imagePolicies.length === 0) return [];
  if (entry !== undefined && !podSecurityIsAskedAt(entry)) return [];
  return imageSubjects(attempt, settings.workloads, imagePolicies);
}

export type ImagesContext = Evaluating & { readonly time: Timekeeper };

export async function evaluateImages(
  subjects: readonly Subject[],
  context: ImagesContext,
): Promise<readonly Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const subject of subjects) {
    const judged = await evaluateSubject(subject, context);
    outcomes.push(...judged);
    if (await context.time.isUp()) return [...outcomes, deadlineExceeded(context.attempt)];
  }
  return outcomes;
}

/** Of one Pod. Threat: whoever names images without number has us ask registries without end. */
const maxQuestions = 100;

async function evaluateSubject(
  subject: Subject,
  context: ImagesContext,
): Promise<readonly Outcome[]> {
  const { policySet, surroundings } = context;
  const sights = sightsOf(policySet, subject, surroundings.namespaceLabels);
  const questions = questionsOf(sights);
  if (questions.length > maxQuestions) return tooMany(sights, questions.length, policySet);
  const judged = await judgePod(sights, questions, context);
  context.inputs.push(...inputsOf(questions, judged.answers));
  return [
    ...referenceOutcomes(sights, policySet),
    ...coverOutcomes(sights, policySet),
    ...judged.policies.flatMap(({ policy, own, found }) =>
      policyOutcomes(policy, own, found, judged.answers, context),
    ),
  ];
}

/** Threat: an exception for one rule, and so many images that no other rule looks at them. An error is never excused. */
function tooMany(
  sights: readonly Sight[],
  images: number,
  policySet: PolicySet,
): readonly Outcome[] {
  const said = `is one of ${count(images, 'image')}: at most ${maxQuestions} are verified for one Pod`;
  const ruled = ofAllPolicies('count', strictest(sights, policySet));
  return sights.slice(0, 1).map((sight) => {
    const { path, message } = finding(sight, said, '');
    const [code, remedy] = ['image-count', 'make it several Pods'] as const;
    return imageOutcome(ruled, { kind: 'error', code, message: `${path} ${message}`, remedy });
  });
}
