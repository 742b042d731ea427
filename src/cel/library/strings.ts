// Strings, by code points: the standard ones, and cel-go ext.Strings version 2 as Kubernetes enables it.
// Upstream: cel-spec "String Functions"; cel-go ext/strings.go.
import { escapeQuote } from '../../k8s/go-text.ts';
import { type Call, library } from '../function.ts';
import { CelError, type Value } from '../value.ts';
import {
  contains,
  one,
  resultTwice,
  traverse,
  traverseTree,
  traverseTwice,
  typedTraverse,
} from './cost.ts';
import { shown } from './shown.ts';
import { format } from './string-format.ts';
import { after, codePoints, indexAt, offsetOf } from './text.ts';

type Int = number | bigint;

const outOfRange = (at: Int): CelError => new CelError(`index out of range: ${at}`);

function charAt(text: string, at: Int): Value {
  const offset = at < 0 ? text.length : offsetOf(text, Number(at));
  if (offset < text.length) return text.slice(offset, after(text, offset));
  return at < 0 || at > codePoints(text) ? outOfRange(at) : '';
}

function indexOf(text: string, part: string, from: Int): Value {
  if (from < 0) return outOfRange(from);
  if (part === '') return Math.min(Number(from), codePoints(text));
  const found = text.indexOf(part, offsetOf(text, Number(from)));
  return found < 0 ? -1 : indexAt(text, found);
}

function lastIndexOf(text: string, part: string, from?: Int): Value {
  const last = from ?? Number.POSITIVE_INFINITY;
  if (last < 0) return outOfRange(last);
  const size = codePoints(text);
  if (part === '') return Math.min(Number(last), size);
  // As cel-go: a place behind the end finds nothing.
  if (from !== undefined && from >= size) return -1;
  const found = text.lastIndexOf(part, offsetOf(text, Number(last)));
  return found < 0 ? -1 : indexAt(text, found);
}

function substring(text: string, from: Int, to?: Int): Value {
  const size = codePoints(text);
  const end = to ?? size;
  if (to !== undefined && from > to)
    return new CelError(`invalid substring range. start: ${from}, end: ${to}`);
  if (from < 0 || from > size) return outOfRange(from);
  if (end < 0 || end > size) return outOfRange(end);
  return text.slice(offsetOf(text, Number(from)), offsetOf(text, Number(end)));
}

const characters = (text: string): string[] =>
  codePoints(text) === text.length ? text.split('') : [...text];

function split(text: string, separator: string, limit: Int, call: Call): readonly string[] {
  if (limit === 0 || !call.spend(text.length * 2)) return [];
  const parts = separator === '' ? characters(text) : text.split(separator);
  if (limit < 0 || parts.length <= limit) return parts;
  const last = Number(limit) - 1;
  return [...parts.slice(0, last), parts.slice(last).join(separator)];
}

/** An empty text stands before each code point and at the end. */
function replace(text: string, from: string, to: string, limit: Int, call: Call): Value {
  if (limit === 0) return text;
  const times = limit < 0 ? Number.POSITIVE_INFINITY : Number(limit);
  if (!call.spend(text.length * 4)) return '';
  const parts = from === '' ? ['', ...characters(text), ''] : text.split(from);
  const replaced = Math.min(parts.length - 1, times);
  if (!call.spend((replaced * to.length) / 5)) return '';
  if (replaced === parts.length - 1) return parts.join(to);
  const head = parts.slice(0, replaced + 1).join(to);
  return [head, ...parts.slice(replaced + 1)].join(from);
}

function join(items: readonly Value[], separator: string, call: Call): Value {
  let size = separator.length * items.length;
  if (items.length > 100 && !call.spend(items.length)) return '';
  for (const item of items) {
    if (typeof item !== 'string') return new CelError(`join: invalid input: ${shown(item)}`);
    size += item.length;
  }
  return size < 100 || call.spend(size / 10) ? items.join(separator) : '';
}

/** What Go's strings.TrimSpace removes. */
const space = '[\\t-\\r \\u0085\\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]';
const leading = new RegExp(`^${space}+`);
const isSpace = new RegExp(`^${space}$`);

/** No pattern for the end: it would try each run of spaces in the middle of the text. */
function trim(text: string): string {
  let end = text.length;
  while (end > 0 && isSpace.test(text.charAt(end - 1))) end--;
  return text.slice(0, end).replace(leading, '');
}

const lowerAscii = (s: string): string => s.replace(/[A-Z]+/g, (t) => t.toLowerCase());
const upperAscii = (s: string): string => s.replace(/[a-z]+/g, (t) => t.toUpperCase());

// biome-ignore format: a table
export const strings = library([
  ['string.contains(string): bool',                'core', contains,         (s: string, p: string) => s.includes(p)],
  ['string.startsWith(string): bool',              'core', typedTraverse(1), (s: string, p: string) => s.startsWith(p)],
  ['string.endsWith(string): bool',                'core', typedTraverse(1), (s: string, p: string) => s.endsWith(p)],
  ['string.charAt(int): string',                   '1.23', one,              charAt],
  ['string.indexOf(string): int',                  '1.23', traverseTree,     (s: string, p: string) => indexOf(s, p, 0)],
  ['string.indexOf(string, int): int',             '1.23', traverseTree,     indexOf],
  ['string.lastIndexOf(string): int',              '1.23', traverseTree,     (s: string, p: string) => lastIndexOf(s, p)],
  ['string.lastIndexOf(string, int): int',         '1.23', traverseTree,     lastIndexOf],
  ['string.substring(int): string',                '1.23', traverse(0),      (s: string, from: Int) => substring(s, from)],
  ['string.substring(int, int): string',           '1.23', traverse(0),      substring],
  ['string.split(string): list<string>',           '1.23', traverseTwice(0), (s: string, p: string, c: Call) => split(s, p, -1, c)],
  ['string.split(string, int): list<string>',      '1.23', traverseTwice(0), split],
  ['string.replace(string, string): string',       '1.23', traverseTwice(0), (s: string, a: string, b: string, c: Call) => replace(s, a, b, -1, c)],
  ['string.replace(string, string, int): string',  '1.23', traverseTwice(0), replace],
  ['string.lowerAscii(): string',                  '1.23', traverse(0),      lowerAscii],
  ['string.upperAscii(): string',                  '1.23', traverse(0),      upperAscii],
  ['string.trim(): string',                        '1.23', traverse(0),      trim],
  ['string.format(list<dyn>): string',             '1.29', typedTraverse(0), format],
  ['strings.quote(string): string',                '1.29', typedTraverse(0), escapeQuote],
  ['list<string>.join(): string',                  '1.23', resultTwice,      (l: readonly Value[], c: Call) => join(l, '', c)],
  ['list<string>.join(string): string',            '1.23', resultTwice,      join],
]);
