// What is wrong with a text that should have one of the formats that expressions name, in the API server's words.
// Upstream: k8s.io/apiserver/pkg/cel/library/format.go, k8s.io/apimachinery/pkg/util/validation, kube-openapi strfmt.
import { requestUriFault } from './url.ts';
import { fromBytes, toBytes } from './url-escape.ts';

export type Format = {
  /** As in-tree: formats are equal by this name. */
  readonly name: string;
  /** As a pattern of so many characters: what a check costs. */
  readonly size: number;
  /** Empty when nothing is wrong. */
  readonly faults: (text: string) => readonly string[];
};

type Pattern = {
  readonly message: string;
  /** As it is told. */
  readonly source: string;
  readonly examples: readonly string[];
};

const label: Pattern = {
  message:
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character",
  source: '[a-z0-9]([-a-z0-9]*[a-z0-9])?',
  examples: ['my-name', '123-abc'],
};
const subdomain: Pattern = {
  message:
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character",
  source: `${label.source}(\\.${label.source})*`,
  examples: ['example.com'],
};
const label1035: Pattern = {
  message:
    "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character",
  source: '[a-z]([-a-z0-9]*[a-z0-9])?',
  examples: ['my-name', 'abc-123'],
};
const labelKey: Pattern = {
  message:
    "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character",
  source: '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]',
  examples: ['MyName', 'my.name', '123-abc'],
};
const labelValue: Pattern = {
  message:
    "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character",
  source: `(${labelKey.source})?`,
  examples: ['MyValue', 'my_value', '12345'],
};

function told({ message, source, examples }: Pattern): string {
  const shown = examples.map((each) => `'${each}', `).join(' or ');
  return `${message} (e.g. ${shown}regex used for validation is '${source}')`;
}

// Each pattern fails in linear time: no two repetitions in it can take the same character.
const compiled = new Map(
  [label, subdomain, label1035, labelKey, labelValue].map(({ source }) => [
    source,
    new RegExp(`^(?:${source})$`),
  ]),
);
const matches = ({ source }: Pattern, text: string): boolean =>
  compiled.get(source)?.test(text) === true;

function tooLong(text: string, max: number, unit: 'bytes' | 'characters'): string[] {
  return Buffer.byteLength(text) > max ? [`must be no more than ${max} ${unit}`] : [];
}

function labelFaults(text: string): string[] {
  const long = tooLong(text, 63, 'characters');
  if (matches(label, text)) return long;
  return [...long, matches(subdomain, text) ? 'must not contain dots' : told(label)];
}

function faultsOf(pattern: Pattern, max: number): (text: string) => string[] {
  return (text) => [
    ...tooLong(text, max, pattern === labelValue ? 'bytes' : 'characters'),
    ...(matches(pattern, text) ? [] : [told(pattern)]),
  ];
}

function qualifiedNameFaults(text: string): readonly string[] {
  const parts = text.split('/');
  if (parts.length > 2) {
    const what = `a valid label key ${told(labelKey)}`;
    return [`${what} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`];
  }
  const name = parts.at(-1) ?? '';
  const prefix = parts.length === 2 ? prefixFaults(parts[0] ?? '') : [];
  const size = name === '' ? ['must be non-empty'] : tooLong(name, 63, 'bytes');
  const form = matches(labelKey, name) ? [] : [told(labelKey)];
  return [
    ...prefix.map((each) => `prefix part ${each}`),
    ...[...size, ...form].map((each) => `name part ${each}`),
  ];
}

function prefixFaults(text: string): readonly string[] {
  if (text === '') return ['must be non-empty'];
  return [...tooLong(text, 253, 'bytes'), ...(matches(subdomain, text) ? [] : [told(subdomain)])];
}

/** A prefix of a name may end in a dash: in-tree it and the byte before it become an `a`. */
const asPrefix =
  (faults: (text: string) => readonly string[]) =>
  (text: string): readonly string[] =>
    faults(
      text.length > 1 && text.endsWith('-') ? fromBytes(`${toBytes(text).slice(0, -2)}a`) : text,
    );

const unless =
  (holds: (text: string) => boolean, fault: string) =>
  (text: string): readonly string[] =>
    holds(text) ? [] : [fault];

const uuid = /^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$/i;
const base64 = /^[A-Za-z0-9+/]*={0,2}$/;
const isBase64 = (text: string): boolean =>
  text !== '' && text.length % 4 === 0 && base64.test(text);

function isDate(text: string): boolean {
  const [, year, month, day] = /^([0-9]{4})-([0-9]{2})-([0-9]{2})$/.exec(text) ?? [];
  const date = new Date(0);
  date.setUTCFullYear(Number(year), Number(month) - 1, Number(day));
  return date.getUTCMonth() + 1 === Number(month) && date.getUTCDate() === Number(day);
}

const time = /^([0-9]{2}):([0-9]{2}):([0-9]{2})(?:[^\n][0-9]+)?(?:z|[-+][0-9]{2}:[0-9]{2})$/u;

function isDateTime(text: string): boolean {
  const [date = '', clock] = text.toLowerCase().split('t');
  if (clock === undefined || !isDate(date)) return false;
  const [, hour = '', minute = '', second = ''] = time.exec(clock) ?? [];
  return hour !== '' && hour <= '23' && minute <= '59' && second <= '59';
}

function uriFaults(text: string): readonly string[] {
  const fault = requestUriFault(text);
  return fault === undefined ? [] : [fault];
}

const [labels, subdomains, labels1035] = [
  labelFaults,
  faultsOf(subdomain, 253),
  faultsOf(label1035, 63),
];

// biome-ignore format: a table
export const formats: Readonly<Record<string, Format>> = {
  dns1123Label:           { name: 'DNS1123Label',           size: 30,   faults: labels },
  dns1123Subdomain:       { name: 'DNS1123Subdomain',       size: 60,   faults: subdomains },
  dns1035Label:           { name: 'DNS1035Label',           size: 30,   faults: labels1035 },
  qualifiedName:          { name: 'QualifiedName',          size: 60,   faults: qualifiedNameFaults },
  dns1123LabelPrefix:     { name: 'DNS1123LabelPrefix',     size: 30,   faults: asPrefix(labels) },
  dns1123SubdomainPrefix: { name: 'DNS1123SubdomainPrefix', size: 60,   faults: asPrefix(subdomains) },
  dns1035LabelPrefix:     { name: 'DNS1035LabelPrefix',     size: 30,   faults: asPrefix(labels1035) },
  labelValue:             { name: 'LabelValue',             size: 40,   faults: faultsOf(labelValue, 63) },
  uri:                    { name: 'URI',                    size: 1103, faults: uriFaults },
  uuid:                   { name: 'uuid',                   size: 70,   faults: unless((text) => uuid.test(text), 'does not match the UUID format') },
  byte:                   { name: 'byte',                   size: 84,   faults: unless(isBase64, 'invalid base64') },
  date:                   { name: 'date',                   size: 71,   faults: unless(isDate, 'invalid date') },
  datetime:               { name: 'datetime',               size: 71,   faults: unless(isDateTime, 'invalid datetime') },
};
