// What the text of a literal stands for. Upstream: parser/unescape.go and the literals of parser/parser.go in
// github.com/google/cel-go.
import { quote } from '../../base/text.ts';
import { CelError, toDouble, toInt, toUint, type Value } from '../value.ts';
import { refusal, type Token } from './token.ts';

export function readInt(token: Token, negative: boolean): Value {
  const made = toInt(negative ? -BigInt(token.text) : BigInt(token.text));
  if (!(made instanceof CelError)) return made;
  throw refusal(token, 'the int literal is outside -9223372036854775808 to 9223372036854775807');
}

export function readUint(token: Token): Value {
  const made = toUint(BigInt(token.text.slice(0, -1)));
  if (!(made instanceof CelError)) return made;
  throw refusal(token, 'the uint literal is greater than 18446744073709551615');
}

export function readDouble(token: Token, negative: boolean): Value {
  const value = Number(token.text);
  if (!Number.isFinite(value)) throw refusal(token, 'the double literal is too large');
  return toDouble(negative ? -value : value);
}

/** Threat: a lone surrogate is no text anywhere else; it becomes U+FFFD, as in the API server's reading of JSON. */
export function readString(token: Token): string {
  const { body, start, raw } = bodyOf(token);
  if (raw || !body.includes('\\')) return body.toWellFormed();
  const parts = pieces(body, start, false);
  return parts.map((part) => (typeof part === 'string' ? part : codePoint(part))).join('');
}

export function readBytes(token: Token): Uint8Array {
  const { body, start, raw } = bodyOf(token);
  if (raw || !body.includes('\\')) return encoder.encode(body);
  const parts = pieces(body, start, true);
  const bytes = parts.map((part) =>
    typeof part === 'string' ? encoder.encode(part) : Uint8Array.of(part.value),
  );
  return Uint8Array.from(Buffer.concat(bytes));
}

const encoder = new TextEncoder();

type Body = { readonly body: string; readonly start: number; readonly raw: boolean };

/** Line ends are LF, in raw strings too: escapes are read before that, for their positions. */
function bodyOf({ text, start }: Token): Body {
  const prefix = text.search(/["']/);
  const mark = text[prefix] ?? '"';
  const quotes = text.length - prefix >= 6 && text.startsWith(mark.repeat(3), prefix) ? 3 : 1;
  const from = prefix + quotes;
  const raw = /[rR]/.test(text.slice(0, prefix));
  const written = text.slice(from, text.length - quotes);
  const body = raw || !written.includes('\\') ? withLineFeeds(written) : written;
  return { body, start: start + from, raw };
}

function withLineFeeds(text: string): string {
  return text.replace(/\r\n?/g, '\n');
}

type Escape = { readonly value: number; readonly start: number; readonly end: number };

const escaped =
  /\\(?:([abfnrtv"'\\?`])|[xX]([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-3][0-7]{2}))/y;
const simple: Readonly<Record<string, number>> = {
  a: 7,
  b: 8,
  f: 12,
  n: 10,
  r: 13,
  t: 9,
  v: 11,
};

/** The text between escapes, and the escapes as numbers. */
function pieces(body: string, start: number, bytes: boolean): (string | Escape)[] {
  const found: (string | Escape)[] = [];
  for (let at = 0; at < body.length; ) {
    const next = body.indexOf('\\', at);
    const plain = body.slice(at, next < 0 ? body.length : next);
    if (plain !== '') found.push(withLineFeeds(plain).toWellFormed());
    if (next < 0) break;
    const one = escapeAt(body, next, start, bytes);
    found.push(one);
    at = one.end - start;
  }
  return found;
}

function escapeAt(body: string, at: number, start: number, bytes: boolean): Escape {
  escaped.lastIndex = at;
  const [text, char, hex, short, long, octal] = escaped.exec(body) ?? [];
  const range = { start: start + at, end: start + at + (text?.length ?? 2) };
  if (text === undefined) throw refusal(range, `${quote(body.slice(at, at + 2))} is no escape`);
  if (char !== undefined) return { value: simple[char] ?? char.charCodeAt(0), ...range };
  const unicode = short ?? long;
  if (bytes && unicode !== undefined) {
    throw refusal(
      range,
      `bytes have no escape ${quote(text)}; write \\x and two digits for each byte`,
    );
  }
  if (octal !== undefined) return { value: Number.parseInt(octal, 8), ...range };
  return { value: Number.parseInt(unicode ?? hex ?? '', 16), ...range };
}

function codePoint({ value, ...range }: Escape): string {
  if (value <= 0x10ffff && (value < 0xd800 || value > 0xdfff)) return String.fromCodePoint(value);
  throw refusal(range, 'the escape is no Unicode character');
}
