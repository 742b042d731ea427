// Escapes in URLs, over text whose characters are bytes. Upstream: Go's net/url.
import { err, ok, type Result } from '../base/result.ts';
import { goQuote } from './go-text.ts';

/** Where in a URL a text stands. */
export type Place = 'path' | 'host' | 'zone' | 'user' | 'query' | 'fragment';

const unreserved = 'A-Za-z0-9\\-_.~';
const allowed: Readonly<Record<Place, RegExp>> = {
  path: new RegExp(`[${unreserved}$&+,/:;=@]`),
  host: new RegExp(`[${unreserved}!$&'()*+,;=:[\\]<>"]`),
  zone: new RegExp(`[${unreserved}!$&'()*+,;=:[\\]<>"]`),
  user: new RegExp(`[${unreserved}$&+,;=]`),
  query: new RegExp(`[${unreserved}]`),
  fragment: new RegExp(`[${unreserved}$&+,/:;=?@!()*]`),
};

/** UTF-8 as characters of one byte each, and back. */
export const toBytes = (text: string): string => Buffer.from(text).toString('latin1');
export const fromBytes = (bytes: string): string => Buffer.from(bytes, 'latin1').toString();

export function mustEscape(c: string, place: Place): boolean {
  return !allowed[place].test(c);
}

export function encodeEscapes(bytes: string, place: Place): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: every byte is looked at
  return bytes.replace(/[\x00-\xff]/g, (c) => (mustEscape(c, place) ? hexOf(c) : c));
}

function hexOf(c: string): string {
  return `%${c.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`;
}

/** Without its escapes; or why they cannot be read. */
export function decodeEscapes(bytes: string, place: Place): Result<string, string> {
  for (let i = 0; i < bytes.length; i++) {
    const c = bytes.charAt(i);
    if (c === '%') {
      const fault = escapeFault(bytes.slice(i, i + 3), place);
      if (fault !== undefined) return err(fault);
      i += 2;
    } else if ((place === 'host' || place === 'zone') && c < '\x80' && mustEscape(c, place)) {
      return err(`invalid character ${goQuote(c)} in host name`);
    }
  }
  const spaced = place === 'query' ? bytes.replaceAll('+', ' ') : bytes;
  return ok(spaced.replace(/%(..)/g, (_, hex: string) => byteOf(hex)));
}

const byteOf = (hex: string): string => String.fromCharCode(Number.parseInt(hex, 16));

function escapeFault(escaped: string, place: Place): string | undefined {
  const fault = `invalid URL escape ${goQuote(fromBytes(escaped))}`;
  if (!/^%[0-9a-fA-F]{2}$/.test(escaped)) return fault;
  if (escaped === '%25') return undefined;
  const byte = byteOf(escaped.slice(1));
  // A host may escape only what is no ASCII; a zone, what it could also write plainly.
  if (place === 'host' && byte < '\x80') return fault;
  if (place === 'zone' && byte !== ' ' && mustEscape(byte, 'host')) return fault;
  return undefined;
}
