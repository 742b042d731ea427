// string.format(): clauses, and values as text. Upstream: cel-go ext/formatting.go, for the locale en_US.
import { goQuote } from '../../k8s/go-text.ts';
import { compare } from '../equality.ts';
import type { Call } from '../function.ts';
import { maxDataDepth } from '../limits.ts';
import {
  CelError,
  CelMap,
  Duration,
  doubleOf,
  isInt,
  isMap,
  keysOf,
  lookup,
  Timestamp,
  TypeValue,
  typeName,
  Uint,
  type Value,
} from '../value.ts';
import { bytesToText, doubleText } from './conversions.ts';
import { exponentInEnglish, fixed, fixedInEnglish } from './decimal-text.ts';
import { formatDuration, formatTimestamp } from './time-text.ts';

type Text = string | CelError;

const defaultPrecision = 6;
const maxPrecision = 9_999_999;

/** `"%s is %d".format([a, b])`; an error for a clause that does not fit its argument. */
export function format(template: string, args: readonly Value[], call: Call): Value {
  const parts: string[] = [];
  let [at, next] = [0, 0];
  while (at < template.length) {
    const percent = template.indexOf('%', at);
    parts.push(template.slice(at, percent < 0 ? undefined : percent));
    if (percent < 0) break;
    at = percent + 1;
    if (template[at] === '%') {
      parts.push('%');
      at++;
      continue;
    }
    if (next >= args.length) return new CelError(`index ${next} out of range`);
    if (at >= template.length) return new CelError('unexpected end of string');
    const clause = clauseAt(template, at);
    if (clause instanceof CelError) return clause;
    const text = clause.write(args[next++], call);
    if (text instanceof CelError) return new CelError(`error during formatting: ${text.message}`);
    if (!call.spend(text.length / 5)) return '';
    parts.push(text);
    at = clause.end;
  }
  return parts.join('');
}

type Clause = { readonly end: number; readonly write: (value: Value, call: Call) => Text };

/** What stands behind a `%`. */
function clauseAt(template: string, at: number): Clause | CelError {
  const bad = (why: string): CelError => new CelError(`could not parse formatting clause: ${why}`);
  const digits = /^\.([0-9]*)/.exec(template.slice(at, at + 32));
  const verbAt = at + (digits?.[0].length ?? 0);
  if (verbAt >= template.length)
    return bad('error while parsing precision: could not find end of precision specifier');
  const precision = digits === null ? defaultPrecision : precisionOf(digits[1] ?? '');
  if (precision instanceof CelError)
    return bad(
      `error while parsing precision: error while converting precision to integer: ${precision.message}`,
    );
  const verb = template.charAt(verbAt);
  const write = writer(verb, precision);
  if (write !== undefined) return { end: verbAt + 1, write };
  // As Go: the first byte, shown as if it were a character.
  const [byte = 0] = Buffer.from(template.slice(verbAt, verbAt + 2));
  return bad(`unrecognized formatting clause "${String.fromCharCode(byte)}"`);
}

function precisionOf(digits: string): number | CelError {
  const bad = (why: string): CelError => new CelError(`strconv.Atoi: parsing "${digits}": ${why}`);
  if (digits === '') return bad('invalid syntax');
  return Number.isSafeInteger(Number(digits)) ? Number(digits) : bad('value out of range');
}

function writer(verb: string, precision: number): Clause['write'] | undefined {
  switch (verb) {
    case 's':
      return (value, call) => (isContainer(value) ? nested(value, 0, call) : plain(value));
    case 'd':
      return (value) =>
        integer(value)?.toString() ?? unfit('decimal clause can only be used on integers', value);
    case 'f':
      return real('fixed-point', precision, fixedInEnglish);
    case 'e':
      return real('scientific', precision, exponentInEnglish);
    case 'b':
      return (value) => (typeof value === 'boolean' ? (value ? '1' : '0') : binary(value));
    case 'o':
      return (value) =>
        integer(value)?.toString(8) ?? unfit('octal clause can only be used on integers', value);
    case 'x':
      return hex;
    case 'X':
      return (value) => {
        const text = hex(value);
        return text instanceof CelError ? text : text.toUpperCase();
      };
    default:
      return undefined;
  }
}

function unfit(rule: string, value: Value): CelError {
  return new CelError(`${rule}, was given ${typeName(value)}`);
}

