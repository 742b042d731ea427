// Where a Pod names images, as it is or inside a workload, and which of them an update leaves as they were.
// Upstream: the images that sigstore/policy-controller validates, in pkg/webhook/validator.go.
import type { FieldPath } from '../../base/field-path.ts';
import { get, getIn, isArray, type JsonValue } from '../../base/json.ts';
import { containerPlaces } from '../../k8s/containers.ts';
import type { WorkloadKind } from '../../k8s/pod-template.ts';
import type { Attempt } from '../../model/attempt.ts';
import type { ImagePolicy } from '../../policy/model.ts';
import { ignoredPodSubresources } from '../../pss/admission.ts';
import { everyTemplate, objectSubject, type Subject, templateSubjects } from '../subject.ts';
import { isForKind } from './concern.ts';

export type ImagePlace = {
  /** In the attempt's object: `spec.template.spec.containers[0].image`. */
  readonly path: FieldPath;
  /** Hardly ever anything but text: only a custom resource may hold it. */
  readonly image: JsonValue;
  /** The same container or volume had the same image before. */
  readonly unchanged: boolean;
};

/** The Pods of an attempt; none when it is about no pod, or when its pods were judged in their owner. Threat: a policy for
 * Jobs alone has not judged the CronJob. */
export function imageSubjects(
  attempt: Attempt,
  workloads: readonly WorkloadKind[],
  policies: readonly ImagePolicy[],
): readonly Subject[] {
  const { kind, resource, subResource, operation, object } = attempt;
  if (object === null || (operation !== 'CREATE' && operation !== 'UPDATE')) return [];
  if (resource.group !== '' || resource.resource !== 'pods') {
    const subjectsOf = policies.some((each) => isForKind(each, resource))
      ? everyTemplate
      : templateSubjects;
    return subjectsOf(attempt, workloads);
  }
  const isPod = kind.group === '' && kind.kind === 'Pod';
  return isPod && !ignoredPodSubresources.has(subResource) ? [objectSubject(attempt)] : [];
}

/** A container without an image is left out: nothing can run there. */
export function imagePlaces({ object, oldObject, basePath }: Subject): readonly ImagePlace[] {
  const before = new Set(namedImages(oldObject).map(({ key }) => key));
  return namedImages(object).map(({ path, image, key }) => ({
    path: [...basePath, ...path],
    image,
    unchanged: before.has(key),
  }));
}

type NamedImage = { readonly path: FieldPath; readonly image: JsonValue; readonly key: string };

function namedImages(pod: JsonValue): readonly NamedImage[] {
  const containers = containerPlaces.flatMap((place) => inList(pod, place, ['image']));
  return [...containers, ...inList(pod, 'volumes', ['image', 'reference'])];
}

function inList(pod: JsonValue, list: string, below: readonly string[]): readonly NamedImage[] {
  const items = getIn(pod, ['spec', list]);
  if (!isArray(items)) return [];
  return items.flatMap((item, i) => {
    const image = getIn(item, below) ?? '';
    if (image === '') return [];
    const key = JSON.stringify([list, get(item, 'name') ?? null, String(image)]);
    return [{ path: ['spec', list, i, ...below], image, key }];
  });
}
