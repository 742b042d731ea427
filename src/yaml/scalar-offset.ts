// From an offset in a string scalar's value to an offset in the source: for faults inside expressions.
// The source is already known to be good; nothing here decides what the value is.
import type { ScalarNode } from './tree.ts';

/** The source offset of unit `offset` of the value; clamped to the scalar. What a fold or an escape stands for is where it begins. */
export function offsetInScalar(
  text: string,
  node: ScalarNode,
  value: string,
  offset: number,
): number {
  const wanted = Math.max(0, Math.min(offset, value.length));
  switch (node.style) {
    case 'plain':
      return inFlow(text, node.at, node.end, wanted, plainStep);
    case 'single':
      return inFlow(text, node.at + 1, node.end - 1, wanted, singleStep);
    case 'double':
      return inFlow(text, node.at + 1, node.end - 1, wanted, doubleStep);
    case 'literal':
      return inLiteral(text, node, value, wanted);
    case 'folded':
      return inFolded(text, node, value, wanted);
  }
}

/** `took` units of source make `made` units of value: as many mean that it is the same text. */
type Step = { readonly took: number; readonly made: number };

const plainChar: Step = { took: 1, made: 1 };
const space = /[ \t]+/y;
const fold = /[ \t]*\r?\n[ \t\r\n]*/y;

function runAt(pattern: RegExp, text: string, at: number): string | undefined {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0];
}

/** White space is taken a run at a time: a scan from each of its characters would be quadratic. */
function plainStep(text: string, at: number): Step {
  if (!isSpace(text.charCodeAt(at))) return plainChar;
  const folded = runAt(fold, text, at);
  if (folded !== undefined) {
    const breaks = folded.split('\n').length - 1;
    return { took: folded.length, made: Math.max(1, breaks - 1) };
  }
  const spaces = runAt(space, text, at)?.length ?? 1;
  return { took: spaces, made: spaces };
}

function singleStep(text: string, at: number): Step {
  return text.startsWith("''", at) ? { took: 2, made: 1 } : plainStep(text, at);
}

const lineEscape = /\\\r?\n[ \t]*/y;
const hexDigits: Readonly<Record<string, number>> = { x: 2, u: 4, U: 8 };

function doubleStep(text: string, at: number): Step {
  if (text[at] !== '\\') return plainStep(text, at);
  const joined = runAt(lineEscape, text, at);
  if (joined !== undefined) return { took: joined.length, made: 0 };
  const digits = hexDigits[text[at + 1] ?? ''] ?? 0;
  const code = Number.parseInt(text.slice(at + 2, at + 2 + digits), 16);
  return { took: 2 + digits, made: digits > 0 && code > 0xffff ? 2 : 1 };
}

function inFlow(
  text: string,
  from: number,
  to: number,
  wanted: number,
  step: (text: string, at: number) => Step,
): number {
  let [at, made] = [from, 0];
  while (at < to) {
    const next = step(text, at);
    if (made + next.made > wanted) return next.took === next.made ? at + wanted - made : at;
    at += next.took;
    made += next.made;
  }
  return Math.max(from, Math.min(at, to));
}

/** Line by line: the same lines, less the header and the indentation. */
function inLiteral(text: string, node: ScalarNode, value: string, wanted: number): number {
  const body = bodyStart(text, node);
  const indent = indentOf(text, body, node.end, value);
  const before = value.slice(0, wanted).split('\n');
  let start = body;
  for (let line = 1; line < before.length; line++) start = nextLine(text, start);
  const column = before.at(-1)?.length ?? 0;
  return Math.min(start + indent + column, Math.max(lineEnd(text, start), start), node.end);
}

/** Folding moves only white space: the other characters are the same, in the same order. */
function inFolded(text: string, node: ScalarNode, value: string, wanted: number): number {
  let at = bodyStart(text, node);
  let last = at;
  for (let i = 0; i < wanted || !isSpace(value.charCodeAt(i)); i++) {
    if (i >= value.length) break;
    if (isSpace(value.charCodeAt(i))) continue;
    while (at < node.end && isSpace(text.charCodeAt(at))) at++;
    if (i >= wanted) return at;
    last = ++at;
  }
  return Math.min(last, node.end);
}

function bodyStart(text: string, node: ScalarNode): number {
  return Math.min(nextLine(text, node.at), node.end);
}

/** How far the block is indented: what its first line that is not blank has more than the value's. */
function indentOf(text: string, body: number, end: number, value: string): number {
  const ink = /[^ \r\n]/g;
  ink.lastIndex = body;
  const at = ink.exec(text)?.index ?? end;
  const inSource = at - (text.lastIndexOf('\n', at) + 1);
  const inkOfValue = value.search(/[^ \r\n]/);
  if (at >= end || inkOfValue < 0) return 0;
  return inSource - (inkOfValue - (value.lastIndexOf('\n', inkOfValue) + 1));
}

function nextLine(text: string, at: number): number {
  const end = text.indexOf('\n', at);
  return end < 0 ? text.length : end + 1;
}

function lineEnd(text: string, at: number): number {
  const end = text.indexOf('\n', at);
  if (end < 0) return text.length;
  return text[end - 1] === '\r' ? end - 1 : end;
}

function isSpace(code: number): boolean {
  return code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09;
}
