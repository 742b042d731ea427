// Restricted: `volumes[*]`; allowed: the sources below. Since v1.0. Upstream: check_restrictedVolumes.go.
import { plural, quote } from '../../base/text.ts';
import type { Pod, Volume } from '../../k8s/pod.ts';
import { type Control, foundAt, isSet, quoteAll, result, sorted } from '../control.ts';
import type { ControlResult } from '../types.ts';

export const restrictedVolumes: Control = {
  id: 'restrictedVolumes',
  level: 'restricted',
  versions: [{ since: 0, check: restrictedVolumes_1_0, overrides: ['hostPathVolumes'] }],
};

const allowed = [
  'configMap',
  'csi',
  'downwardAPI',
  'emptyDir',
  'ephemeral',
  'image',
  'persistentVolumeClaim',
  'projected',
  'secret',
];

/** In the order in which upstream names the one that it found. */
const forbidden = [
  'hostPath',
  'gcePersistentDisk',
  'awsElasticBlockStore',
  'gitRepo',
  'nfs',
  'iscsi',
  'glusterfs',
  'rbd',
  'flexVolume',
  'cinder',
  'cephfs',
  'flocker',
  'fc',
  'azureFile',
  'vsphereVolume',
  'quobyte',
  'azureDisk',
  'photonPersistentDisk',
  'portworxVolume',
  'scaleIO',
  'storageos',
];

function restrictedVolumes_1_0({ spec }: Pod): ControlResult {
  const bad = (spec.volumes ?? [])
    .map((volume, i) => ({ volume, i }))
    .filter(({ volume }) => !isAllowed(volume))
    .map(({ volume, i }) => ({ volume, i, name: volume.name ?? '', type: typeOf(volume) }));
  const findings = foundAt(bad, ({ volume, i, name, type }) => ({
    path: type === 'unknown' ? ['spec', 'volumes', i] : ['spec', 'volumes', i, type],
    value: type === 'unknown' ? null : volume[type],
    allowed,
    message: `is a volume of ${type === 'unknown' ? 'an unknown type' : `type ${quote(type)}`} (volume ${quote(name)})`,
    remedy: `use one of ${allowed.join(', ')}`,
    edits: [],
  }));
  return result(findings, 'restricted volume types', () => {
    const types = sorted(bad.map(({ type }) => type));
    const names = quoteAll(bad.map(({ name }) => name));
    const what = plural(types.length, 'restricted volume type');
    return `${plural(bad.length, 'volume')} ${names} ${plural(bad.length, 'uses', 'use')} ${what} ${quoteAll(types)}`;
  });
}

/** Threat: in-tree an allowed source hides a forbidden one beside it, for the API server has made sure before that there
 * is only one; nobody has for `check`. */
function isAllowed(volume: Volume): boolean {
  const sources = Object.keys(volume).filter((key) => key !== 'name' && isSet(volume[key]));
  return sources.length === 1 && sources.every((source) => allowed.includes(source));
}

function typeOf(volume: Volume): string {
  return forbidden.find((source) => isSet(volume[source])) ?? 'unknown';
}
