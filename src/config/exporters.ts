// `exporters` of a Configuration as settings, once its schema holds: defaults, amounts, addresses, and what only makes
// sense together. Secrets are named by the path of their file; one that is written out is a fault.
import type { FieldPath } from '../base/field-path.ts';
import { get, isArray, isObject, type JsonValue } from '../base/json.ts';
import { quote } from '../base/text.ts';
import { unreachable } from '../base/unreachable.ts';
import {
  type BatchSettings,
  batchDefaults,
  type ExporterSettings,
  exporterKinds,
  type KafkaSettings,
  type S3Settings,
  saslMechanisms,
  type TlsFiles,
} from '../ledger/export/settings.ts';
import { parsePeriod, parseSize } from './amounts.ts';
import { parseAddress } from './settings.ts';

/** Notes what is wrong at a path below `exporters`. */
export type Note = (path: FieldPath, message: string) => void;

export function exportersOf(value: JsonValue | undefined, note: Note): readonly ExporterSettings[] {
  const exporters = (isArray(value) ? value : []).map((each, i) =>
    exporterOf(each, within(note, i)),
  );
  const names = exporters.map(({ name }) => name);
  for (const [i, name] of names.entries()) {
    if (names.indexOf(name) < i) {
      const message = `there is another exporter ${quote(name)}: give this one a name of its own`;
      note([i, 'name'], message);
    }
  }
  return exporters;
}

function within(note: Note, step: string | number): Note {
  return (path, message) => note([step, ...path], message);
}

function exporterOf(value: JsonValue, note: Note): ExporterSettings {
  const kind = exporterKinds.find((each) => each === get(value, 'kind')) ?? 'Stdout';
  const common = {
    name: textAt(value, 'name') ?? kind.toLowerCase(),
    batch: batchOf(get(value, 'batch'), batchDefaults[kind], within(note, 'batch')),
  };
  switch (kind) {
    case 'Stdout':
      return { kind, ...common };
    case 'HTTP': {
      const headersFile = textAt(value, 'headersFile');
      const url = urlAt(value, 'url', note);
      if (headersFile !== null && isPlainAndFar(url)) {
        note(['url'], 'must begin with https: what headersFile holds would be read on the way');
      }
      const tls = tlsOf(get(value, 'tls'), within(note, 'tls'));
      return { kind, ...common, url, headersFile, tls };
    }
    case 'S3':
      return { kind, ...common, ...s3Of(value, note) };
    case 'Kafka':
      return { kind, ...common, ...kafkaOf(value, note) };
    case 'Slack':
      return {
        kind,
        ...common,
        urlFile: textAt(value, 'urlFile') ?? '',
        windowMs: periodAt(value, 'window', 600_000, note),
        everyMs: periodAt(value, 'every', 30_000, note),
        caFile: textAt(value, 'caFile'),
      };
    default:
      return unreachable(kind);
  }
}

function s3Of(value: JsonValue, note: Note): Omit<S3Settings, 'kind' | 'name' | 'batch'> {
  const [credentials, lock] = [get(value, 'credentials'), get(value, 'objectLock')];
  const days = get(lock, 'days');
  return {
    bucket: textAt(value, 'bucket') ?? '',
    region: textAt(value, 'region') ?? '',
    prefix: (textAt(value, 'prefix') ?? '').replace(/^\/+|\/+$/g, ''),
    endpoint: textAt(value, 'endpoint') === null ? null : urlAt(value, 'endpoint', note),
    pathStyle: get(value, 'pathStyle') === true,
    caFile: textAt(value, 'caFile'),
    credentials: isObject(credentials)
      ? {
          accessKeyIdFile: textAt(credentials, 'accessKeyIdFile') ?? '',
          secretAccessKeyFile: textAt(credentials, 'secretAccessKeyFile') ?? '',
        }
      : null,
    objectLock: isObject(lock)
      ? {
          mode: textAt(lock, 'mode') === 'GOVERNANCE' ? 'GOVERNANCE' : 'COMPLIANCE',
          days: typeof days === 'number' ? days : 0,
        }
      : null,
  };
}

