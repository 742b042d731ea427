// Text to tokens, in one pass and in linear time: a character is looked at a bounded number of times.
// Upstream: the lexer rules of parser/gen/CEL.g4 in github.com/google/cel-go.
import { quote } from '../../base/text.ts';
import type { Token, TokenKind } from './token.ts';

/** Ends with a token `end`, right behind the last one, or with a token `bad` where the text stops being CEL. */
export function tokensOf(source: string): readonly Token[] {
  const tokens: Token[] = [];
  for (let behind = 0; ; ) {
    const at = skipBlank(source, behind);
    const ended = at >= source.length;
    const token: Token = ended
      ? { kind: 'end', text: '', start: behind, end: behind }
      : tokenAt(source, at);
    tokens.push(token);
    if (token.kind === 'end' || token.kind === 'bad') return tokens;
    behind = token.end;
  }
}

const blank = /(?:[\t \r\n\f]+|\/\/[^\n]*)/y;

function skipBlank(source: string, from: number): number {
  let at = from;
  for (let length = lengthOf(blank, source, at); length > 0; ) {
    at += length;
    length = lengthOf(blank, source, at);
  }
  return at;
}

const words: ReadonlySet<string> = new Set(['in', 'true', 'false', 'null']);
const identifier = /[A-Za-z_][A-Za-z0-9_]*/y;
const double =
  /(?:[0-9]+\.[0-9]+(?:[eE][+-]?[0-9]+)?|[0-9]+[eE][+-]?[0-9]+|\.[0-9]+(?:[eE][+-]?[0-9]+)?)/y;
const integer = /(?:0x[0-9a-fA-F]+|[0-9]+)/y;
const stringStart = /[bB]?[rR]?["']/y;
const symbol = /(?:==|!=|<=|>=|&&|\|\||[<>[\]{}().,\-!?:+*/%])/y;
const quoted = /`[A-Za-z0-9_./ -]+`/y;

function tokenAt(source: string, at: number): Token {
  const token = (kind: TokenKind, length: number): Token => {
    return { kind, text: source.slice(at, at + length), start: at, end: at + length };
  };
  if (lengthOf(stringStart, source, at) > 0) return stringAt(source, at);
  const word = lengthOf(identifier, source, at);
  if (word > 0)
    return token(words.has(source.slice(at, at + word)) ? 'symbol' : 'identifier', word);
  const number = lengthOf(double, source, at);
  if (number > 0) return token('double', number);
  const digits = lengthOf(integer, source, at);
  if (digits > 0) {
    const unsigned = source[at + digits] === 'u' || source[at + digits] === 'U';
    return unsigned ? token('uint', digits + 1) : token('int', digits);
  }
  const mark = lengthOf(symbol, source, at);
  if (mark > 0) return token('symbol', mark);
  const name = lengthOf(quoted, source, at);
  return name > 0 ? token('quoted', name) : strange(source, at);
}

function lengthOf(pattern: RegExp, source: string, at: number): number {
  pattern.lastIndex = at;
  return pattern.exec(source)?.[0].length ?? 0;
}

/** A string with its prefix and quotes; what its escapes stand for is literal.ts's. */
function stringAt(source: string, start: number): Token {
  const prefix = lengthOf(stringStart, source, start) - 1;
  const raw = /[rR]/.test(source.slice(start, start + prefix));
  const kind = /[bB]/.test(source.slice(start, start + prefix)) ? 'bytes' : 'string';
  const mark = source[start + prefix] ?? '"';
  const close = source.startsWith(mark.repeat(3), start + prefix) ? mark.repeat(3) : mark;
  for (let at = start + prefix + close.length; at < source.length; at++) {
    const char = source[at];
    if (source.startsWith(close, at)) {
      const end = at + close.length;
      return { kind, text: source.slice(start, end), start, end };
    }
    if (close.length === 1 && (char === '\n' || char === '\r')) break;
    if (char === '\\' && !raw) at++;
  }
  return bad(source, start, start + prefix + close.length, `the string has no closing ${close}`);
}

const instead: Readonly<Record<string, string>> = {
  '=': `'=' is no operator; to compare, write '=='`,
  '&': `'&' is no operator; write '&&'`,
  '|': `'|' is no operator; write '||'`,
  '`': 'the name in backquotes is empty, is not closed, or has more than letters, digits and "_.-/ "',
};

function strange(source: string, at: number): Token {
  const char = String.fromCodePoint(source.codePointAt(at) ?? 0);
  const message = instead[char] ?? `${quote(char)} is no part of CEL here`;
  return bad(source, at, at + char.length, message);
}

function bad(source: string, start: number, end: number, message: string): Token {
  const fault = { code: 'cel-syntax', message, start, end } as const;
  return { kind: 'bad', text: source.slice(start, end), start, end, fault };
}
