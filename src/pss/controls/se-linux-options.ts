// Baseline: `seLinuxOptions` of pod and containers; type one of the allowed or unset, user and role unset.
// Since v1.0; container_engine_t since v1.31. Upstream: check_seLinuxOptions.go.
import type { FieldPath } from '../../base/field-path.ts';
import { plural, quote } from '../../base/text.ts';
import { containersOf, type PlacedContainer } from '../../k8s/containers.ts';
import type { SeLinuxOptions } from '../../k8s/pod.ts';
import {
  type Check,
  type Control,
  type Found,
  finding,
  quoteAll,
  removed,
  result,
  setters,
  sorted,
} from '../control.ts';

const types_1_0 = ['container_t', 'container_init_t', 'container_kvm_t'];
const types_1_31 = [...types_1_0, 'container_engine_t'];

export const seLinuxOptions: Control = {
  id: 'seLinuxOptions',
  level: 'baseline',
  versions: [
    { since: 0, check: withTypes(types_1_0) },
    { since: 31, check: withTypes(types_1_31) },
  ],
};

function withTypes(types: readonly string[]): Check {
  return ({ spec }) => {
    const podOptions = spec.securityContext?.seLinuxOptions;
    const ofPod = findingsOf(podOptions, types, ['spec'], undefined);
    const bad = containersOf(spec)
      .map((each) => {
        const options = each.container.securityContext?.seLinuxOptions;
        return { each, options, findings: findingsOf(options, types, each.path, each) };
      })
      .filter(({ findings }) => findings.length > 0);
    const findings = [...ofPod, ...bad.flatMap((b) => b.findings)];
    return result(findings, 'seLinuxOptions', () => {
      const faulty = [
        ...(ofPod.length > 0 ? [podOptions] : []),
        ...bad.map(({ options }) => options),
      ];
      const who = setters(
        ofPod.length > 0,
        bad.map(({ each }) => each),
      );
      return `${who} set forbidden securityContext.seLinuxOptions: ${dataOf(faulty, types)}`;
    });
  };
}

function dataOf(
  faulty: readonly (SeLinuxOptions | null | undefined)[],
  types: readonly string[],
): string {
  const bad = sorted(
    faulty.map((o) => o?.type ?? '').filter((t) => t !== '' && !types.includes(t)),
  );
  return [
    ...(bad.length > 0 ? [`${plural(bad.length, 'type')} ${quoteAll(bad)}`] : []),
    ...(faulty.some((o) => o?.user) ? ['user may not be set'] : []),
    ...(faulty.some((o) => o?.role) ? ['role may not be set'] : []),
  ].join('; ');
}

function findingsOf(
  options: SeLinuxOptions | null | undefined,
  types: readonly string[],
  base: FieldPath,
  container: PlacedContainer | undefined,
): readonly Found[] {
  const found = (field: 'type' | 'user' | 'role', value: string) => () =>
    finding({
      ...removed([...base, 'securityContext', 'seLinuxOptions', field]),
      value,
      allowed: field === 'type' ? [...types, 'unset'] : ['unset'],
      message: `is ${quote(value)}`,
      remedy: field === 'type' ? `set one of ${types.join(', ')}, or remove it` : 'remove it',
      container,
    });
  const { type, user, role } = options ?? {};
  return [
    ...(type && !types.includes(type) ? [found('type', type)] : []),
    ...(user ? [found('user', user)] : []),
    ...(role ? [found('role', role)] : []),
  ];
}
