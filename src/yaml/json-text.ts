// JSON text (RFC 8259) to source trees: one value after another, as kubectl reads a .json file.
// Recursion ends at maxDepth. JSON that is not JSON may still be YAML; the caller decides.
import type { JsonValue } from '../base/json.ts';
import { setOwn } from '../base/json.ts';
import { quote } from '../base/text.ts';
import { duplicateKey, outOfRange, tooDeep, tooManyNodes } from './faults.ts';
import { parseInteger } from './scalar.ts';
import {
  type Budget,
  type Entry,
  type Fault,
  maxDepth,
  nodesLeft,
  type SourceNode,
} from './tree.ts';

/** `isJson`: false when a fault of syntax ended the reading. */
export type JsonReading = {
  readonly roots: readonly SourceNode[];
  readonly faults: readonly Fault[];
  readonly isJson: boolean;
};

export type JsonSource = {
  /** Of the whole file. */
  readonly text: string;
  readonly lineOf: (offset: number) => number;
  readonly budget: Budget;
};

type Cursor = {
  readonly text: string;
  at: number;
  readonly end: number;
  /** That it may still have. */
  nodes: number;
  readonly faults: Fault[];
  isJson: boolean;
  readonly lineOf: (offset: number) => number;
};

/** Reads from `start` up to `end`; offsets are into `text`. */
export function readJsonText(
  { text, lineOf, budget }: JsonSource,
  start: number,
  end: number,
): JsonReading {
  const nodes = nodesLeft(budget);
  const cursor: Cursor = { text, at: start, end, nodes, faults: [], isJson: true, lineOf };
  const roots: SourceNode[] = [];
  skipSpace(cursor);
  while (cursor.at < end) {
    const root = readValue(cursor, 1);
    if (root === undefined) break;
    roots.push(root);
    skipSpace(cursor);
  }
  budget.nodes += nodes - cursor.nodes;
  return { roots, faults: cursor.faults, isJson: cursor.isJson };
}

const space = /[ \t\r\n]*/y;

function skipSpace(cursor: Cursor): void {
  space.lastIndex = cursor.at;
  space.test(cursor.text);
  cursor.at = Math.min(space.lastIndex, cursor.end);
}

/** undefined: reading has ended with a fault. */
function readValue(cursor: Cursor, depth: number): SourceNode | undefined {
  if (--cursor.nodes < 0) return stop(cursor, tooManyNodes(cursor.at));
  const c = cursor.at < cursor.end ? cursor.text[cursor.at] : undefined;
  if ((c === '{' || c === '[') && depth > maxDepth) return stop(cursor, tooDeep(cursor.at));
  if (c === '{') return readObject(cursor, depth);
  if (c === '[') return readArray(cursor, depth);
  return readScalar(cursor, c);
}

function readScalar(cursor: Cursor, c: string | undefined): SourceNode | undefined {
  const { at } = cursor;
  const value = c === '"' ? readString(cursor) : readWord(cursor);
  if (value === undefined) return undefined;
  const style = c === '"' ? 'double' : 'plain';
  return { kind: 'scalar', at, end: cursor.at, style, value };
}

const special = /[\\\p{Cc}]/u;

function readString(cursor: Cursor): string | undefined {
  const start = cursor.at;
  const end = closingQuote(cursor);
  if (end === undefined) return notJson(cursor, start, 'a string without its closing quote');
  const inside = cursor.text.slice(start + 1, end);
  cursor.at = end + 1;
  if (!special.test(inside)) return inside;
  try {
    // Go reads half of a surrogate pair as U+FFFD.
    return String(JSON.parse(`"${inside}"`)).toWellFormed();
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause;
    return notJson(cursor, start, 'a string with a control character or an unknown escape');
  }
}

/** Not by a regular expression: on megabytes of escapes it would run out of its stack. */
function closingQuote({ text, at, end }: Cursor): number | undefined {
  for (
    let next = text.indexOf('"', at + 1);
    next >= 0 && next < end;
    next = text.indexOf('"', next + 1)
  ) {
    let slashes = 0;
    while (text[next - 1 - slashes] === '\\') slashes++;
    if (slashes % 2 === 0) return next;
  }
  return undefined;
}

