// Baseline: the seccomp annotations before v1.19, `seccompProfile.type` of pod and containers since; allowed:
// RuntimeDefault, Localhost, unset. Upstream: check_seccompProfile_baseline.go.
import { get } from '../../base/json.ts';
import { plural, quote } from '../../base/text.ts';
import { containersOf } from '../../k8s/containers.ts';
import { goQuote } from '../../k8s/go-text.ts';
import type { Pod } from '../../k8s/pod.ts';
import {
  type Control,
  foundAt,
  nameOf,
  quoteAll,
  removed,
  result,
  setters,
  sorted,
} from '../control.ts';
import { explicitSeccomp } from '../seccomp.ts';
import type { ControlResult } from '../types.ts';

export const seccompProfileBaseline: Control = {
  id: 'seccompProfile_baseline',
  level: 'baseline',
  versions: [
    { since: 0, check: seccompProfileBaseline_1_0 },
    { since: 19, check: seccompProfileBaseline_1_19 },
  ],
};

const podAnnotation = 'seccomp.security.alpha.kubernetes.io/pod';
const containerAnnotation = 'container.seccomp.security.alpha.kubernetes.io/';

function seccompProfileBaseline_1_0({ metadata, spec }: Pod): ControlResult {
  const keys = [
    podAnnotation,
    ...containersOf(spec).map((each) => containerAnnotation + nameOf(each)),
  ];
  const bad = [...new Set(keys)].flatMap((key) => {
    const found = get(metadata.annotations, key);
    // Go reads null as the empty text, which is none of those that are allowed.
    const value = found === null ? '' : found;
    return typeof value === 'string' && !isAllowed(value) ? [{ key, value }] : [];
  });
  const findings = foundAt(bad, ({ key, value }) => ({
    // Another value may contradict the container's seccompProfile: the API server refuses that.
    ...removed(['metadata', 'annotations', key]),
    value,
    allowed: ['runtime/default', 'docker/default', 'localhost/*', 'unset'],
    message: `is ${quote(value)}`,
    remedy: 'remove it, and use securityContext.seccompProfile',
  }));
  return result(findings, 'seccompProfile', () => {
    const texts = sorted(bad.map(({ key, value }) => `${key}=${goQuote(value)}`));
    return `forbidden ${plural(texts.length, 'annotation')} ${texts.join(', ')}`;
  });
}

function isAllowed(value: string): boolean {
  return (
    value === 'runtime/default' || value === 'docker/default' || value.startsWith('localhost/')
  );
}

function seccompProfileBaseline_1_19(pod: Pod): ControlResult {
  const { findings, podBad, bad, values } = explicitSeccomp(pod);
  return result(
    findings,
    'seccompProfile',
    () =>
      `${setters(podBad, bad)} must not set securityContext.seccompProfile.type to ${quoteAll(values)}`,
  );
}
