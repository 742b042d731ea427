// Defaults of volumes, persistent ones too.
// Upstream: SetDefaults_Volume and the _…VolumeSource in pkg/apis/core/v1, and the `+default` marks of their types.
import type { Draft } from '../api-object.ts';
import type { Defaults } from './table.ts';

/** rw-r--r-- */
const fileMode = 0o644;

const rbd = (type: string): Defaults['rows'] => ({
  [`${type}.pool`]: 'rbd',
  [`${type}.user`]: 'admin',
  [`${type}.keyring`]: '/etc/ceph/keyring',
});

const scaleIo = (type: string): Defaults['rows'] => ({
  [`${type}.storageMode`]: 'ThinProvisioned',
  [`${type}.fsType`]: 'xfs',
});

export const volumeDefaults: Defaults = {
  rows: {
    'SecretVolumeSource.defaultMode': fileMode,
    'ConfigMapVolumeSource.defaultMode': fileMode,
    'DownwardAPIVolumeSource.defaultMode': fileMode,
    'ProjectedVolumeSource.defaultMode': fileMode,
    'ServiceAccountTokenProjection.expirationSeconds': 3600,
    'HostPathVolumeSource.type': '',
    'ISCSIVolumeSource.iscsiInterface': 'default',
    'ISCSIPersistentVolumeSource.iscsiInterface': 'default',
    ...rbd('RBDVolumeSource'),
    ...rbd('RBDPersistentVolumeSource'),
    ...scaleIo('ScaleIOVolumeSource'),
    ...scaleIo('ScaleIOPersistentVolumeSource'),
    'AzureDiskVolumeSource.cachingMode': 'ReadWrite',
    'AzureDiskVolumeSource.fsType': 'ext4',
    'AzureDiskVolumeSource.readOnly': false,
    'AzureDiskVolumeSource.kind': 'Shared',
    'PersistentVolumeClaimSpec.volumeMode': 'Filesystem',
    'PersistentVolumeSpec.volumeMode': 'Filesystem',
    'PersistentVolumeSpec.persistentVolumeReclaimPolicy': 'Retain',
  },
  acts: { Volume: chooseSource },
};

/** A volume that names no source is an emptyDir. */
function chooseSource(volume: Draft): void {
  if (Object.keys(volume).every((key) => key === 'name')) volume['emptyDir'] = {};
}
