// Settings from flags and a Configuration file: a flag wins over the file, the file over the defaults.
// Every fault of both is told at once.
import { byPlace, type Diagnostic } from '../base/diagnostic.ts';
import { isArray, type JsonValue } from '../base/json.ts';
import { err, ok, type Result } from '../base/result.ts';
import { printable, quote } from '../base/text.ts';
import { isHost } from '../images/registry/endpoint.ts';
import type { ExporterSettings } from '../ledger/export/settings.ts';
import { parsePeriod, parseSize } from './amounts.ts';
import { exportersOf } from './exporters.ts';
import { type ConfigurationFile, readConfiguration } from './file.ts';
import { type RegistryHost, registriesOf } from './registries.ts';
import { settingTable } from './setting-table.ts';
import {
  type Address,
  type Field,
  flagOf,
  maxDrainSeconds,
  parseAddress,
  type RecordSettings,
  type Setting,
  type Settings,
} from './settings.ts';

/** As the command line gives them: a list for what is repeatable, `true` for a switch, text for all else. */
export type FlagValues = Readonly<Partial<Record<Field, string | readonly string[]>>>;

/** `config`: path of a Configuration file, if there is one. */
export async function loadSettings(
  flags: FlagValues,
  config?: string,
): Promise<Result<Settings, readonly Diagnostic[]>> {
  const read = config === undefined ? ok(undefined) : await readConfiguration(config);
  const faults: Diagnostic[] = read.ok ? [] : [...read.error];
  const reader = settingReader(flags, read, faults);
  const settings: Settings = {
    policies: reader.paths('policies'),
    revision: reader.text('revision'),
    listen: reader.address('listen'),
    tlsCert: reader.path('tlsCert') ?? '',
    tlsKey: reader.path('tlsKey') ?? '',
    clientCa: reader.path('clientCa'),
    ledger: reader.path('ledger'),
    records: recordSettings(reader),
    exporters: exporterSettings(read, faults),
    registries: registrySettings(read, faults),
    insecureRegistry: reader.hosts('insecureRegistry'),
    registryConfig: reader.path('registryConfig'),
    pullSecrets: reader.switch('pullSecrets'),
    metrics: reader.address('metrics'),
    kubeconfig: reader.path('kubeconfig'),
    clusterObjects: reader.paths('clusterObjects'),
    strict: reader.switch('strict'),
    drainSeconds: reader.seconds('drainSeconds'),
  };
  if (settings.kubeconfig !== null && settings.clusterObjects.length > 0) {
    const message = 'cannot be had with --cluster-objects: a cluster is live, or in files';
    faults.push(flagFault('kubeconfig', message));
  }
  if (settings.pullSecrets && settings.clusterObjects.length > 0) {
    const message = 'cannot be had with --cluster-objects: they are read from a live cluster';
    faults.push(flagFault('pullSecrets', message));
  }
  const file = read.ok ? read.value : undefined;
  if (file !== undefined && settings.ledger === null && settings.exporters.length > 0) {
    const message = 'have nothing to send: ledger.folder, or --ledger, is missing';
    faults.push(file.faultAt(['exporters'], message));
  }
  return faults.length > 0 ? err(faults.sort(byPlace)) : ok(settings);
}

function exporterSettings(
  read: Result<ConfigurationFile | undefined, unknown>,
  faults: Diagnostic[],
): readonly ExporterSettings[] {
  const file = read.ok ? read.value : undefined;
  if (file === undefined) return [];
  return exportersOf(file.at(['exporters']), (path, message) => {
    faults.push(file.faultAt(['exporters', ...path], message));
  });
}

function registrySettings(
  read: Result<ConfigurationFile | undefined, unknown>,
  faults: Diagnostic[],
): readonly RegistryHost[] {
  const file = read.ok ? read.value : undefined;
  if (file === undefined) return [];
  return registriesOf(file.at(['registries']), (path, message) => {
    faults.push(file.faultAt(['registries', ...path], message));
  });
}

function recordSettings(reader: Reader): RecordSettings {
  return {
    replica: reader.text('ledgerReplica') || null,
    cluster: reader.text('ledgerCluster') ?? '',
    rotateSize: reader.size('ledgerRotateSize') ?? 0,
    rotateAge: reader.period('ledgerRotateAge') ?? 0,
    retainAge: reader.period('ledgerRetainAge'),
    retainSize: reader.size('ledgerRetainSize'),
    checkpointEvery: reader.period('ledgerCheckpointEvery') ?? 0,
    onFailure: reader.outcome('ledgerOnFailure'),
    digestKey: reader.path('ledgerDigestKey'),
  };
}

