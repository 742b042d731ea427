// Strings, by code points. Upstream: cel-go ext.Strings version 2 as Kubernetes enables it, and the standard ones.
import { RE2JS } from 're2js';
import { type Call, library } from '../function.ts';
import { CelError, type Value } from '../value.ts';
import { format } from './string-format.ts';

const cost = (call: Call, ...texts: readonly string[]): boolean =>
  call.spend(Math.ceil(texts.reduce((sum, text) => sum + text.length, 0) / 10));

const outOfRange = (at: unknown): CelError => new CelError(`index out of range: ${String(at)}`);

function matches(text: string, source: string, call: Call): Value {
  if (!call.spend(Math.ceil(text.length / 10) * Math.max(1, Math.ceil(source.length / 4))))
    return false;
  const compiled = call.pattern(source);
  return compiled instanceof RE2JS ? compiled.matcher(text).find() : compiled;
}

function charAt(text: string, at: number, call: Call): Value {
  cost(call, text);
  const points = [...text];
  if (at < 0 || at > points.length) return outOfRange(at);
  return points[Number(at)] ?? '';
}

function indexOf(text: string, part: string, from: number, call: Call): Value {
  if (!cost(call, text, part)) return -1;
  const [points, wanted] = [[...text], [...part]];
  if (from < 0) return outOfRange(from);
  if (part === '') return Math.min(Number(from), points.length);
  const rest = points.slice(Number(from)).join('');
  const found = rest.indexOf(part);
  return found < 0 || wanted.length === 0 ? -1 : Number(from) + [...rest.slice(0, found)].length;
}

function lastIndexOf(text: string, part: string, upTo: number | undefined, call: Call): Value {
  if (!cost(call, text, part)) return -1;
  const points = [...text];
  const last = upTo ?? points.length;
  if (last < 0 || last > points.length) return outOfRange(last);
  if (part === '') return Number(last);
  const wanted = [...part].length;
  const head = points.slice(0, Number(last) + wanted).join('');
  const found = head.lastIndexOf(part);
  return found < 0 ? -1 : [...head.slice(0, found)].length;
}

function substring(text: string, from: number, to: number | undefined, call: Call): Value {
  cost(call, text);
  const points = [...text];
  const end = to ?? points.length;
  if (from < 0 || from > points.length) return outOfRange(from);
  if (end < 0 || end > points.length) return outOfRange(end);
  if (from > end) return new CelError(`invalid substring range. start: ${from}, end: ${end}`);
  return points.slice(Number(from), Number(end)).join('');
}

function split(text: string, separator: string, limit: number, call: Call): Value {
  if (!cost(call, text) || limit === 0) return [];
  const parts = separator === '' ? [...text] : text.split(separator);
  if (limit < 0 || parts.length <= limit) return parts;
  const glue = separator;
  return [...parts.slice(0, Number(limit) - 1), parts.slice(Number(limit) - 1).join(glue)];
}

function replace(text: string, from: string, to: string, limit: number, call: Call): Value {
  if (!cost(call, text, to)) return '';
  const parts = split(text, from, limit < 0 ? -1 : Number(limit) + 1, call) as string[];
  if (from === '') return limit === 0 ? text : replaceBetween(text, to, limit);
  const made = parts.length * to.length;
  if (!call.spend(Math.ceil(made / 10))) return '';
  return limit === 0 ? text : parts.join(to);
}

/** As Go: an empty text to replace stands before each code point and at the end. */
function replaceBetween(text: string, to: string, limit: number): string {
  const points = [...text];
  const times = limit < 0 ? points.length + 1 : Math.min(Number(limit), points.length + 1);
  return (
    points.map((p, i) => (i < times ? to + p : p)).join('') + (times > points.length ? to : '')
  );
}

function join(items: readonly Value[], separator: string, call: Call): Value {
  for (const item of items) {
    if (typeof item !== 'string') return new CelError('no such overload: join(list, string)');
    if (!cost(call, item, separator)) return '';
  }
  return items.join(separator);
}

const ascii = (text: string, pattern: RegExp, change: (c: string) => string): string =>
  text.replace(pattern, change);

/** White space as Unicode has it: what Go's strings.TrimSpace removes, and a few more. */
const space =
  /^[\t-\r \u0085\u00a0\u1680\u180e\u2000-\u200d\u2028\u2029\u202f\u205f\u2060\u3000\ufeff]+/;
const trim = (text: string): string =>
  [...[...text.replace(space, '')].reverse().join('').replace(space, '')].reverse().join('');

const escapes: Readonly<Record<string, string>> = {
  '\x07': '\\a',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
  '\\': '\\\\',
  '"': '\\"',
};
const quoted = (text: string): string =>
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is escaped
  `"${text.replace(/[\x07\b\f\n\r\t\v\\"]/g, (c) => escapes[c] ?? c)}"`;

// biome-ignore format: a table
export const strings = library([
  ['string.contains(string): bool',                (s: string, p: string, c: Call) => cost(c, s) && s.includes(p)],
  ['string.startsWith(string): bool',              (s: string, p: string, c: Call) => cost(c, p) && s.startsWith(p)],
  ['string.endsWith(string): bool',                (s: string, p: string, c: Call) => cost(c, p) && s.endsWith(p)],
  ['string.matches(string): bool',                 matches],
  ['matches(string, string): bool',                matches],
  ['string.charAt(int): string',                   charAt],
  ['string.indexOf(string): int',                  (s: string, p: string, c: Call) => indexOf(s, p, 0, c)],
  ['string.indexOf(string, int): int',             indexOf],
  ['string.lastIndexOf(string): int',              (s: string, p: string, c: Call) => lastIndexOf(s, p, undefined, c)],
  ['string.lastIndexOf(string, int): int',         lastIndexOf],
  ['string.substring(int): string',                (s: string, from: number, c: Call) => substring(s, from, undefined, c)],
  ['string.substring(int, int): string',           substring],
  ['string.split(string): list<string>',           (s: string, p: string, c: Call) => split(s, p, -1, c)],
  ['string.split(string, int): list<string>',      split],
  ['string.replace(string, string): string',       (s: string, a: string, b: string, c: Call) => replace(s, a, b, -1, c)],
  ['string.replace(string, string, int): string',  replace],
  ['string.lowerAscii(): string',                  (s: string, c: Call) => (cost(c, s) ? ascii(s, /[A-Z]+/g, (t) => t.toLowerCase()) : '')],
  ['string.upperAscii(): string',                  (s: string, c: Call) => (cost(c, s) ? ascii(s, /[a-z]+/g, (t) => t.toUpperCase()) : '')],
  ['string.trim(): string',                        (s: string, c: Call) => (cost(c, s) ? trim(s) : '')],
  ['string.format(list<dyn>): string',             format],
  ['strings.quote(string): string',                (s: string, c: Call) => (cost(c, s) ? quoted(s) : '')],
  ['list<string>.join(): string',                  (l: readonly Value[], c: Call) => join(l, '', c)],
  ['list<string>.join(string): string',            join],
]);
