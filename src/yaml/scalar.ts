// Plain and tagged scalars as sigs.k8s.io/yaml reads them for kubectl: YAML 1.1 by its own rules.
// Upstream: resolve.go of go.yaml.in/yaml/v2, then encoding/json. What it makes is in test/fixtures/yaml/golden.json.
import { isUtf8 } from 'node:buffer';
import type { Result } from '../base/result.ts';
import { err, ok } from '../base/result.ts';
import { quote } from '../base/text.ts';

export type ScalarValue = null | boolean | number | bigint | string;

/** `int` and `float` differ only in how they read as keys, and under tags. */
export type Kind = 'null' | 'bool' | 'int' | 'float' | 'str';
export type Resolved = { readonly kind: Kind; readonly value: ScalarValue };

const words: ReadonlyMap<string, Resolved> = new Map([
  ...table('null', null, ['', '~', 'null', 'Null', 'NULL']),
  ...table('bool', true, ['y', 'Y', 'yes', 'Yes', 'YES', 'true', 'True', 'TRUE', 'on', 'On', 'ON']),
  ...table('bool', false, [
    'n',
    'N',
    'no',
    'No',
    'NO',
    'false',
    'False',
    'FALSE',
    'off',
    'Off',
    'OFF',
  ]),
  ...table('float', Number.NaN, ['.nan', '.NaN', '.NAN']),
  ...table('float', Number.POSITIVE_INFINITY, ['.inf', '.Inf', '.INF', '+.inf', '+.Inf', '+.INF']),
  ...table('float', Number.NEGATIVE_INFINITY, ['-.inf', '-.Inf', '-.INF']),
]);

function table(kind: Kind, value: ScalarValue, texts: readonly string[]): [string, Resolved][] {
  return texts.map((text) => [text, { kind, value }]);
}

/** What a word of the table, or a number, can begin with: most scalars end here. */
const hint = /^[-+.0-9yYnNtTfFoO~]/;
const decimal = /^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$/;
const fraction = /^\.[0-9](?:_?[0-9])*(?:[eE][-+]?[0-9](?:_?[0-9])*)?$/;
const integer = /^([-+]?)(?:0[xX]([0-9a-fA-F]+)|0[bB]([01]+)|0[oO]?([0-7]+)|(0|[1-9][0-9]*))$/;
const [minInt64, maxUint64] = [-(2n ** 63n), 2n ** 64n - 1n];
export const maxInt64 = 2n ** 63n - 1n;

const asText = (value: string): Resolved => ({ kind: 'str', value });

export function resolve(text: string): Resolved {
  if (text !== '' && !hint.test(text)) return asText(text);
  const word = words.get(text);
  if (word !== undefined) return word;
  const first = text.charCodeAt(0);
  if (first === dot) return fraction.test(text) ? resolveFloat(text) : asText(text);
  return first > digit9 ? asText(text) : resolveNumber(text);
}

const [dot, digit9] = [0x2e, 0x39];

function resolveNumber(text: string): Resolved {
  const plain = text.includes('_') ? text.replaceAll('_', '') : text;
  const whole = resolveInteger(plain);
  if (whole !== undefined) return { kind: 'int', value: whole };
  return decimal.test(plain) ? resolveFloat(text) : asText(text);
}

/** A double that overflows is an error in Go, so the scalar stays text. */
function resolveFloat(text: string): Resolved {
  const value = Number(text.replaceAll('_', ''));
  return Number.isFinite(value) ? { kind: 'float', value } : asText(text);
}

/** undefined: no integer, or one that neither int64 nor uint64 holds. */
function resolveInteger(text: string): number | bigint | undefined {
  // Nearly every number: a few decimal digits.
  if (/^(?:0|[1-9][0-9]{0,14})$/.test(text)) return Number(text);
  const form = integer.exec(text);
  if (form === null) return undefined;
  const [, sign = '', hex, binary, octal, decimals = ''] = form;
  const digits = (hex ?? binary ?? octal ?? decimals).replace(/^0+/, '');
  // Threat: BigInt takes its time over a megabyte of digits.
  if (digits.length > 64) return undefined;
  const prefix = hex ? '0x' : binary ? '0b' : octal ? '0o' : '';
  const size = digits === '' ? 0n : BigInt(prefix + digits);
  const value = sign === '-' ? -size : size;
  // Go reads what int64 does not hold as uint64, without a sign.
  if (value < minInt64 || value > (sign === '' ? maxUint64 : maxInt64)) return undefined;
  return jsonInteger(value);
}

