// Every place where a Pod holds containers: the one list that all rules visit.
// Upstream: visitor.go of k8s.io/pod-security-admission/policy, whose order this is.
import type { FieldPath } from '../base/field-path.ts';
import type { Container, PodSpec } from './pod.ts';

export const containerPlaces = ['initContainers', 'containers', 'ephemeralContainers'] as const;
export type ContainerPlace = (typeof containerPlaces)[number];

export type PlacedContainer = {
  readonly container: Container;
  readonly place: ContainerPlace;
  /** Below the Pod: `spec.containers[0]`. */
  readonly path: FieldPath;
};

/** All containers of a Pod, init and sidecar first, ephemeral last. */
export function containersOf(spec: PodSpec): readonly PlacedContainer[] {
  return containerPlaces.flatMap((place) =>
    (spec[place] ?? []).map((container, i) => ({ container, place, path: ['spec', place, i] })),
  );
}
