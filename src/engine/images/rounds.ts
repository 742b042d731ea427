// All images of one Pod at all policies that cover them: by what is known of them and, before one is refused, by what is
// there now. Whoever has just attached what was missing is not refused by what was known before.
import { policyBudget } from '../../cel/limits.ts';
import type { Attempt } from '../../model/attempt.ts';
import type { ImagePolicy } from '../../policy/model.ts';
import type { Evaluating } from '../evaluate.ts';
import type { Subject } from '../subject.ts';
import { type Answers, type Asked, askAll } from './ask.ts';
import { type Judged, judgeSights } from './at-policy.ts';
import type { Scene } from './condition.ts';
import type { Evidence } from './judgement.ts';
import type { Sight } from './sight.ts';

type AtPolicy = {
  readonly policy: ImagePolicy;
  readonly own: readonly Sight[];
  readonly found: readonly Judged[];
};

export type JudgedPod = { readonly answers: Answers; readonly policies: readonly AtPolicy[] };

/** Milliseconds: what is older is looked for again before an image is refused. */
const refusedBy = 30_000;

export async function judgePod(
  sights: readonly Sight[],
  questions: readonly Asked[],
  context: Evaluating,
): Promise<JudgedPod> {
  const answers = await askAll(questions, context, null);
  const policies = await judgePolicies(sights, answers, context);
  const refused = new Set(
    policies
      .flatMap(({ found }) => found)
      .filter(({ judgement }) => judgement.kind === 'refused')
      .map(({ sight }) => sight.name),
  );
  const again = questions.filter(
    ({ name }) => refused.has(name) && isOld(answers.get(name), context.attempt),
  );
  if (again.length === 0) return { answers, policies };
  const newer = [...(await askAll(again, context, refusedBy))].filter(
    ([, { kind }]) => kind === 'known',
  );
  const all = new Map([...answers, ...newer]);
  return { answers: all, policies: await judgePolicies(sights, all, context) };
}

function isOld(answer: Evidence | undefined, { now }: Attempt): boolean {
  return answer?.kind === 'known' && Date.parse(now) - Date.parse(answer.at) > refusedBy;
}

async function judgePolicies(
  sights: readonly Sight[],
  answers: Answers,
  context: Evaluating,
): Promise<readonly AtPolicy[]> {
  const policies: AtPolicy[] = [];
  for (const policy of context.policySet.imagePolicies) {
    const own = sights.filter((each) => each.reference.ok && each.policies.includes(policy));
    const [first] = own;
    if (first === undefined) continue;
    const scene = sceneOf(first.subject, context);
    policies.push({ policy, own, found: await judgeSights(policy, own, answers, scene) });
  }
  return policies;
}

/** The budget is that of one policy, as for a ValidatingAdmissionPolicy. */
function sceneOf({ object }: Subject, { attempt, seen, meter, pause }: Evaluating): Scene {
  return {
    object,
    namespaceObject: () => seen().namespaceObject,
    now: attempt.now,
    budget: meter.grant(policyBudget),
    pause,
  };
}
