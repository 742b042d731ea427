// Baseline: `host` of probes and lifecycle handlers (httpGet, tcpSocket); allowed: empty, unset. Since v1.34.
// Upstream: check_hostProbesAndhostLifecycle.go.
import type { FieldPath } from '../../base/field-path.ts';
import { plural, quote } from '../../base/text.ts';
import { containersOf, type PlacedContainer } from '../../k8s/containers.ts';
import type { Handler, Pod } from '../../k8s/pod.ts';
import {
  type Control,
  foundAt,
  isSet,
  nameOf,
  quoteAll,
  removed,
  result,
  sorted,
} from '../control.ts';
import type { ControlResult } from '../types.ts';

export const hostProbesAndHostLifecycle: Control = {
  id: 'hostProbesAndHostLifecycle',
  level: 'baseline',
  versions: [{ since: 34, check: hostProbesAndHostLifecycle_1_34 }],
};

type Host = { readonly path: FieldPath; readonly host: string };

function hostProbesAndHostLifecycle_1_34({ spec }: Pod): ControlResult {
  const bad = containersOf(spec)
    .map((each) => ({ each, hosts: hostsOf(each) }))
    .filter(({ hosts }) => hosts.length > 0);
  const findings = bad.flatMap(({ each, hosts }) =>
    foundAt(hosts, ({ path, host }) => ({
      ...removed(path),
      value: host,
      allowed: ['unset'],
      message: `is ${quote(host)}`,
      remedy: 'remove it: the kubelet then asks the pod itself',
      container: each,
    })),
  );
  return result(findings, 'probe or lifecycle host', () => {
    const names = sorted(bad.map(({ each }) => nameOf(each)));
    const hosts = sorted(bad.flatMap((b) => b.hosts.map(({ host }) => host)));
    const what = plural(hosts.length, 'probe or lifecycle host');
    const uses = plural(names.length, 'uses', 'use');
    return `${plural(names.length, 'container')} ${quoteAll(names)} ${uses} ${what} ${quoteAll(hosts)}`;
  });
}

function hostsOf({ container, path }: PlacedContainer): readonly Host[] {
  const { livenessProbe, readinessProbe, startupProbe, lifecycle } = container;
  return [
    ...inHandler(livenessProbe, path, ['livenessProbe']),
    ...inHandler(readinessProbe, path, ['readinessProbe']),
    ...inHandler(startupProbe, path, ['startupProbe']),
    ...inHandler(lifecycle?.postStart, path, ['lifecycle', 'postStart']),
    ...inHandler(lifecycle?.preStop, path, ['lifecycle', 'preStop']),
  ];
}

function inHandler(
  handler: Handler | null | undefined,
  container: FieldPath,
  below: FieldPath,
): readonly Host[] {
  if (!isSet(handler)) return [];
  return (['httpGet', 'tcpSocket'] as const).flatMap((kind) => {
    const host = handler[kind]?.host;
    return host ? [{ path: [...container, ...below, kind, 'host'], host }] : [];
  });
}
