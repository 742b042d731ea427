// CEL values for people and programs: as JSON where JSON can hold them, else as their type and a text.
import { type JsonValue, setOwn } from '../base/json.ts';
import type { Format } from '../k8s/format-faults.ts';
import { formatCidr, formatIp, type IpAddress, type IpNetwork } from '../k8s/ip-address.ts';
import type { Quantity } from '../k8s/quantity.ts';
import type { Semver } from '../k8s/semver.ts';
import { formatUrl, type Url } from '../k8s/url.ts';
import { formatDuration, formatTimestamp } from './library/time-text.ts';
import {
  type CelMap,
  Duration,
  doubleOf,
  isInt,
  isMap,
  keysOf,
  lookup,
  Opaque,
  Optional,
  Timestamp,
  TypeValue,
  typeName,
  Uint,
  type Value,
} from './value.ts';

/** Integers are exact, bytes are base64, durations and timestamps are text; the rest is `{type, text}`. */
export function jsonOf(value: Value): JsonValue {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
  if (isInt(value)) return value;
  if (value instanceof Uint) return plainInteger(value.value);
  const double = doubleOf(value);
  if (double !== undefined) {
    return Number.isFinite(double) ? double : typed('double', String(double));
  }
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  if (value instanceof Duration) return formatDuration(value.nanos);
  if (value instanceof Timestamp) return formatTimestamp(value);
  if (Array.isArray(value)) return value.map(jsonOf);
  return isMap(value) ? jsonOfMap(value) : typed(typeName(value), textOf(value));
}

function plainInteger(value: bigint): number | bigint {
  const plain = Number(value);
  return Number.isSafeInteger(plain) ? plain : value;
}

function typed(type: string, text: string): JsonValue {
  return { type, text };
}

/** JSON has no keys but strings. */
function jsonOfMap(map: CelMap | Readonly<Record<string, Value>>): JsonValue {
  const keys = keysOf(map);
  if (!keys.every((key) => typeof key === 'string')) return typed('map', textOf(map));
  const members: Record<string, JsonValue> = {};
  for (const key of keys) setOwn(members, key, jsonOf(lookup(map, key)));
  return members;
}

/** The text of a value that JSON cannot hold; undefined for one that it can. */
export function textOnly(value: Value): string | undefined {
  const known = [Optional, TypeValue, Opaque].some((each) => value instanceof each);
  return known ? textOf(value) : undefined;
}

/** As CEL would write it, or nearly so. */
function textOf(value: Value): string {
  if (value instanceof Optional) {
    return value.value === undefined ? 'optional.none()' : `optional.of(${textOf(value.value)})`;
  }
  if (value instanceof TypeValue) return value.name;
  if (value instanceof Opaque) return opaqueText(value);
  if (Array.isArray(value)) return `[${value.map(textOf).join(', ')}]`;
  if (isMap(value)) {
    const entries = keysOf(value).map((key) => `${textOf(key)}: ${textOf(lookup(value, key))}`);
    return `{${entries.join(', ')}}`;
  }
  const json = jsonOf(value);
  return typeof json === 'string' ? JSON.stringify(json) : String(json);
}

function opaqueText({ type, value }: Opaque): string {
  switch (type) {
    case 'net.IP':
      return formatIp(value as IpAddress);
    case 'net.CIDR':
      return formatCidr(value as IpNetwork);
    case 'kubernetes.Quantity':
      return quantityText(value as Quantity);
    case 'kubernetes.Semver':
      return semverText(value as Semver);
    case 'kubernetes.URL':
      return formatUrl(value as Url);
    case 'kubernetes.NamedFormat':
      return (value as Format).name;
    default:
      return type;
  }
}

function semverText({ numbers, prerelease }: Semver): string {
  return [numbers.join('.'), ...(prerelease.length === 0 ? [] : [prerelease.join('.')])].join('-');
}

/** The exact decimal of units × 10^scale. */
function quantityText({ units, scale }: Quantity): string {
  const sign = units < 0n ? '-' : '';
  const digits = String(units < 0n ? -units : units);
  if (scale >= 0) return `${sign}${units === 0n ? '0' : digits.padEnd(digits.length + scale, '0')}`;
  const padded = digits.padStart(1 - scale, '0');
  const fraction = padded.slice(scale).replace(/0+$/, '');
  return `${sign}${padded.slice(0, scale)}${fraction === '' ? '' : `.${fraction}`}`;
}
