// Baseline: `privileged` of every container; allowed: false, unset. Since v1.0. Upstream: check_privileged.go.
import { containersOf } from '../../k8s/containers.ts';
import type { Pod } from '../../k8s/pod.ts';
import { type Control, containersNamed, foundAt, result, setTo } from '../control.ts';
import type { ControlResult } from '../types.ts';

export const privileged: Control = {
  id: 'privileged',
  level: 'baseline',
  versions: [{ since: 0, check: privileged_1_0 }],
};

function privileged_1_0({ spec }: Pod): ControlResult {
  const bad = containersOf(spec).filter(
    ({ container }) => container.securityContext?.privileged === true,
  );
  const findings = foundAt(bad, (each) => ({
    ...setTo([...each.path, 'securityContext', 'privileged'], false),
    value: true,
    allowed: ['false', 'unset'],
    message: 'is true',
    remedy: 'set it to false or remove it',
    container: each,
  }));
  return result(
    findings,
    'privileged',
    () => `${containersNamed(bad)} must not set securityContext.privileged=true`,
  );
}
