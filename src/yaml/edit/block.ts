// Changes to collections in block style: whole lines come and go, and no other line is touched.
import { isScalar, type Node, type Pair, type YAMLMap, type YAMLSeq } from 'yaml';
import type { JsonValue } from '../../base/json.ts';
import {
  endOf,
  endOfPair,
  itemsOf,
  keyOf,
  lineBreak,
  lineEnd,
  lineStart,
  pairsOf,
  type Splice,
  startOf,
} from './place.ts';
import { entryLines, itemLines } from './written.ts';

export function addPair(text: string, map: YAMLMap, key: string, value: JsonValue): Splice {
  const first = pairsOf(map)[0];
  const indent = first === undefined ? 0 : columnOf(text, startOf(first.key));
  return after(text, endOf(map), entryLines(key, value), indent);
}

export function addItem(text: string, seq: YAMLSeq, value: JsonValue): Splice {
  return after(text, endOf(seq), itemLines(value), columnOf(text, startOf(seq)));
}

/** After the line that `end` is on, whose comment stays where it is. */
function after(text: string, end: number, lines: readonly string[], indent: number): Splice {
  const at = lineEnd(text, end);
  const [eol, space] = [lineBreak(text), ' '.repeat(indent)];
  return { start: at, end: at, text: lines.map((line) => `${eol}${space}${line}`).join('') };
}

export function removePair(text: string, map: YAMLMap, key: string): Splice | undefined {
  const pairs = pairsOf(map);
  const pair = pairs.find((each) => keyOf(each) === key);
  if (pair === undefined || pairs.length === 1) return undefined;
  return removeLines(text, startOf(pair.key), endOfPair(pair));
}

export function removeItem(text: string, seq: YAMLSeq, index: number): Splice | undefined {
  const items = itemsOf(seq);
  const item = items[index];
  const dash = dashOf(seq, index);
  if (item === undefined || dash === undefined || items.length === 1) return undefined;
  return removeLines(text, dash, endOf(item));
}

/** What follows moves up to where it began: a line of its own, or the `- ` before it. */
function removeLines(text: string, start: number, end: number): Splice {
  const [line, last] = [lineStart(text, start), lineEnd(text, end)];
  const next = text.startsWith('\r', last) ? last + 2 : last + 1;
  if (text.slice(line, start).trim() === '') {
    if (next <= text.length) return { start: line, end: next, text: '' };
    return { start: Math.max(0, lineEnd(text, line)), end: text.length, text: '' };
  }
  const indent = /^ */.exec(text.slice(next))?.[0].length ?? 0;
  return { start, end: next + indent, text: '' };
}

function dashOf(seq: YAMLSeq, index: number): number | undefined {
  const token = seq.srcToken;
  if (token?.type !== 'block-seq') return undefined;
  return token.items[index]?.start.find(({ type }) => type === 'seq-item-ind')?.offset;
}

/** A null, written or not, becomes what it stood for: on its line, or on lines of their own below it. */
export function fillPair(
  text: string,
  { key, value: old }: Pair<Node, Node | null>,
  value: JsonValue,
): readonly Splice[] {
  const [first = '', ...rest] = entryLines(isScalar(key) ? String(key.source) : '', value);
  const colon = text.indexOf(':', endOf(key)) + 1;
  const isWritten = old !== null && startOf(old) < endOf(old);
  const end = isWritten ? endOf(old) : colon;
  const own = { start: colon, end, text: first.slice(first.indexOf(':') + 1) };
  return rest.length === 0 ? [own] : [own, after(text, end, rest, columnOf(text, startOf(key)))];
}

function columnOf(text: string, at: number): number {
  return at - lineStart(text, at);
}
