// Baseline: `windowsOptions.hostProcess` of pod and containers; allowed: false, unset. Since v1.0.
// Upstream: check_windowsHostProcess.go.
import { containersOf, type PlacedContainer } from '../../k8s/containers.ts';
import type { Pod } from '../../k8s/pod.ts';
import { type Control, finding, result, setTo, setters } from '../control.ts';
import type { ControlResult } from '../types.ts';

export const windowsHostProcess: Control = {
  id: 'windowsHostProcess',
  level: 'baseline',
  versions: [{ since: 0, check: windowsHostProcess_1_0 }],
};

function windowsHostProcess_1_0({ spec }: Pod): ControlResult {
  const podBad = spec.securityContext?.windowsOptions?.hostProcess === true;
  const bad = containersOf(spec).filter(
    ({ container }) => container.securityContext?.windowsOptions?.hostProcess === true,
  );
  return result(
    [...(podBad ? [found(undefined)] : []), ...bad.map(found)],
    'hostProcess',
    () => `${setters(podBad, bad)} must not set securityContext.windowsOptions.hostProcess=true`,
  );
}

function found(container: PlacedContainer | undefined) {
  const context = [...(container?.path ?? ['spec']), 'securityContext'];
  return () =>
    finding({
      ...setTo([...context, 'windowsOptions', 'hostProcess'], false),
      value: true,
      allowed: ['false', 'unset'],
      message: 'is true',
      remedy: 'set it to false or remove it',
      container,
    });
}
