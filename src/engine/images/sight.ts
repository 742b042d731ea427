// Every image that an attempt names, as the runtimes read its name, with the policies that have a say about it.
// No port is asked here.
import { formatPath, toPointer } from '../../base/field-path.ts';
import type { JsonValue } from '../../base/json.ts';
import { err, type Result } from '../../base/result.ts';
import { type ImageReference, imageName, parseImage } from '../../k8s/image-reference.ts';
import type { ImagePolicy, PolicySet } from '../../policy/model.ts';
import type { Labels } from '../match.ts';
import type { Subject } from '../subject.ts';
import { concerningPolicies, coveringPolicies, laterPolicies } from './concern.ts';
import { imagePlaces } from './places.ts';

/** One place that names an image. */
export type Sight = {
  readonly subject: Subject;
  readonly path: string;
  readonly pointer: string;
  readonly image: JsonValue;
  /** As it is asked for; "" where it cannot be read. */
  readonly name: string;
  readonly unchanged: boolean;
  /** The error reads on from the name. */
  readonly reference: Result<ImageReference, string>;
  /** That cover it; with a name that cannot be read, all that concern the Pod. */
  readonly policies: readonly ImagePolicy[];
  /** Whether some policy covers it, here or when the Pod is made. */
  readonly covered: boolean;
};

export function sightsOf(
  { imagePolicies }: PolicySet,
  subject: Subject,
  labels: Labels | null,
): readonly Sight[] {
  const concerning = concerningPolicies(imagePolicies, subject, labels);
  const later = laterPolicies(imagePolicies, subject, labels);
  return imagePlaces(subject).map(({ path, image, unchanged }) => {
    const reference = typeof image === 'string' ? parseImage(image) : err('is no text');
    const covering = (policies: readonly ImagePolicy[]): readonly ImagePolicy[] =>
      reference.ok ? coveringPolicies(policies, reference.value) : policies;
    const policies = covering(concerning);
    const covered = policies.length > 0 || covering(later).length > 0;
    const place = { path: formatPath(path), pointer: toPointer(path) };
    const name = reference.ok ? imageName(reference.value) : '';
    return { subject, ...place, image, name, unchanged, reference, policies, covered };
  });
}
