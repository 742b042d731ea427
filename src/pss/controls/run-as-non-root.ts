// Restricted: `runAsNonRoot`; allowed: true, or unset in a container where the pod sets true. Since v1.0; not for pods
// in a user namespace since v1.35. Upstream: check_runAsNonRoot.go.
import { containersOf, type PlacedContainer } from '../../k8s/containers.ts';
import type { Pod } from '../../k8s/pod.ts';
import {
  type Control,
  containersNamed,
  exceptUserNamespace,
  finding,
  isSet,
  result,
  set,
  setters,
} from '../control.ts';
import type { ControlResult } from '../types.ts';

export const runAsNonRoot: Control = {
  id: 'runAsNonRoot',
  level: 'restricted',
  versions: [
    { since: 0, check: runAsNonRoot_1_0 },
    { since: 35, check: exceptUserNamespace(runAsNonRoot_1_0) },
  ],
};

const reason = 'runAsNonRoot != true';
const podField = ['spec', 'securityContext', 'runAsNonRoot'];

function runAsNonRoot_1_0({ spec }: Pod): ControlResult {
  const ofPod = spec.securityContext?.runAsNonRoot;
  const all = containersOf(spec);
  const explicit = all.filter(({ container }) => container.securityContext?.runAsNonRoot === false);
  const implicit = all.filter(
    ({ container }) => ofPod !== true && !isSet(container.securityContext?.runAsNonRoot),
  );
  const podBad = ofPod === false;
  if (podBad || explicit.length > 0) {
    const findings = [
      ...(podBad ? [found(undefined, false)] : []),
      ...explicit.map((each) => found(each, false)),
    ];
    return result(
      findings,
      reason,
      () => `${setters(podBad, explicit)} must not set securityContext.runAsNonRoot=false`,
    );
  }
  return result(
    implicit.map((each) => found(each, null)),
    reason,
    () => `pod or ${containersNamed(implicit)} must set securityContext.runAsNonRoot=true`,
  );
}

function found(container: PlacedContainer | undefined, value: false | null) {
  const path = [...(container?.path ?? ['spec']), 'securityContext', 'runAsNonRoot'];
  return () =>
    finding({
      path,
      value,
      allowed: ['true'],
      message: value === false ? 'is false' : 'is not set',
      remedy:
        value === false
          ? 'set it to true, and let the image run as a user other than root'
          : 'set it to true, here or in spec.securityContext for all containers',
      edits: [...(value === false ? [set(path, true)] : []), set(podField, true)],
      container,
    });
}
