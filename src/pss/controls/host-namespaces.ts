// Baseline: `hostNetwork`, `hostPID`, `hostIPC`; allowed: false, unset. Since v1.0. Upstream: check_hostNamespaces.go.
import type { Pod } from '../../k8s/pod.ts';
import { type Control, foundAt, result, setTo } from '../control.ts';
import type { ControlResult } from '../types.ts';

export const hostNamespaces: Control = {
  id: 'hostNamespaces',
  level: 'baseline',
  versions: [{ since: 0, check: hostNamespaces_1_0 }],
};

const fields = ['hostNetwork', 'hostPID', 'hostIPC'] as const;

function hostNamespaces_1_0({ spec }: Pod): ControlResult {
  const bad = fields.filter((field) => spec[field] === true);
  const findings = foundAt(bad, (field) => ({
    ...setTo(['spec', field], false),
    value: true,
    allowed: ['false', 'unset'],
    message: 'is true',
    remedy: 'set it to false or remove it',
  }));
  return result(findings, 'host namespaces', () => bad.map((field) => `${field}=true`).join(', '));
}