/** An integer as the API server holds it: int64 exactly (bigint where a double cannot), anything larger as a double. */
function jsonInteger(value: bigint): number | bigint {
  const double = Number(value);
  return Number.isSafeInteger(double) || value < minInt64 || value > maxInt64 ? double : value;
}

/** The same for the text of a JSON integer, `-?[0-9]+`. */
export function parseInteger(text: string): number | bigint {
  const double = Number(text);
  if (double === 0) return 0;
  return Number.isSafeInteger(double) || text.length > 20 ? double : jsonInteger(BigInt(text));
}

/** The value of a plain scalar without a tag; the error is a sentence. */
export function resolvePlain(text: string): Result<ScalarValue, string> {
  return finite(resolve(text), text);
}

function finite({ value }: Resolved, text: string): Result<ScalarValue, string> {
  if (typeof value !== 'number') return ok(value);
  // -0 would be equal to nothing that reads it back as an integer.
  if (Number.isFinite(value)) return ok(value === 0 ? 0 : value);
  return err(`${quote(text)} is a number that JSON cannot hold`);
}

const standard = 'tag:yaml.org,2002:';

/** The value of a scalar under an explicit tag, in full (`tag:yaml.org,2002:int`); unknown tags leave it text. */
export function resolveTagged(tag: string, text: string): Result<ScalarValue, string> {
  const resolved = underTag(tag, text);
  return resolved.ok ? finite(resolved.value, text) : resolved;
}

export function underTag(tag: string, text: string): Result<Resolved, string> {
  const name = tag.startsWith(standard) ? tag.slice(standard.length) : '';
  switch (name) {
    case 'binary':
      return decodeBase64(text);
    case 'timestamp':
      return isTimestamp(text) ? ok(asText(text)) : misfit(name, text);
    case 'null':
    case 'bool':
    case 'int':
      return fitting(name, text, resolve(text));
    case 'float':
      return fitting(name, text, widened(resolve(text)));
    default:
      return ok(asText(text));
  }
}

function fitting(name: Kind, text: string, resolved: Resolved): Result<Resolved, string> {
  return resolved.kind === name ? ok(resolved) : misfit(name, text);
}

function widened({ kind, value }: Resolved): Resolved {
  // uint64 does not become a float upstream.
  const fits = kind === 'int' && BigInt(value as number | bigint) <= maxInt64;
  return fits ? { kind: 'float', value: Number(value) } : { kind, value };
}

function misfit(name: string, text: string): Result<never, string> {
  return err(`${quote(text)} is not a !!${name}`);
}

const base64 = /^[A-Za-z0-9+/]*={0,2}$/;

function decodeBase64(text: string): Result<Resolved, string> {
  const packed = text.replace(/[\r\n]/g, '');
  if (packed.length % 4 !== 0 || !base64.test(packed))
    return err('the text under !!binary is not base64');
  const bytes = Buffer.from(packed, 'base64');
  // Upstream puts U+FFFD for what it cannot hold; nobody can want that.
  return isUtf8(bytes)
    ? ok(asText(bytes.toString('utf8')))
    : err('the data under !!binary is not text in UTF-8, and JSON holds nothing else');
}

const timestamp =
  /^(\d{4})-(\d{1,2})-(\d{1,2})(?:(?:[Tt](\d{1,2}):(\d{1,2}):(\d{1,2})(?:[.,]\d+)?(?:Z|[-+](\d\d):(\d\d)))| (\d{1,2}):(\d{1,2}):(\d{1,2})(?:[.,]\d+)?)?$/;

function isTimestamp(text: string): boolean {
  const form = timestamp.exec(text);
  if (form === null) return false;
  const part = (i: number): number => Number(form[i] ?? 0);
  const [year, month, day] = [part(1), part(2), part(3)];
  const hour = part(4) + part(9);
  const minute = part(5) + part(10);
  const second = part(6) + part(11);
  const date = new Date(Date.UTC(2000 + (year % 400), month - 1, day));
  return (
    date.getUTCMonth() === month - 1 &&
    date.getUTCDate() === day &&
    hour < 24 &&
    minute < 60 &&
    second < 60 &&
    part(7) <= 24 &&
    part(8) <= 60
  );
}
