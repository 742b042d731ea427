// Restricted: `runAsUser` of pod and containers; allowed: anything but 0. Since v1.23; not for pods in a user namespace
// since v1.35. Upstream: check_runAsUser.go.
import { containersOf, type PlacedContainer } from '../../k8s/containers.ts';
import type { Pod } from '../../k8s/pod.ts';
import {
  type Control,
  exceptUserNamespace,
  finding,
  removed,
  result,
  setters,
} from '../control.ts';
import type { ControlResult } from '../types.ts';

export const runAsUser: Control = {
  id: 'runAsUser',
  level: 'restricted',
  versions: [
    { since: 23, check: runAsUser_1_23 },
    { since: 35, check: exceptUserNamespace(runAsUser_1_23) },
  ],
};

function runAsUser_1_23({ spec }: Pod): ControlResult {
  const podBad = isRoot(spec.securityContext?.runAsUser);
  const bad = containersOf(spec).filter(({ container }) =>
    isRoot(container.securityContext?.runAsUser),
  );
  const findings = [...(podBad ? [found(undefined)] : []), ...bad.map(found)];
  return result(findings, 'runAsUser=0', () => `${setters(podBad, bad)} must not set runAsUser=0`);
}

function isRoot(user: number | bigint | null | undefined): boolean {
  return user === 0 || user === 0n;
}

function found(container: PlacedContainer | undefined) {
  return () =>
    finding({
      ...removed([...(container?.path ?? ['spec']), 'securityContext', 'runAsUser']),
      value: 0,
      allowed: ['any user but 0', 'unset'],
      message: 'is 0 (root)',
      remedy: 'set the id of another user, or remove it',
      container,
    });
}
