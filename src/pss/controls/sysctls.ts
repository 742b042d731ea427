// Baseline: `securityContext.sysctls[*].name`; allowed: the safe ones of each version. Since v1.0.
// Upstream: check_sysctls.go.
import { quote } from '../../base/text.ts';
import { type Check, type Control, foundAt, remove, result } from '../control.ts';

const names_1_0 = [
  'kernel.shm_rmid_forced',
  'net.ipv4.ip_local_port_range',
  'net.ipv4.tcp_syncookies',
  'net.ipv4.ping_group_range',
  'net.ipv4.ip_unprivileged_port_start',
];
const names_1_27 = [...names_1_0, 'net.ipv4.ip_local_reserved_ports'];
const names_1_29 = [
  ...names_1_27,
  'net.ipv4.tcp_keepalive_time',
  'net.ipv4.tcp_fin_timeout',
  'net.ipv4.tcp_keepalive_intvl',
  'net.ipv4.tcp_keepalive_probes',
];
const names_1_32 = [...names_1_29, 'net.ipv4.tcp_rmem', 'net.ipv4.tcp_wmem'];
const names_1_37 = [
  ...names_1_32,
  'net.ipv4.tcp_slow_start_after_idle',
  'net.ipv4.tcp_notsent_lowat',
];

export const sysctls: Control = {
  id: 'sysctls',
  level: 'baseline',
  versions: [
    { since: 0, check: withNames(names_1_0) },
    { since: 27, check: withNames(names_1_27) },
    { since: 29, check: withNames(names_1_29) },
    { since: 32, check: withNames(names_1_32) },
    { since: 37, check: withNames(names_1_37) },
  ],
};

function withNames(allowed: readonly string[]): Check {
  return ({ spec }) => {
    const bad = (spec.securityContext?.sysctls ?? [])
      .map((sysctl, i) => ({ name: sysctl?.name ?? '', i }))
      .filter(({ name }) => !allowed.includes(name));
    const findings = foundAt(bad, ({ name, i }) => ({
      path: ['spec', 'securityContext', 'sysctls', i, 'name'],
      value: name,
      allowed,
      message: `is ${quote(name)}`,
      remedy: 'remove the sysctl',
      edits: [remove(['spec', 'securityContext', 'sysctls', i])],
    }));
    return result(findings, 'forbidden sysctls', () => bad.map(({ name }) => name).join(', '));
  };
}