function integer(value: Value): bigint | undefined {
  if (isInt(value)) return BigInt(value);
  return value instanceof Uint ? value.value : undefined;
}

function binary(value: Value): Text {
  return (
    integer(value)?.toString(2) ??
    unfit('only integers and bools can be formatted as binary', value)
  );
}

function hex(value: Value): Text {
  if (typeof value === 'string' || value instanceof Uint8Array)
    return Buffer.from(value as string).toString('hex');
  return (
    integer(value)?.toString(16) ??
    unfit('only integers, byte buffers, and strings can be formatted as hex', value)
  );
}

const namedDoubles: ReadonlyMap<Value, number> = new Map([
  ['NaN', Number.NaN],
  ['Infinity', Number.POSITIVE_INFINITY],
  ['-Infinity', Number.NEGATIVE_INFINITY],
]);

function real(
  name: string,
  precision: number,
  write: (value: number, precision: number) => string,
): Clause['write'] {
  return (value, call) => {
    const double = doubleOf(value) ?? namedDoubles.get(value);
    if (double === undefined) return unfit(`${name} clause can only be used on doubles`, value);
    const isFit = call.spend(precision > maxPrecision ? Number.POSITIVE_INFINITY : precision / 10);
    return isFit ? write(double, precision) : '';
  };
}

/** A value alone, as string() would write it. */
function plain(value: Value): Text {
  if (typeof value === 'string') return value;
  if (value === null) return 'null';
  if (typeof value === 'boolean' || isInt(value)) return String(value);
  if (value instanceof Uint) return String(value.value);
  if (value instanceof Timestamp) return formatTimestamp(value);
  if (value instanceof Duration) return formatDuration(value.nanos);
  if (value instanceof TypeValue) return value.name;
  if (value instanceof Uint8Array) {
    const text = bytesToText(value);
    if (!(text instanceof CelError)) return text;
    return new CelError(`could not convert argument ${goQuote(text.message)} to string`);
  }
  const double = doubleOf(value);
  if (double !== undefined) return doubleText(double);
  const known =
    'strings, bools, bytes, ints, doubles, maps, lists, types, durations, and timestamps';
  return unfit(`string clause can only be used on ${known}`, value);
}

const isContainer = (value: Value): boolean =>
  Array.isArray(value) || value instanceof CelMap || isMap(value);

/** A value inside a list or map, as it would stand in an expression. */
function nested(value: Value, depth: number, call: Call): Text {
  if (depth > maxDataDepth) return new CelError('values are nested too deep to format');
  if (!call.spend(30)) return '';
  if (Array.isArray(value)) return listText(value, depth, call);
  if (value instanceof CelMap || isMap(value)) return mapText(value, depth, call);
  const double = doubleOf(value);
  if (double !== undefined)
    return Number.isFinite(double) ? fixed(double, 6) : `"${fixed(double, 6)}"`;
  const text = plain(value);
  if (text instanceof CelError)
    return value instanceof Uint8Array ? text : unformatted(typeName(value));
  if (typeof value === 'string') return goQuote(text);
  if (value instanceof Uint8Array) return `b${goQuote(text)}`;
  if (value instanceof Timestamp) return `timestamp(${goQuote(text)})`;
  return value instanceof Duration ? `duration(${goQuote(text)})` : text;
}

function unformatted(what: string): CelError {
  return new CelError(`no formatting function for ${what}`);
}

function listText(list: readonly Value[], depth: number, call: Call): Text {
  const parts: string[] = [];
  for (const item of list) {
    const text = nested(item, depth + 1, call);
    if (text instanceof CelError) return text;
    parts.push(text);
  }
  return `[${parts.join(', ')}]`;
}

function mapText(map: CelMap | Readonly<Record<string, Value>>, depth: number, call: Call): Text {
  const entries: (readonly [string, string])[] = [];
  for (const key of keysOf(map)) {
    const type = typeName(key);
    if (!['string', 'bool', 'int', 'uint'].includes(type))
      return unformatted(`map key of type ${type}`);
    const name = nested(key, depth + 1, call);
    const text = nested(lookup(map, key), depth + 1, call);
    if (name instanceof CelError) return name;
    if (text instanceof CelError) return text;
    entries.push([name, text]);
  }
  entries.sort(([a], [b]) => compare(a, b) ?? 0);
  return `{${entries.map(([name, text]) => `${name}:${text}`).join(', ')}}`;
}
