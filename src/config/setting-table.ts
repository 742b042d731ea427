// The one table of the server's settings: each row is a flag of `serve` and a field of Configuration.
import type { Field, RecordSettings, Setting } from './settings.ts';

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
  optional('insecureRegistry', {
    flags: '--insecure-registry <host>',
    type: 'hosts',
    fallback: null,
    description: 'registry that is asked over plain HTTP: HOST or HOST:PORT (repeatable)',
  }),
  optional('registryConfig', {
    flags: '--registry-config <file>',
    type: 'path',
    fallback: null,
    description: 'docker config.json with what registries are logged in to with',
  }),
  optional('pullSecrets', {
    flags: '--pull-secrets',
    type: 'switch',
    fallback: null,
    description: 'log in to registries with the pull secrets of pods, read from the cluster',
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