function kafkaOf(value: JsonValue, note: Note): Omit<KafkaSettings, 'kind' | 'name' | 'batch'> {
  const [brokers, tls, sasl] = [get(value, 'brokers'), get(value, 'tls'), get(value, 'sasl')];
  const addresses = isArray(brokers) ? brokers.map(String) : [];
  for (const [i, broker] of addresses.entries()) {
    const address = parseAddress(broker);
    const isGood = address !== undefined && address.port > 0 && !broker.startsWith(':');
    if (!isGood) note(['brokers', i], `${quote(broker)} is not HOST:PORT`);
  }
  const mechanism = saslMechanisms.find((each) => each === get(sasl, 'mechanism'));
  if (mechanism === 'PLAIN' && tls === undefined) {
    note(['sasl', 'mechanism'], '"PLAIN" shows the password to everybody on the way: add tls');
  }
  return {
    brokers: addresses,
    topic: textAt(value, 'topic') ?? '',
    tls: isObject(tls) ? tlsOf(tls, within(note, 'tls')) : null,
    sasl:
      mechanism === undefined || !isObject(sasl)
        ? null
        : {
            mechanism,
            usernameFile: textAt(sasl, 'usernameFile') ?? '',
            passwordFile: textAt(sasl, 'passwordFile') ?? '',
          },
  };
}

function tlsOf(value: JsonValue | undefined, note: Note): TlsFiles {
  const [caFile, certFile, keyFile] = [
    textAt(value, 'caFile'),
    textAt(value, 'certFile'),
    textAt(value, 'keyFile'),
  ];
  if ((certFile === null) !== (keyFile === null))
    note([], 'needs certFile and keyFile, or neither');
  return { caFile, certFile, keyFile };
}

const leastBatch = 1024;
const mostBatch = 64 * 1024 * 1024;

function batchOf(value: JsonValue | undefined, defaults: BatchSettings, note: Note): BatchSettings {
  const [records, bytes] = [get(value, 'records'), get(value, 'bytes')];
  const size = bytes === undefined ? defaults.bytes : parseSize(String(bytes));
  if (size === undefined || size < leastBatch || size > mostBatch) {
    note(['bytes'], `${quote(String(bytes))} is not a size from 1Ki to 64Mi`);
  }
  return {
    records: typeof records === 'number' ? records : defaults.records,
    bytes: size ?? defaults.bytes,
    waitMs: periodAt(value, 'wait', defaults.waitMs, note),
  };
}

const longestPeriod = 86_400_000;

function periodAt(value: JsonValue | undefined, key: string, absent: number, note: Note): number {
  const text = textAt(value, key);
  if (text === null) return absent;
  const ms = parsePeriod(text) ?? Number.POSITIVE_INFINITY;
  if (ms <= longestPeriod) return ms;
  note([key], `${quote(text)} is not a time such as 30s, 10m or 1h, of a day at most`);
  return absent;
}

function urlAt(value: JsonValue, key: string, note: Note): string {
  const text = textAt(value, key) ?? '';
  const url = URL.canParse(text) ? new URL(text) : undefined;
  // The text itself may hold a secret.
  if (url === undefined || !['http:', 'https:'].includes(url.protocol)) {
    note([key], 'must be a URL that begins with https:// or http://');
  } else if (url.username !== '' || url.password !== '') {
    note([key], 'must not hold a name or password: they belong in a file');
  }
  return text;
}

function isPlainAndFar(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname } = new URL(text);
  return protocol === 'http:' && !['localhost', '127.0.0.1', '[::1]'].includes(hostname);
}

function textAt(value: JsonValue | undefined, key: string): string | null {
  const member = get(value, key);
  return typeof member === 'string' ? member : null;
}
