// Restricted: `allowPrivilegeEscalation` of every container; allowed: false. Since v1.8; not for Windows since v1.25.
// Upstream: check_allowPrivilegeEscalation.go.
import { containersOf } from '../../k8s/containers.ts';
import type { Pod } from '../../k8s/pod.ts';
import {
  type Control,
  containersNamed,
  exceptWindows,
  foundAt,
  result,
  setTo,
} from '../control.ts';
import type { ControlResult } from '../types.ts';

export const allowPrivilegeEscalation: Control = {
  id: 'allowPrivilegeEscalation',
  level: 'restricted',
  versions: [
    { since: 8, check: allowPrivilegeEscalation_1_8 },
    { since: 25, check: exceptWindows(allowPrivilegeEscalation_1_8) },
  ],
};

function allowPrivilegeEscalation_1_8({ spec }: Pod): ControlResult {
  const bad = containersOf(spec).filter(
    ({ container }) => container.securityContext?.allowPrivilegeEscalation !== false,
  );
  const findings = foundAt(bad, (each) => {
    const value = each.container.securityContext?.allowPrivilegeEscalation;
    return {
      ...setTo([...each.path, 'securityContext', 'allowPrivilegeEscalation'], false),
      value,
      allowed: ['false'],
      message: value === true ? 'is true' : 'is not set',
      remedy: 'set it to false',
      container: each,
    };
  });
  return result(
    findings,
    'allowPrivilegeEscalation != false',
    () => `${containersNamed(bad)} must set securityContext.allowPrivilegeEscalation=false`,
  );
}
