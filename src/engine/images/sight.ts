// Every image that an attempt names, as the runtimes read its name, with the policies that have a say about it.
// No port is asked here.
import { formatPath, toPointer } from '../../base/field-path.ts';
import type { JsonValue } from '../../base/json.ts';
import { err, type Result } from '../../base/result.ts';
import { type ImageReference, imageName, parseImage } from '../../k8s/image-reference.ts';
import type { ImagePolicy, PolicySet } from '../../policy/model.ts';
import type { Labels } from '../match.ts';
import type { Subject } from '../subject.ts';
import { type Concern, concernBefore, concernOf, coveringPolicies } from './concern.ts';
import { type ImagePlace, imagePlaces } from './places.ts';
import { isAsBefore } from './settled.ts';

/** One place that names an image. */
export type Sight = {
  readonly subject: Subject;
  readonly path: string;
  readonly pointer: string;
  readonly image: JsonValue;
  /** As it is asked for; "" where it cannot be read. */
  readonly name: string;
  /** The error reads on from the name. */
  readonly reference: Result<ImageReference, string>;
  /** That cover it; with a name that cannot be read, all that concern the Pod. */
  readonly policies: readonly ImagePolicy[];
  /** Those of them that judged the same image here before the update, of an object that is the same to them. */
  readonly settled: readonly ImagePolicy[];
  /** No policy covers it, here or when the Pod is made; and that is new. Of a name that cannot be read nobody can say. */
  readonly uncovered: boolean;
};

export function sightsOf(
  { imagePolicies }: PolicySet,
  subject: Subject,
  labels: Labels | null,
): readonly Sight[] {
  const now = concernOf(imagePolicies, subject, labels);
  const isNew = subject.oldObject === null;
  const before = isNew ? now : concernBefore(imagePolicies, subject, labels);
  return imagePlaces(subject).map((place) => sightOf(place, subject, { now, before }));
}

type Concerns = { readonly now: Concern; readonly before: Concern };

function sightOf(
  { path, image, unchanged }: ImagePlace,
  subject: Subject,
  { now, before }: Concerns,
): Sight {
  const reference = typeof image === 'string' ? parseImage(image) : err('is no text');
  const covering = (policies: readonly ImagePolicy[]): readonly ImagePolicy[] =>
    reference.ok ? coveringPolicies(policies, reference.value) : policies;
  const isCovered = ({ own, later }: Concern): boolean =>
    reference.ok && (covering(own).length > 0 || covering(later).length > 0);
  const policies = covering(now.own);
  const isCoveredNow = reference.ok && (policies.length > 0 || covering(now.later).length > 0);
  return {
    subject,
    path: formatPath(path),
    pointer: toPointer(path),
    image,
    name: reference.ok ? imageName(reference.value) : '',
    reference,
    policies,
    settled: unchanged
      ? policies.filter((each) => before.own.includes(each) && isAsBefore(each, subject))
      : [],
    uncovered: !isCoveredNow && (!unchanged || isCovered(before)),
  };
}

/** Those that have to judge the image. */
export function openPolicies({ policies, settled }: Sight): readonly ImagePolicy[] {
  return policies.filter((each) => !settled.includes(each));
}
