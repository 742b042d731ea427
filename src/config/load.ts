// Settings from flags and a Configuration file: a flag wins over the file, the file over the defaults.
// Every fault of both is told at once.
import { byPlace, type Diagnostic } from '../base/diagnostic.ts';
import { isArray, type JsonValue } from '../base/json.ts';
import { err, ok, type Result } from '../base/result.ts';
import { quote } from '../base/text.ts';
import { type ConfigurationFile, readConfiguration } from './file.ts';
import {
  type Address,
  type Field,
  flagOf,
  maxDrainSeconds,
  parseAddress,
  type Setting,
  type Settings,
  settingTable,
} from './settings.ts';

/** As the command line gives them: a list for what is repeatable, text for all else. */
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
    listen: reader.address('listen'),
    tlsCert: reader.path('tlsCert') ?? '',
    tlsKey: reader.path('tlsKey') ?? '',
    clientCa: reader.path('clientCa'),
    ledger: reader.path('ledger'),
    metrics: reader.address('metrics'),
    clusterObjects: reader.paths('clusterObjects'),
    drainSeconds: reader.seconds('drainSeconds'),
  };
  return faults.length > 0 ? err(faults.sort(byPlace)) : ok(settings);
}

type Reader = {
  path(field: Field): string | null;
  paths(field: Field): readonly string[];
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
    flags[field] ?? file?.value(field) ?? settingOf(field).fallback ?? undefined;
  const fault = (field: Field, message: string): void => {
    const inFile = flags[field] === undefined && file?.value(field) !== undefined;
    faults.push(inFile ? file.fault(field, message) : flagFault(field, message));
  };
  return {
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

function flagFault(field: Field, message: string): Diagnostic {
  return { code: 'flag-invalid', message, file: flagOf(settingOf(field)), line: 0, column: 0 };
}

function settingOf(field: Field): Setting {
  const setting = settingTable.find((row) => row.field === field);
  if (setting === undefined) throw new Error(`the table of settings lacks ${field}`);
  return setting;
}
