// What the admission plugins that are on by default give to a new pod: a service account with its token, tolerations of
// nodes that are gone, and a priority.
// Upstream: plugin/pkg/admission/{serviceaccount,defaulttolerationseconds,priority} in k8s.io/kubernetes.
import { get } from '../../base/json.ts';
import type { Draft } from '../api-object.ts';
import { at, items, push, textAt } from './table.ts';
import { unknownSuffix } from './unknown.ts';

const tokenPath = '/var/run/secrets/kubernetes.io/serviceaccount';
const tokenVolume = 'kube-api-access-';
const tokenSeconds = 3607;
const mirror = 'kubernetes.io/config.mirror';

/** `old`: the pod as it was, from which names that were chosen once are kept. */
export function admitPod(pod: Draft, old: Draft | undefined): void {
  const spec = at(pod, 'spec');
  if (spec === undefined) return;
  if (!Object.hasOwn(at(at(pod, 'metadata'), 'annotations') ?? {}, mirror)) {
    giveServiceAccount(spec, tokenVolumeOf(at(old, 'spec')));
  }
  tolerateLostNodes(spec);
  givePriority(spec);
}

function giveServiceAccount(spec: Draft, kept: string): void {
  const name = textAt(spec, 'serviceAccountName') || 'default';
  spec['serviceAccountName'] = name;
  spec['serviceAccount'] = name;
  if (get(spec, 'automountServiceAccountToken') === false) return;
  const own = tokenVolumeOf(spec);
  const volume = own || kept || `${tokenVolume}${unknownSuffix}`;
  const bare = [...items(spec, 'initContainers'), ...items(spec, 'containers')].filter((each) =>
    items(each, 'volumeMounts').every((mount) => mount['mountPath'] !== tokenPath),
  );
  for (const each of bare) {
    push(each, 'volumeMounts', { name: volume, readOnly: true, mountPath: tokenPath });
  }
  if (own === '' && bare.length > 0) push(spec, 'volumes', tokenSource(volume));
}

function tokenVolumeOf(spec: Draft | undefined): string {
  const names = items(spec, 'volumes').map((volume) => textAt(volume, 'name'));
  return names.find((name) => name.startsWith(tokenVolume)) ?? '';
}

function tokenSource(name: string): Draft {
  const namespace = { apiVersion: 'v1', fieldPath: 'metadata.namespace' };
  return {
    name,
    projected: {
      defaultMode: 0o644,
      sources: [
        { serviceAccountToken: { path: 'token', expirationSeconds: tokenSeconds } },
        { configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
        { downwardAPI: { items: [{ path: 'namespace', fieldRef: namespace }] } },
      ],
    },
  };
}

function tolerateLostNodes(spec: Draft): void {
  const given = items(spec, 'tolerations');
  for (const key of ['node.kubernetes.io/not-ready', 'node.kubernetes.io/unreachable']) {
    const isTolerated = given.some(
      (each) =>
        ['', key].includes(textAt(each, 'key')) &&
        ['', 'NoExecute'].includes(textAt(each, 'effect')),
    );
    const toleration = { key, operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 300 };
    if (!isTolerated) push(spec, 'tolerations', toleration);
  }
}

/** Of the classes that every cluster has; the value of another one is the cluster's. */
const priorities: Readonly<Record<string, number>> = {
  '': 0,
  'system-cluster-critical': 2_000_000_000,
  'system-node-critical': 2_000_001_000,
};

function givePriority(spec: Draft): void {
  const name = textAt(spec, 'priorityClassName');
  const priority = Object.hasOwn(priorities, name) ? priorities[name] : undefined;
  if (priority === undefined) return;
  spec['priority'] = spec['priority'] ?? priority;
  spec['preemptionPolicy'] = spec['preemptionPolicy'] ?? 'PreemptLowerPriority';
}
