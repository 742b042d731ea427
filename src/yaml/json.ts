// JSON bytes to one value, for the webhook: bounded in linear time before anything is parsed, integers exact.
// Threat: JSON.parse takes deep nesting, and what walks the value afterwards overflows the stack.
import type { Code } from '../base/codes.ts';
import { isArray, type JsonValue } from '../base/json.ts';
import type { Result } from '../base/result.ts';
import { err, ok } from '../base/result.ts';
import { parseInteger } from './scalar.ts';

/** `maxDepth`: objects and arrays inside one another. */
export type JsonLimits = { readonly maxBytes: number; readonly maxDepth: number };
export type JsonFault = { readonly code: Code; readonly message: string };

/** Codes: review-empty, review-too-large, review-too-deep, review-duplicate-key, review-syntax. Integers that int64 holds are exact (bigint
 * where a double is not); larger ones are doubles, as in the API server. An object with equal keys is refused. */
export function parseJson(bytes: Uint8Array, limits: JsonLimits): Result<JsonValue, JsonFault> {
  if (bytes.length === 0) return fault('review-empty', 'the body is empty');
  if (bytes.length > limits.maxBytes) {
    return fault('review-too-large', `the body has more than ${limits.maxBytes} bytes`);
  }
  const { form, members } = scan(bytes, limits.maxDepth);
  if (form === 'too-deep') {
    return fault('review-too-deep', `the body is nested more than ${limits.maxDepth} levels deep`);
  }
  try {
    const text = utf8.decode(bytes);
    const parsed = form === 'plain' ? ok<JsonValue>(JSON.parse(text)) : parseExactly(text);
    if (!parsed.ok || membersOf(parsed.value) === members) return parsed;
    return fault('review-duplicate-key', 'an object in the body has the same key twice');
  } catch (cause) {
    // TypeError: not UTF-8. The parser's own message would quote the body.
    if (cause instanceof SyntaxError || cause instanceof TypeError) {
      return fault('review-syntax', 'the body is not JSON in UTF-8');
    }
    throw cause;
  }
}

/** The value that `parseJson` has made of these bytes before, without its checks; throws for any others. */
export function parseAgain(bytes: Uint8Array): JsonValue {
  const text = utf8.decode(bytes);
  if (!mayRound.test(text)) return JSON.parse(text);
  const parsed = parseExactly(text);
  if (!parsed.ok) throw new Error(parsed.error.message);
  return parsed.value;
}

/** An integer with more digits than a double is sure to hold, or a text with something like it. */
const mayRound = /(?:^|[\s:,[])-?\d{16}/;

/** A byte order mark is an error, as for encoding/json: it is not ignored here, and JSON.parse refuses it. */
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** More digits than this may not fit a double. */
const safeDigits = 15;
const [quote, backslash, zero, nine] = [0x22, 0x5c, 0x30, 0x39];
const [openBrace, openBracket, closeBrace, closeBracket, colon] = [0x7b, 0x5b, 0x7d, 0x5d, 0x3a];
const [upperE, lowerE] = [0x45, 0x65];

/** `numbers`: there is a number that JSON.parse could round or make infinite. */
type Scanned = { readonly form: 'plain' | 'numbers' | 'too-deep'; readonly members: number };

/** One pass over the bytes, most of which are in strings. `members`: of all objects together, as often as they are written. */
function scan(bytes: Uint8Array, maxDepth: number): Scanned {
  let [depth, digits, members, numbers] = [0, 0, 0, false];
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i] ?? 0;
    if (byte === quote) {
      digits = 0;
      i = stringEnd(bytes, i);
    } else if (byte >= zero && byte <= nine) {
      if (++digits > safeDigits) numbers = true;
    } else {
      if (digits > 0 && (byte === lowerE || byte === upperE)) numbers = true;
      digits = 0;
      if (byte === colon) members++;
      else if (byte === openBrace || byte === openBracket) {
        if (++depth > maxDepth) return { form: 'too-deep', members };
      } else if (byte === closeBrace || byte === closeBracket) depth--;
    }
  }
  return { form: numbers ? 'numbers' : 'plain', members };
}

/** The index of the closing quote, or the end of the bytes. */
function stringEnd(bytes: Uint8Array, start: number): number {
  for (let i = start + 1; i < bytes.length; i++) {
    const byte = bytes[i];
    if (byte === quote) return i;
    if (byte === backslash) i++;
  }
  return bytes.length;
}

/** Threat: of equal keys one parser takes the first and another the last; who asks shows one and gets the other.
 * A value has fewer members than its text where a key was written twice. */
function membersOf(value: JsonValue | undefined): number {
  if (typeof value !== 'object' || value === null) return 0;
  let members = 0;
  if (isArray(value)) for (const each of value) members += membersOf(each);
  // What JSON.parse made inherits nothing that could be enumerated: its keys are its own.
  else for (const key in value) members += 1 + membersOf(value[key]);
  return members;
}

const integer = /^-?[0-9]+$/;

/** With the source text of each number, which tells what the double has lost. */
function parseExactly(text: string): Result<JsonValue, JsonFault> {
  let infinite = false;
  const value: JsonValue = JSON.parse(
    text,
    (_key, each: JsonValue, context?: { source?: string }) => {
      if (typeof each !== 'number' || Number.isSafeInteger(each)) return each;
      if (!Number.isFinite(each)) infinite = true;
      const source = context?.source ?? '';
      return Number.isInteger(each) && integer.test(source) ? parseInteger(source) : each;
    },
  );
  return infinite
    ? fault('review-syntax', 'a number in the body is too large for a double')
    : ok(value);
}

function fault(code: Code, message: string): Result<never, JsonFault> {
  return err({ code, message });
}
