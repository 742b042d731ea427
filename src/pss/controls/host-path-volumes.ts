// Baseline: `volumes[*].hostPath`; allowed: unset. Since v1.0. Upstream: check_hostPathVolumes.go.
import { plural, quote } from '../../base/text.ts';
import type { Pod } from '../../k8s/pod.ts';
import { type Control, foundAt, isSet, quoteAll, result } from '../control.ts';
import type { ControlResult } from '../types.ts';

export const hostPathVolumes: Control = {
  id: 'hostPathVolumes',
  level: 'baseline',
  versions: [{ since: 0, check: hostPathVolumes_1_0 }],
};

function hostPathVolumes_1_0({ spec }: Pod): ControlResult {
  const bad = (spec.volumes ?? [])
    .map((volume, i) => ({ volume, i, name: volume.name ?? '' }))
    .filter(({ volume }) => isSet(volume['hostPath']));
  const findings = foundAt(bad, ({ volume, i, name }) => ({
    path: ['spec', 'volumes', i, 'hostPath'],
    value: volume['hostPath'],
    allowed: ['unset'],
    message: `is set (volume ${quote(name)})`,
    remedy: 'use an emptyDir, a configMap or a persistentVolumeClaim instead',
    edits: [],
  }));
  return result(
    findings,
    'hostPath volumes',
    () => `${plural(bad.length, 'volume')} ${quoteAll(bad.map(({ name }) => name))}`,
  );
}
