// Baseline: `procMount` of every container; allowed: Default, unset. Since v1.0; not for pods in a user namespace
// since v1.35. Upstream: check_procMount_baseline.go.
import { quote } from '../../base/text.ts';
import { containersOf } from '../../k8s/containers.ts';
import type { Pod } from '../../k8s/pod.ts';
import {
  type Control,
  containersNamed,
  exceptUserNamespace,
  foundAt,
  isSet,
  quoteAll,
  result,
  setTo,
  sorted,
} from '../control.ts';
import type { ControlResult } from '../types.ts';

export const procMount: Control = {
  id: 'procMount',
  level: 'baseline',
  versions: [
    { since: 0, check: procMount_1_0 },
    { since: 35, check: exceptUserNamespace(procMount_1_0) },
  ],
};

export function procMount_1_0({ spec }: Pod): ControlResult {
  const bad = containersOf(spec).filter(({ container }) => {
    const value = container.securityContext?.procMount;
    return isSet(value) && value !== 'Default';
  });
  const mountOf = ({ container }: (typeof bad)[number]): string =>
    container.securityContext?.procMount ?? '';
  const findings = foundAt(bad, (each) => ({
    ...setTo([...each.path, 'securityContext', 'procMount'], 'Default'),
    value: mountOf(each),
    allowed: ['Default', 'unset'],
    message: `is ${quote(mountOf(each))}`,
    remedy: 'set it to Default or remove it',
    container: each,
  }));
  return result(
    findings,
    'procMount',
    () =>
      `${containersNamed(bad)} must not set securityContext.procMount to ${quoteAll(sorted(bad.map(mountOf)))}`,
  );
}
