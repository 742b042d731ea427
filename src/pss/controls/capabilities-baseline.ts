// Baseline: `capabilities.add` of every container; allowed: the default set. Since v1.0.
// Upstream: check_capabilities_baseline.go.
import { quote } from '../../base/text.ts';
import { containersOf } from '../../k8s/containers.ts';
import type { Pod } from '../../k8s/pod.ts';
import {
  type Control,
  containersNamed,
  foundAt,
  quoteAll,
  removed,
  result,
  sorted,
} from '../control.ts';
import type { ControlResult } from '../types.ts';

export const capabilitiesBaseline: Control = {
  id: 'capabilities_baseline',
  level: 'baseline',
  versions: [{ since: 0, check: capabilitiesBaseline_1_0 }],
};

const allowed_1_0 = [
  'AUDIT_WRITE',
  'CHOWN',
  'DAC_OVERRIDE',
  'FOWNER',
  'FSETID',
  'KILL',
  'MKNOD',
  'NET_BIND_SERVICE',
  'SETFCAP',
  'SETGID',
  'SETPCAP',
  'SETUID',
  'SYS_CHROOT',
];

function capabilitiesBaseline_1_0({ spec }: Pod): ControlResult {
  const bad = containersOf(spec)
    .map((each) => {
      const added = each.container.securityContext?.capabilities?.add ?? [];
      return {
        each,
        added: added
          .map((name, i) => ({ name, i }))
          .filter(({ name }) => !allowed_1_0.includes(name)),
      };
    })
    .filter(({ added }) => added.length > 0);
  const findings = bad.flatMap(({ each, added }) =>
    foundAt(added, ({ name, i }) => ({
      ...removed([...each.path, 'securityContext', 'capabilities', 'add', i]),
      value: name,
      allowed: allowed_1_0,
      message: `adds ${quote(name)}`,
      remedy: 'remove the capability',
      container: each,
    })),
  );
  return result(findings, 'non-default capabilities', () => {
    const names = quoteAll(sorted(bad.flatMap(({ added }) => added.map(({ name }) => name))));
    const who = containersNamed(bad.map(({ each }) => each));
    return `${who} must not include ${names} in securityContext.capabilities.add`;
  });
}
