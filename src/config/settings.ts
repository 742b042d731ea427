// The server's own settings: addresses, certificates, ledger, cluster access. Nothing here can change a verdict
// (that is all in the policy set). setting-table.ts has a row for each.
import type { ExporterSettings } from '../ledger/export/settings.ts';
import type { RegistryHost } from './registries.ts';

export type Address = {
  /** `::` and `0.0.0.0` mean every address of the machine. */
  readonly host: string;
  readonly port: number;
};

/** How records are kept. Sizes in bytes, times in milliseconds. */
export type RecordSettings = {
  /** null: the name of the machine. */
  readonly replica: string | null;
  readonly cluster: string;
  readonly rotateSize: number;
  readonly rotateAge: number;
  /** null: records are not removed for their age, or for their size. */
  readonly retainAge: number | null;
  readonly retainSize: number | null;
  readonly checkpointEvery: number;
  /** What is done with a decision that allows and cannot be recorded. */
  readonly onFailure: 'deny' | 'allow';
  /** File of the key for digests of redacted values; null: there are no digests. */
  readonly digestKey: string | null;
};

export type Settings = {
  readonly policies: readonly string[];
  /** Where the policies came from; null: a file REVISION beside them may tell. */
  readonly revision: string | null;
  readonly listen: Address;
  readonly tlsCert: string;
  readonly tlsKey: string;
  /** When set, callers must show a client certificate of this CA. */
  readonly clientCa: string | null;
  /** null: no records are kept. */
  readonly ledger: string | null;
  readonly records: RecordSettings;
  /** Only a Configuration can say them. */
  readonly exporters: readonly ExporterSettings[];
  /** Only a Configuration can say them. */
  readonly registries: readonly RegistryHost[];
  /** Hosts that are asked over plain HTTP. */
  readonly insecureRegistry: readonly string[];
  /** Path of a docker config.json; null: nothing is logged in with but what pods have. */
  readonly registryConfig: string | null;
  /** Whether the pull secrets of pods are read from the live cluster. */
  readonly pullSecrets: boolean;
  readonly metrics: Address;
  /** null: the service account of the pod, where there is one. */
  readonly kubeconfig: string | null;
  /** When there are any, no live cluster is asked. */
  readonly clusterObjects: readonly string[];
  /** Not ready while the API server would not ask about all that the policies match. */
  readonly strict: boolean;
  /** How long the server still serves after it was told to stop. */
  readonly drainSeconds: number;
};

export type Field =
  | Exclude<keyof Settings, 'records' | 'exporters' | 'registries'>
  | `ledger${Capitalize<keyof RecordSettings>}`;

export type Setting = {
  /** The name of its flag, in camel case. */
  readonly field: Field;
  /** Where it stands in a Configuration; [field] when absent. */
  readonly path?: readonly string[];
  /** As commander reads it: `-p, --policies <path>`. */
  readonly flags: string;
  readonly type:
    | 'path'
    | 'paths'
    | 'hosts'
    | 'address'
    | 'seconds'
    | 'text'
    | 'size'
    | 'period'
    | 'outcome'
    | 'switch';
  /** What an absent setting is, as text; null: there is none, and it stays absent. */
  readonly fallback: string | null;
  readonly required: boolean;
  readonly description: string;
};

export const maxDrainSeconds = 600;

/** The steps to a setting in a Configuration. */
export function pathOf({ field, path }: Setting): readonly string[] {
  return path ?? [field];
}

/** What a server has that says nothing of its records. */
export const defaultRecords: RecordSettings = {
  replica: null,
  cluster: '',
  rotateSize: 64 * 1024 * 1024,
  rotateAge: 3_600_000,
  retainAge: null,
  retainSize: null,
  checkpointEvery: 60_000,
  onFailure: 'deny',
  digestKey: null,
};

/** The long flag alone: `--tls-cert`. */
export function flagOf({ flags }: Setting): string {
  return /--[a-z-]+/.exec(flags)?.[0] ?? flags;
}

/** `HOST:PORT`, `[IPV6]:PORT` or `:PORT`; undefined for anything else. Port 0 asks the system for a free one. */
export function parseAddress(text: string): Address | undefined {
  const match = /^(?:\[([0-9A-Fa-f:.]+)\]|([A-Za-z0-9.-]*)):(\d{1,5})$/.exec(text);
  const port = Number(match?.[3]);
  if (match === null || port > 65_535) return undefined;
  return { host: match[1] ?? (match[2] || '::'), port };
}

/** `[::]:8443`, `127.0.0.1:8443`. */
export function formatAddress({ host, port }: Address): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}