type Reader = {
  text(field: Field): string | null;
  /** Bytes. */
  size(field: Field): number | null;
  /** Milliseconds. */
  period(field: Field): number | null;
  outcome(field: Field): 'deny' | 'allow';
  switch(field: Field): boolean;
  path(field: Field): string | null;
  paths(field: Field): readonly string[];
  hosts(field: Field): readonly string[];
  address(field: Field): Address;
  seconds(field: Field): number;
};

/** Gives an empty value where it notes a fault. */
function settingReader(
  flags: FlagValues,
  read: Result<ConfigurationFile | undefined, unknown>,
  faults: Diagnostic[],
): Reader {
  const file = read.ok ? read.value : undefined;
  const raw = (field: Field): JsonValue | undefined =>
    flags[field] ?? file?.value(settingOf(field)) ?? settingOf(field).fallback ?? undefined;
  const fault = (field: Field, message: string): void => {
    const inFile = flags[field] === undefined && file?.value(settingOf(field)) !== undefined;
    faults.push(inFile ? file.fault(settingOf(field), message) : flagFault(field, message));
  };
  const amount = (
    field: Field,
    parse: (text: string) => number | undefined,
    form: string,
  ): number | null => {
    const value = raw(field);
    if (value === undefined) return null;
    const parsed = parse(String(value));
    if (parsed === undefined) fault(field, `${quote(String(value))} is not ${form}`);
    return parsed ?? null;
  };
  return {
    text(field) {
      const value = raw(field);
      if (typeof value !== 'string') return null;
      const isPlain = value.length <= maxTextLength && printable(value) === value;
      if (!isPlain) fault(field, `must be printable, and at most ${maxTextLength} characters`);
      return value;
    },
    size: (field) => amount(field, parseSize, 'a size such as 64Mi or 10Gi'),
    period: (field) => amount(field, parsePeriod, 'a time such as 60s, 15m, 1h or 90d'),
    outcome(field) {
      const value = raw(field);
      if (value !== 'deny' && value !== 'allow') fault(field, 'must be "deny" or "allow"');
      return value === 'allow' ? 'allow' : 'deny';
    },
    switch: (field) => String(raw(field) ?? false) === 'true',
    path(field) {
      const value = raw(field);
      if (typeof value === 'string' && value !== '') return value;
      // A file that cannot be read may have it.
      const missing = settingOf(field).required && read.ok;
      if (value !== undefined) fault(field, 'must be a path');
      else if (missing) fault(field, `is missing; ${field} of a Configuration can say it too`);
      return null;
    },
    paths(field) {
      const value = raw(field) ?? [];
      const paths = (isArray(value) ? value : [value]).map(String);
      // What is watched must be there to be read again.
      if (paths.includes('-')) fault(field, 'a server cannot read from standard input');
      if (paths.includes('')) fault(field, 'must be a path');
      return paths;
    },
    hosts(field) {
      const value = raw(field) ?? [];
      const hosts = (isArray(value) ? value : [value]).map(String);
      for (const host of hosts) {
        if (!isHost(host)) fault(field, `${quote(host)} is not HOST or HOST:PORT`);
      }
      return hosts;
    },
    address(field) {
      const text = String(raw(field));
      const address = parseAddress(text);
      if (address === undefined) fault(field, `${quote(text)} is not HOST:PORT`);
      return address ?? { host: '', port: 0 };
    },
    seconds(field) {
      const text = String(raw(field));
      const seconds = /^\d{1,4}$/.test(text) ? Number(text) : Number.NaN;
      if (seconds <= maxDrainSeconds) return seconds;
      fault(field, `${quote(text)} is not a number of seconds from 0 to ${maxDrainSeconds}`);
      return 0;
    },
  };
}

const maxTextLength = 253;

function flagFault(field: Field, message: string): Diagnostic {
  return { code: 'flag-invalid', message, file: flagOf(settingOf(field)), line: 0, column: 0 };
}

function settingOf(field: Field): Setting {
  const setting = settingTable.find((row) => row.field === field);
  if (setting === undefined) throw new Error(`the table of settings lacks ${field}`);
  return setting;
}
