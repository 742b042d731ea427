// What the API server derives in a new pod once it is admitted: label keys become selectors, annotations of AppArmor
// become fields, and the status begins. Upstream: pkg/registry/core/pod/strategy.go.
import { get, isArray } from '../../base/json.ts';
import type { Draft } from '../api-object.ts';
import { qosClass } from './pod-resources.ts';
import { at, items, push, textAt } from './table.ts';

export function preparePod(pod: Draft): void {
  const spec = at(pod, 'spec');
  if (spec === undefined) return;
  const isGated = items(spec, 'schedulingGates').length > 0;
  pod['status'] = {
    phase: 'Pending',
    qosClass: qosClass(spec),
    ...(isGated ? { conditions: [gated] } : {}),
  };
  selectByKeys(spec, at(at(pod, 'metadata'), 'labels'));
  if (textAt(at(spec, 'os'), 'name') !== 'windows') {
    readAppArmor(spec, at(at(pod, 'metadata'), 'annotations'));
  }
}

const gated = {
  type: 'PodScheduled',
  status: 'False',
  lastProbeTime: null,
  reason: 'SchedulingGated',
  message: 'Scheduling is blocked due to non-empty scheduling gates',
};

function selectByKeys(spec: Draft, labels: Draft | undefined): void {
  for (const constraint of items(spec, 'topologySpreadConstraints')) {
    select(constraint, 'matchLabelKeys', 'In', labels);
  }
  for (const side of ['podAffinity', 'podAntiAffinity']) {
    const affinity = at(at(spec, 'affinity'), side);
    const preferred = items(affinity, 'preferredDuringSchedulingIgnoredDuringExecution');
    const terms: readonly Draft[] = [
      ...preferred.map((each) => at(each, 'podAffinityTerm') ?? {}),
      ...items(affinity, 'requiredDuringSchedulingIgnoredDuringExecution'),
    ];
    for (const term of terms) {
      select(term, 'matchLabelKeys', 'In', labels);
      select(term, 'mismatchLabelKeys', 'NotIn', labels);
    }
  }
}

function select(term: Draft, field: string, operator: string, labels: Draft | undefined): void {
  const [keys, selector] = [get(term, field), at(term, 'labelSelector')];
  if (selector === undefined || !isArray(keys)) return;
  for (const key of keys) {
    const value = typeof key === 'string' ? get(labels, key) : undefined;
    // Of a pod that was there before it is selected already; a new one may not name such a key itself.
    const known = items(selector, 'matchExpressions').some((each) => each['key'] === key);
    if (value === undefined || known) continue;
    push(selector, 'matchExpressions', { key, operator, values: [value] });
  }
}

const appArmor = 'container.apparmor.security.beta.kubernetes.io/';

/** The old annotation counts for a container whose field says nothing. */
function readAppArmor(spec: Draft, annotations: Draft | undefined): void {
  const podProfile = JSON.stringify(at(at(spec, 'securityContext'), 'appArmorProfile') ?? null);
  for (const field of ['initContainers', 'containers', 'ephemeralContainers']) {
    for (const each of items(spec, field)) {
      const profile = profileOf(textAt(annotations, `${appArmor}${textAt(each, 'name')}`));
      const context = at(each, 'securityContext');
      const isSet = at(context, 'appArmorProfile') !== undefined;
      if (profile !== undefined && !isSet && JSON.stringify(profile) !== podProfile) {
        each['securityContext'] = { ...context, appArmorProfile: profile };
      }
    }
  }
}

const maxProfile = 4095;

function profileOf(annotation: string): Draft | undefined {
  if (annotation === 'unconfined') return { type: 'Unconfined' };
  if (annotation === 'runtime/default') return { type: 'RuntimeDefault' };
  const name = annotation.startsWith('localhost/') ? annotation.slice('localhost/'.length) : '';
  if (name === '' || name.trim() !== name || name.length > maxProfile) return undefined;
  return { type: 'Localhost', localhostProfile: name };
}
