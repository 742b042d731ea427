// Settings of a server on loopback that asks no cluster and keeps no records, and what a test wants to be different.
import { join } from 'node:path';
import { noRegistries } from '../../src/config/registries.ts';
import { defaultRecords, type Settings } from '../../src/config/settings.ts';

const loopback = { host: '127.0.0.1', port: 0 };

/** What no server is without. */
type Needed = Pick<Settings, 'policies' | 'tlsCert' | 'tlsKey'>;

export function settingsOf(needed: Needed, changes: Partial<Settings> = {}): Settings {
  return {
    revision: null,
    listen: loopback,
    metrics: loopback,
    clientCa: null,
    ledger: null,
    records: defaultRecords,
    exporters: [],
    ...noRegistries,
    kubeconfig: null,
    clusterObjects: [],
    strict: false,
    drainSeconds: 0,
    ...needed,
    ...changes,
  };
}

/** With the files of one folder, as `serve` of ./harness.ts lays them. */
export function settingsIn(folder: string, changes: Partial<Settings> = {}): Settings {
  const at = (name: string): string => join(folder, name);
  return settingsOf(
    { policies: [at('policies')], tlsCert: at('cert'), tlsKey: at('key') },
    changes,
  );
}