const word =
  /-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?(?![-+.0-9A-Za-z_])|(?:true|false|null)(?![0-9A-Za-z_])/y;
const literals: ReadonlyMap<string, JsonValue> = new Map<string, JsonValue>([
  ['true', true],
  ['false', false],
  ['null', null],
]);

function readWord(cursor: Cursor): JsonValue | undefined {
  const { at } = cursor;
  const source = take(cursor, word);
  if (source === undefined) return notJson(cursor, at, 'a value is missing');
  const literal = literals.get(source);
  if (literal !== undefined) return literal;
  const number = /^-?[0-9]+$/.test(source) ? parseInteger(source) : Number(source);
  if (number === 0) return 0;
  return typeof number === 'bigint' || Number.isFinite(number)
    ? number
    : stop(cursor, outOfRange(at));
}

function readArray(cursor: Cursor, depth: number): SourceNode | undefined {
  const { at } = cursor;
  const items: SourceNode[] = [];
  const value: JsonValue[] = [];
  cursor.at++;
  skipSpace(cursor);
  if (accept(cursor, ']')) return { kind: 'list', at, block: false, items, value };
  for (;;) {
    skipSpace(cursor);
    const item = readValue(cursor, depth + 1);
    if (item === undefined) return undefined;
    items.push(item);
    value.push(item.value);
    skipSpace(cursor);
    if (accept(cursor, ']')) return { kind: 'list', at, block: false, items, value };
    if (!accept(cursor, ',')) return notJson(cursor, cursor.at, 'a comma or ] is missing');
  }
}

function readObject(cursor: Cursor, depth: number): SourceNode | undefined {
  const { at } = cursor;
  const entries = new Map<string, Entry>();
  const value: Record<string, JsonValue> = {};
  cursor.at++;
  skipSpace(cursor);
  if (accept(cursor, '}')) return { kind: 'map', at, block: false, entries, value };
  for (;;) {
    skipSpace(cursor);
    if (!readMember(cursor, depth, entries, value)) return undefined;
    skipSpace(cursor);
    if (accept(cursor, '}')) return { kind: 'map', at, block: false, entries, value };
    if (!accept(cursor, ',')) return notJson(cursor, cursor.at, 'a comma or } is missing');
  }
}

function readMember(
  cursor: Cursor,
  depth: number,
  entries: Map<string, Entry>,
  value: Record<string, JsonValue>,
): boolean {
  const keyAt = cursor.at;
  if (cursor.text[keyAt] !== '"')
    return notJson(cursor, keyAt, 'a key in double quotes is missing') ?? false;
  const key = readString(cursor);
  if (key === undefined) return false;
  skipSpace(cursor);
  if (!accept(cursor, ':'))
    return notJson(cursor, cursor.at, `a colon is missing after the key ${quote(key)}`) ?? false;
  skipSpace(cursor);
  const node = readValue(cursor, depth + 1);
  if (node === undefined) return false;
  const first = entries.get(key);
  if (first !== undefined) {
    cursor.faults.push(duplicateKey(key, keyAt, cursor.lineOf(first.keyAt)));
    return true;
  }
  entries.set(key, { keyAt, node });
  setOwn(value, key, node.value);
  return true;
}

/** What the sticky pattern matches here, within the end; the cursor moves past it. */
function take(cursor: Cursor, pattern: RegExp): string | undefined {
  pattern.lastIndex = cursor.at;
  const found = pattern.exec(cursor.text)?.[0];
  if (found === undefined || pattern.lastIndex > cursor.end) return undefined;
  cursor.at = pattern.lastIndex;
  return found;
}

function accept(cursor: Cursor, c: string): boolean {
  if (cursor.at >= cursor.end || cursor.text[cursor.at] !== c) return false;
  cursor.at++;
  return true;
}

function stop(cursor: Cursor, fault: Fault): undefined {
  cursor.faults.push(fault);
}

function notJson(cursor: Cursor, at: number, message: string): undefined {
  cursor.isJson = false;
  stop(cursor, { code: 'yaml-syntax', at: Math.min(at, cursor.end), message });
}
