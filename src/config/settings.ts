// The server's own settings: addresses, certificates, ledger, cluster access. Nothing here can change a verdict
// (that is all in the policy set). One table holds them: each row is a flag of `serve` and a field of Configuration.
export type Address = {
  /** `::` and `0.0.0.0` mean every address of the machine. */
  readonly host: string;
  readonly port: number;
};

export type Settings = {
  readonly policies: readonly string[];
  readonly listen: Address;
  readonly tlsCert: string;
  readonly tlsKey: string;
  /** When set, callers must show a client certificate of this CA. */
  readonly clientCa: string | null;
  /** null: no records are kept. */
  readonly ledger: string | null;
  readonly metrics: Address;
  readonly clusterObjects: readonly string[];
  /** How long the server still serves after it was told to stop. */
  readonly drainSeconds: number;
};

export type Field = keyof Settings;

export type Setting = {
  readonly field: Field;
  /** As commander reads it: `-p, --policies <path>`. */
  readonly flags: string;
  readonly type: 'path' | 'paths' | 'address' | 'seconds';
  /** What an absent setting is, as text; null: there is none, and it stays absent. */
  readonly fallback: string | null;
  readonly required: boolean;
  readonly description: string;
};

export const maxDrainSeconds = 600;

export const settingTable: readonly Setting[] = [
  {
    field: 'policies',
    flags: '-p, --policies <path>',
    type: 'paths',
    fallback: 'policies',
    required: false,
    description: 'file or folder of policies; later ones override earlier ones (repeatable)',
  },
  {
    field: 'listen',
    flags: '--listen <host:port>',
    type: 'address',
    fallback: '[::]:8443',
    required: false,
    description: 'where reviews are taken, over HTTPS',
  },
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
  {
    field: 'clientCa',
    flags: '--client-ca <file>',
    type: 'path',
    fallback: null,
    required: false,
    description: 'CA that callers must show a certificate of, PEM',
  },
  {
    field: 'ledger',
    flags: '--ledger <dir>',
    type: 'path',
    fallback: null,
    required: false,
    description: 'folder that every decision is recorded in',
  },
  {
    field: 'metrics',
    flags: '--metrics <host:port>',
    type: 'address',
    fallback: '[::]:8080',
    required: false,
    description: 'where /healthz, /readyz and /metrics answer, over plain HTTP',
  },
  {
    field: 'clusterObjects',
    flags: '--cluster-objects <path>',
    type: 'paths',
    fallback: null,
    required: false,
    description: 'file or folder of namespaces and params, instead of a live cluster (repeatable)',
  },
  {
    field: 'drainSeconds',
    flags: '--drain-seconds <seconds>',
    type: 'seconds',
    fallback: '15',
    required: false,
    description: 'how long to go on serving after SIGTERM, so that no caller is turned away',
  },
];

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
