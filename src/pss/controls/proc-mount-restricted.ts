// Restricted: `procMount` of every container, user namespace or not; allowed: Default, unset. Since v1.35.
// Upstream: check_procMount_restricted.go.
import type { Control } from '../control.ts';
import { procMount_1_0 } from './proc-mount.ts';

export const procMountRestricted: Control = {
  id: 'procMount_restricted',
  level: 'restricted',
  versions: [{ since: 35, check: procMount_1_0, overrides: ['procMount'] }],
};
