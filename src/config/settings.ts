// The server's own settings: addresses, certificates, ledger, cluster access. Nothing here can change a verdict
// (that is all in the policy set). One table holds them: each row is a flag of `serve` and a field of Configuration.
import type { ExporterSettings } from '../ledger/export/settings.ts';

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
  | Exclude<keyof Settings, 'records' | 'exporters'>
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

function optional(
  field: Field,
  { flags, type, fallback, description, path }: Omit<Setting, 'field' | 'required'>,
): Setting {
  const where = path === undefined ? {} : { path };
  return { field, flags, type, fallback, required: false, description, ...where };
}

/** `ledger.replica` of a Configuration is the flag `--ledger-replica`. */
function ofLedger(
  name: keyof RecordSettings,
  row: Pick<Setting, 'type' | 'fallback' | 'description'> & { readonly value: string },
): Setting {
  const kebab = name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  const field: Field = `ledger${capitalized(name)}`;
  return optional(field, {
    flags: `--ledger-${kebab} <${row.value}>`,
    type: row.type,
    fallback: row.fallback,
    description: row.description,
    path: ['ledger', name],
  });
}

function capitalized<Text extends string>(text: Text): Capitalize<Text> {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}` as Capitalize<Text>;
}

export const settingTable: readonly Setting[] = [
  optional('policies', {
    flags: '-p, --policies <path>',
    type: 'paths',
    fallback: 'policies',
    description: 'file or folder of policies; later ones override earlier ones (repeatable)',
  }),
  optional('revision', {
    flags: '--revision <text>',
    type: 'text',
    fallback: null,
    description: 'where the policies came from, for the records; else a file REVISION beside them',
  }),
  optional('listen', {
    flags: '--listen <host:port>',
    type: 'address',
    fallback: '[::]:8443',
    description: 'where reviews are taken, over HTTPS',
  }),
  {
    field: 'tlsCert',
    flags: '--tls-cert <file>',
    type: 'path',
    fallback: null,
    required: true,
    description: 'certificate of the server with its chain, PEM',
  },
  {
    field: 'tlsKey',
    flags: '--tls-key <file>',
    type: 'path',
    fallback: null,
    required: true,
    description: 'private key of that certificate, PEM',
  },
  optional('clientCa', {
    flags: '--client-ca <file>',
    type: 'path',
    fallback: null,
    description: 'CA that callers must show a certificate of, PEM',
  }),
  optional('ledger', {
    flags: '--ledger <dir>',
    path: ['ledger', 'folder'],
    type: 'path',
    fallback: null,
    description: 'folder that every decision is recorded in',
  }),
  ofLedger('replica', {
    value: 'name',
    type: 'text',
    fallback: null,
    description: 'name of this replica in its records, else that of the machine',
  }),
  ofLedger('cluster', {
    value: 'name',
    type: 'text',
    fallback: null,
    description: 'name of the cluster in the records',
  }),
  ofLedger('rotateSize', {
    value: 'size',
    type: 'size',
    fallback: '64Mi',
    description: 'how large a file of records becomes before the next is begun',
  }),
  ofLedger('rotateAge', {
    value: 'time',
    type: 'period',
    fallback: '1h',
    description: 'how old it becomes, and how long one signing key lives',
  }),
  ofLedger('retainAge', {
    value: 'time',
    type: 'period',
    fallback: null,
    description: 'records older than this are removed file by file (90d)',
  }),
  ofLedger('retainSize', {
    value: 'size',
    type: 'size',
    fallback: null,
    description: 'the oldest files are removed when all are larger than this (10Gi)',
  }),
  ofLedger('checkpointEvery', {
    value: 'time',
    type: 'period',
    fallback: '60s',
    description: 'how often the records are signed',
  }),
  ofLedger('onFailure', {
    value: 'deny|allow',
    type: 'outcome',
    fallback: 'deny',
    description: 'what becomes of a request that policies allow and that cannot be recorded',
  }),
  ofLedger('digestKey', {
    value: 'file',
    type: 'path',
    fallback: null,
    description: 'key of 32 bytes or more for digests of redacted values, not on the ledger volume',
  }),
  optional('metrics', {
    flags: '--metrics <host:port>',
    type: 'address',
    fallback: '[::]:8080',
    description: 'where /healthz, /readyz and /metrics answer, over plain HTTP',
  }),
  optional('kubeconfig', {
    flags: '--kubeconfig <file>',
    type: 'path',
    fallback: null,
    description: 'cluster to watch for namespaces and params, else that of the pod we run in',
  }),
  optional('clusterObjects', {
    flags: '--cluster-objects <path>',
    type: 'paths',
    fallback: null,
    description: 'file or folder of namespaces and params, instead of a live cluster (repeatable)',
  }),
  optional('strict', {
    flags: '--strict',
    type: 'switch',
    fallback: null,
    description:
      'not ready while webhook configurations of the cluster leave out what policies match',
  }),
  optional('drainSeconds', {
    flags: '--drain-seconds <seconds>',
    type: 'seconds',
    fallback: '15',
    description: 'how long to go on serving after SIGTERM, so that no caller is turned away',
  }),
];

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
