// Changes inside [] and {}, JSON files among them: what is added looks as what stands beside it.
import { isScalar, isSeq, type YAMLMap, type YAMLSeq } from 'yaml';
import type { JsonValue } from '../../base/json.ts';
import {
  endOf,
  endOfPair,
  itemsOf,
  keyOf,
  lineBreak,
  lineStart,
  pairsOf,
  type Splice,
  startOf,
} from './place.ts';
import { inlineText, jsonLines, scalarText } from './written.ts';

/** A stretch of the text that one entry of a collection takes. */
type Stretch = { readonly start: number; readonly end: number };

export function addPair(text: string, map: YAMLMap, key: string, value: JsonValue): Splice {
  const pairs = pairsOf(map);
  const isJson = pairs.some((pair) => isScalar(pair.key) && pair.key.type === 'QUOTE_DOUBLE');
  const stretches = stretchesOf(map);
  const style = styleOf(text, startOf(map), stretches, isJson);
  const name = isJson ? JSON.stringify(key) : scalarText(key);
  return add(text, map, stretches, style, `${name}:${style.space}${style.written(value)}`);
}

export function addItem(text: string, seq: YAMLSeq, value: JsonValue): Splice {
  const isJson = itemsOf(seq).some((item) => isScalar(item) && item.type === 'QUOTE_DOUBLE');
  const style = styleOf(text, startOf(seq), stretchesOf(seq), isJson);
  return add(text, seq, stretchesOf(seq), style, style.written(value));
}

type Style = {
  /** After a colon. */
  readonly space: string;
  /** Between two entries, after the comma. */
  readonly gap: string;
  readonly written: (value: JsonValue) => string;
};

/** A line for each entry, where the first begins one; spaces where there are any. */
function styleOf(
  text: string,
  open: number,
  stretches: readonly Stretch[],
  isJson: boolean,
): Style {
  const first = stretches[0];
  const before = first === undefined ? '' : text.slice(open + 1, first.start);
  if (before.includes('\n') && first !== undefined) {
    const own = text.slice(lineStart(text, first.start), first.start);
    const step = unitOf(text, open, own);
    const eol = lineBreak(text);
    const written = (value: JsonValue): string =>
      isJson ? jsonLines(value, step).join(`${eol}${own}`) : inlineText(value, 'yaml');
    return { space: ' ', gap: `${eol}${own}`, written };
  }
  const isTight = isJson && first !== undefined && /^"[^"]*":\S/.test(text.slice(first.start));
  const space = isTight ? '' : ' ';
  const form = isTight ? 'tight-json' : isJson ? 'json' : 'yaml';
  return { space, gap: space, written: (value) => inlineText(value, form) };
}

/** How much further in an entry is than the line that its collection begins on. */
function unitOf(text: string, open: number, own: string): string {
  const outer = /^[ \t]*/.exec(text.slice(lineStart(text, open)))?.[0] ?? '';
  const more = own.startsWith(outer) ? own.slice(outer.length) : '';
  return more === '' ? '  ' : more;
}

function add(
  text: string,
  collection: YAMLMap | YAMLSeq,
  stretches: readonly Stretch[],
  { gap }: Style,
  entry: string,
): Splice {
  const last = stretches.at(-1);
  if (last !== undefined) return { start: last.end, end: last.end, text: `,${gap}${entry}` };
  const [open, close] = [startOf(collection) + 1, endOf(collection) - 1];
  return { start: open, end: text.slice(open, close).trim() === '' ? close : open, text: entry };
}

export function removePair(map: YAMLMap, key: string): Splice | undefined {
  return removeAt(
    stretchesOf(map),
    pairsOf(map).findIndex((pair) => keyOf(pair) === key),
  );
}

export function removeItem(seq: YAMLSeq, index: number): Splice | undefined {
  return removeAt(stretchesOf(seq), index);
}

/** With the comma before it; the first of several with the one after it. */
function removeAt(stretches: readonly Stretch[], index: number): Splice | undefined {
  const [own, before, next] = [stretches[index], stretches[index - 1], stretches[index + 1]];
  if (own === undefined) return undefined;
  if (before !== undefined) return { start: before.end, end: own.end, text: '' };
  return { start: own.start, end: next?.start ?? own.end, text: '' };
}

function stretchesOf(collection: YAMLMap | YAMLSeq): readonly Stretch[] {
  return isSeq(collection)
    ? itemsOf(collection).map((item) => ({ start: startOf(item), end: endOf(item) }))
    : pairsOf(collection).map((pair) => ({ start: startOf(pair.key), end: endOfPair(pair) }));
}
