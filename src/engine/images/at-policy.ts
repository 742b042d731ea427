// All images that one policy covers in one Pod, judged, as the outcomes of that policy.
import type { Code } from '../../base/codes.ts';
import { unverifiable } from '../../k8s/image-reference.ts';
import type { Attempt } from '../../model/attempt.ts';
import type { Evaluation, Finding } from '../../model/decision.ts';
import type { ImagePolicy, ImageSettings, PolicySet } from '../../policy/model.ts';
import type { AuditNotes } from '../audit-notes.ts';
import { undecided } from '../evaluate.ts';
import type { Outcome } from '../outcome.ts';
import type { Answers } from './ask.ts';
import type { Scene } from './condition.ts';
import type { Judgement, Undecided, Unknown } from './judgement.ts';
import { failed, imageOutcome, ofPolicy } from './outcomes.ts';
import { judgePolicy, neededAuthorities } from './policy.ts';
import type { Sight } from './sight.ts';
import { refusedFinding, remedyOf, shownImage, tagFinding } from './words.ts';

export type Judged = { readonly sight: Sight; readonly judgement: Judgement };

type Around = {
  readonly policySet: PolicySet;
  readonly attempt: Attempt;
  readonly notes: AuditNotes;
};

/** `sights`: those that the policy covers; `judged`: of those that have to be. */
export function policyOutcomes(
  policy: ImagePolicy,
  sights: readonly Sight[],
  judged: readonly Judged[],
  answers: Answers,
  around: Around,
): readonly Outcome[] {
  const { images } = around.policySet.settings;
  const ruled = ofPolicy(policy, images);
  note(policy, judged, around.notes);
  const broken = [
    ...failed(
      ruled,
      judged.flatMap((each) => refusals(each, policy)),
    ),
    ...judged.flatMap((each) =>
      openEvaluation(each, around.attempt).map((evaluation) => imageOutcome(ruled, evaluation)),
    ),
    ...tagOutcomes(policy, judged, answers, images),
  ];
  const isFine = judged.length > 0 && broken.length === 0;
  const skipped = sights.filter(({ settled }) => settled.includes(policy));
  return [
    ...(isFine ? [imageOutcome(ruled, { kind: 'pass' })] : []),
    ...broken,
    ...(skipped.length > 0 ? [imageOutcome(ruled, unchangedSkip(skipped))] : []),
  ];
}

/** The same image in many containers is judged once. */
export async function judgeSights(
  policy: ImagePolicy,
  sights: readonly Sight[],
  answers: Answers,
  scene: Scene,
): Promise<readonly Judged[]> {
  const known = new Map<string, Judgement>();
  const judged: Judged[] = [];
  for (const sight of sights) {
    const { name, reference, settled } = sight;
    if (!reference.ok || settled.includes(policy)) continue;
    const found = answers.get(name) ?? { kind: 'not-asked' };
    const judgement =
      known.get(name) ??
      unread(policy, sight) ??
      (await judgePolicy(policy, reference.value, found, scene));
    known.set(name, judgement);
    judged.push({ sight, judgement });
  }
  return judged;
}

/** A digest that nothing can be verified by. */
function unread(policy: ImagePolicy, { reference }: Sight): Judgement | undefined {
  if (!reference.ok || neededAuthorities(policy).length === 0) return undefined;
  const why = unverifiable(reference.value);
  if (why === undefined) return undefined;
  const fix = 'write the sha256 digest of the image';
  return { kind: 'refused', code: 'image-reference', why: `cannot be verified: ${why}`, fix };
}

type Found = { readonly code: Code; readonly finding: Finding };

function refusals({ sight, judgement }: Judged, { remedy }: ImagePolicy): readonly Found[] {
  if (judgement.kind !== 'refused') return [];
  return [{ code: judgement.code, finding: refusedFinding(sight, judgement, remedy) }];
}

function openEvaluation({ sight, judgement }: Judged, attempt: Attempt): readonly Evaluation[] {
  if (judgement.kind === 'satisfied' || judgement.kind === 'refused') return [];
  return [openOf(sight, judgement, attempt)];
}

function openOf(sight: Sight, judgement: Undecided | Unknown, attempt: Attempt): Evaluation {
  const { code, why } = judgement;
  const message = `${sight.path} ${shownImage(sight)} could not be verified: ${why}`;
  if (code === 'images-not-verified' && attempt.origin !== 'webhook') {
    return { kind: 'skip', code, message: `${sight.path} ${shownImage(sight)}: ${why}` };
  }
  const evaluation = undecided(attempt, code, message);
  return evaluation.kind === 'error' ? { ...evaluation, remedy: remedyOf(code) } : evaluation;
}

/** What a tag names now was verified, and that only: the node asks the registry anew. */
function tagOutcomes(
  policy: ImagePolicy,
  judged: readonly Judged[],
  answers: Answers,
  images: ImageSettings,
): readonly Outcome[] {
  if (images.digests === 'resolve' || neededAuthorities(policy).length === 0) return [];
  const found = judged.flatMap(({ sight }): readonly Found[] => {
    const known = answers.get(sight.name);
    if (known === undefined || !sight.reference.ok || sight.reference.value.digest !== null)
      return [];
    const digest = known.kind === 'known' ? known.evidence.digest : null;
    return [{ code: 'image-tag', finding: tagFinding(sight, digest) }];
  });
  const ruled = ofPolicy(policy, images);
  const milder = { ...ruled.enforcement, onFail: 'warn' } as const;
  return failed(images.digests === 'warn' ? { ...ruled, enforcement: milder } : ruled, found);
}

/** For the audit log of the API server: which digests were verified. */
function note({ name }: ImagePolicy, judged: readonly Judged[], notes: AuditNotes): void {
  for (const { sight, judgement } of judged) {
    if (judgement.kind !== 'satisfied' || judgement.digest === null) continue;
    const repository = sight.name.replace(/(?:@.*|:[^/:]*)$/, '');
    notes.add(name, 'verified-images', `${repository}@${judgement.digest}`);
  }
}

function unchangedSkip(sights: readonly Sight[]): Evaluation {
  const images = [...new Set(sights.map(shownImage))].join(', ');
  const message = `the update leaves ${images} as before`;
  return { kind: 'skip', code: 'image-unchanged', message };
}
