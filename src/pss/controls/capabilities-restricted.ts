// Restricted: every container drops ALL, and adds at most NET_BIND_SERVICE. Since v1.22; not for Windows since v1.25.
// Upstream: check_capabilities_restricted.go.
import { quote } from '../../base/text.ts';
import { containersOf } from '../../k8s/containers.ts';
import type { Pod } from '../../k8s/pod.ts';
import {
  type Control,
  containersNamed,
  exceptWindows,
  foundAt,
  quoteAll,
  removed,
  result,
  setTo,
  sorted,
} from '../control.ts';
import type { ControlResult } from '../types.ts';

const overrides = ['capabilities_baseline'];

export const capabilitiesRestricted: Control = {
  id: 'capabilities_restricted',
  level: 'restricted',
  versions: [
    { since: 22, check: capabilitiesRestricted_1_22, overrides },
    { since: 25, check: exceptWindows(capabilitiesRestricted_1_22), overrides },
  ],
};

function capabilitiesRestricted_1_22({ spec }: Pod): ControlResult {
  const all = containersOf(spec);
  const missing = all.filter(
    ({ container }) => container.securityContext?.capabilities?.drop?.includes('ALL') !== true,
  );
  const adding = all
    .map((each) => {
      const add = each.container.securityContext?.capabilities?.add ?? [];
      return {
        each,
        added: add
          .map((name, i) => ({ name, i }))
          .filter(({ name }) => name !== 'NET_BIND_SERVICE'),
      };
    })
    .filter(({ added }) => added.length > 0);
  const findings = [
    ...foundAt(missing, (each) => {
      const drop = each.container.securityContext?.capabilities?.drop;
      return {
        ...setTo([...each.path, 'securityContext', 'capabilities', 'drop'], ['ALL']),
        value: drop,
        allowed: ['["ALL"]'],
        message: drop ? 'does not hold "ALL"' : 'is not set',
        remedy: 'set it to ["ALL"]',
        container: each,
      };
    }),
    ...adding.flatMap(({ each, added }) =>
      foundAt(added, ({ name, i }) => ({
        ...removed([...each.path, 'securityContext', 'capabilities', 'add', i]),
        value: name,
        allowed: ['NET_BIND_SERVICE'],
        message: `adds ${quote(name)}`,
        remedy: 'remove the capability',
        container: each,
      })),
    ),
  ];
  return result(findings, 'unrestricted capabilities', () =>
    [
      ...(missing.length > 0
        ? [`${containersNamed(missing)} must set securityContext.capabilities.drop=["ALL"]`]
        : []),
      ...(adding.length > 0
        ? [
            `${containersNamed(adding.map(({ each }) => each))} must not include ${quoteAll(
              sorted(adding.flatMap(({ added }) => added.map(({ name }) => name))),
            )} in securityContext.capabilities.add`,
          ]
        : []),
    ].join('; '),
  );
}
