// Restricted: `seccompProfile.type` must be set, for the pod or each container; allowed: RuntimeDefault, Localhost.
// Since v1.19; not for Windows since v1.25. Upstream: check_seccompProfile_restricted.go.
import type { Edit } from '../../base/json-edit.ts';
import { containersOf } from '../../k8s/containers.ts';
import type { Pod } from '../../k8s/pod.ts';
import {
  type Control,
  containersNamed,
  exceptWindows,
  foundAt,
  isSet,
  quoteAll,
  result,
  runtimeDefault,
  setters,
} from '../control.ts';
import { explicitSeccomp, seccompTypes } from '../seccomp.ts';
import type { ControlResult } from '../types.ts';

const overrides = ['seccompProfile_baseline'];

export const seccompProfileRestricted: Control = {
  id: 'seccompProfile_restricted',
  level: 'restricted',
  versions: [
    { since: 19, check: seccompProfileRestricted_1_19, overrides },
    { since: 25, check: exceptWindows(seccompProfileRestricted_1_19), overrides },
  ],
};

function seccompProfileRestricted_1_19(pod: Pod): ControlResult {
  const { findings, podBad, bad, values } = explicitSeccomp(pod);
  if (findings.length > 0) {
    return result(
      findings.map((found) => () => {
        const each = found();
        return { ...each, edits: [...each.edits, ...ofPod(pod)] };
      }),
      'seccompProfile',
      () =>
        `${setters(podBad, bad)} must not set securityContext.seccompProfile.type to ${quoteAll(values)}`,
    );
  }
  // Nothing is explicitly bad: a profile of the pod is a good one.
  if (isSet(pod.spec.securityContext?.seccompProfile)) return result([], '', () => '');
  const implicit = containersOf(pod.spec).filter(
    ({ container }) => !isSet(container.securityContext?.seccompProfile),
  );
  const missing = foundAt(implicit, (each) => ({
    path: [...each.path, 'securityContext', 'seccompProfile', 'type'],
    value: null,
    allowed: seccompTypes,
    message: 'is not set',
    remedy: 'set it to RuntimeDefault, here or in spec.securityContext for all containers',
    edits: ofPod(pod),
    container: each,
  }));
  return result(
    missing,
    'seccompProfile',
    () =>
      `pod or ${containersNamed(implicit)} must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost"`,
  );
}

/** For the containers that set none, which are told only when no profile is a bad one. */
function ofPod({ spec }: Pod): readonly Edit[] {
  const isOwn = isSet(spec.securityContext?.seccompProfile);
  return isOwn ? [] : runtimeDefault(['spec', 'securityContext', 'seccompProfile']);
}
