// Baseline: `appArmorProfile.type` of pod and containers (allowed: RuntimeDefault, Localhost, unset) and the beta
// annotations (allowed: runtime/default, localhost/*, empty). Since v1.0. Upstream: check_appArmorProfile.go.
import type { FieldPath } from '../../base/field-path.ts';
import { plural, quote } from '../../base/text.ts';
import { containersOf } from '../../k8s/containers.ts';
import { goQuote } from '../../k8s/go-text.ts';
import type { Pod } from '../../k8s/pod.ts';
import {
  type Control,
  containersNamed,
  finding,
  foundAt,
  isSet,
  quoteAll,
  remove,
  result,
  runtimeDefault,
  sorted,
} from '../control.ts';
import type { ControlResult } from '../types.ts';

export const appArmorProfile: Control = {
  id: 'appArmorProfile',
  level: 'baseline',
  versions: [{ since: 0, check: appArmorProfile_1_0 }],
};

const prefix = 'container.apparmor.security.beta.kubernetes.io/';
const types = ['RuntimeDefault', 'Localhost'];
const remedy = 'set it to RuntimeDefault or Localhost, or remove appArmorProfile';

function appArmorProfile_1_0({ metadata, spec }: Pod): ControlResult {
  const podProfile = spec.securityContext?.appArmorProfile;
  const podBad = isSet(podProfile) && !types.includes(podProfile.type ?? '');
  const bad = containersOf(spec).filter(({ container }) => {
    const profile = container.securityContext?.appArmorProfile;
    return isSet(profile) && !types.includes(profile.type ?? '');
  });
  const annotations = Object.entries(metadata.annotations ?? {}).filter(
    ([key, value]) => key.startsWith(prefix) && !isAllowed(value),
  );
  const typeOf = (at: FieldPath, value: string | null | undefined) => ({
    path: [...at, 'securityContext', 'appArmorProfile', 'type'],
    value,
    allowed: [...types, 'unset'],
    message: isSet(value) ? `is ${quote(value)}` : 'is not set',
    remedy,
    edits: runtimeDefault([...at, 'securityContext', 'appArmorProfile']),
  });
  const findings = [
    ...(podBad ? [() => finding(typeOf(['spec'], podProfile.type))] : []),
    ...foundAt(bad, (each) => ({
      ...typeOf(each.path, each.container.securityContext?.appArmorProfile?.type),
      container: each,
    })),
    ...foundAt(annotations, ([key, value]) => ({
      path: ['metadata', 'annotations', key],
      value,
      allowed: ['runtime/default', 'localhost/*', 'unset'],
      message: `is ${quote(value)}`,
      remedy: 'remove the annotation, and use securityContext.appArmorProfile',
      edits: [remove(['metadata', 'annotations', key])],
    })),
  ];
  const values = [
    ...sorted([
      ...(podBad ? [podProfile.type ?? ''] : []),
      ...bad.map(({ container }) => container.securityContext?.appArmorProfile?.type ?? ''),
    ]),
    ...sorted(annotations.map(([key, value]) => `${key}=${goQuote(value)}`)),
  ];
  const who = [
    ...(podBad ? ['pod'] : []),
    ...(bad.length > 0 ? [containersNamed(bad)] : []),
    ...(annotations.length > 0 ? [plural(annotations.length, 'annotation')] : []),
  ];
  return result(
    findings,
    plural(values.length, 'forbidden AppArmor profile'),
    () => `${who.join(' and ')} must not set AppArmor profile type to ${quoteAll(values)}`,
  );
}

function isAllowed(value: string | null): boolean {
  return !value || value === 'runtime/default' || value.startsWith('localhost/');
}
