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

/** Its path is made when it is asked for: only what breaks a rule is told where it is. */
class Placed implements PlacedContainer {
  readonly container: Container;
  readonly place: ContainerPlace;
  readonly #index: number;

  constructor(container: Container, place: ContainerPlace, index: number) {
    this.container = container;
    this.place = place;
    this.#index = index;
  }

  get path(): FieldPath {
    return ['spec', this.place, this.#index];
  }
}

/** All containers of a Pod, init and sidecar first, ephemeral last. */
export function containersOf(spec: PodSpec): readonly PlacedContainer[] {
  const found: PlacedContainer[] = [];
  for (const place of containerPlaces) {
    const containers = spec[place] ?? [];
    for (let i = 0; i < containers.length; i++) {
      const container = containers[i];
      if (container !== undefined) found.push(new Placed(container, place, i));
    }
  }
  return found;
}
