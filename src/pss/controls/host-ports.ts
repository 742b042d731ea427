// Baseline: `ports[*].hostPort` of every container; allowed: 0, unset. Since v1.0. Upstream: check_hostPorts.go.
import { plural } from '../../base/text.ts';
import { containersOf } from '../../k8s/containers.ts';
import type { Pod } from '../../k8s/pod.ts';
import { type Control, containersNamed, foundAt, removed, result, sorted } from '../control.ts';
import type { ControlResult } from '../types.ts';

export const hostPorts: Control = {
  id: 'hostPorts',
  level: 'baseline',
  versions: [{ since: 0, check: hostPorts_1_0 }],
};

function hostPorts_1_0({ spec }: Pod): ControlResult {
  const bad = containersOf(spec)
    .map((each) => ({
      each,
      ports: (each.container.ports ?? [])
        .map((port, i) => ({ i, hostPort: port?.hostPort ?? 0 }))
        .filter(({ hostPort }) => hostPort !== 0),
    }))
    .filter(({ ports }) => ports.length > 0);
  const findings = bad.flatMap(({ each, ports }) =>
    foundAt(ports, ({ i, hostPort }) => ({
      ...removed([...each.path, 'ports', i, 'hostPort']),
      value: hostPort,
      allowed: ['0', 'unset'],
      message: `is ${hostPort}`,
      remedy: 'remove it, and reach the pod through a Service',
      container: each,
    })),
  );
  return result(findings, 'hostPort', () => {
    const ports = sorted(bad.flatMap((b) => b.ports.map(({ hostPort }) => String(hostPort))));
    const uses = plural(bad.length, 'uses', 'use');
    const who = containersNamed(bad.map(({ each }) => each));
    return `${who} ${uses} ${plural(ports.length, 'hostPort')} ${ports.join(', ')}`;
  });
}
