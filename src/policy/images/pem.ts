// Texts in PEM: blocks with nothing but blanks around them, so that no key is lost to a slip of the pen.
// Upstream: RFC 7468.
import { err, ok, type Result } from '../../base/result.ts';

/** `start`: where it begins in the text, in UTF-16 units. */
export type PemBlock = { readonly label: string; readonly pem: string; readonly start: number };

const begin = '-----BEGIN ';
const form = /-----BEGIN ([A-Z0-9 ]+)-----[A-Za-z0-9+/=\s]*-----END \1-----/g;
const maxText = 256 * 1024;

/** The error is to be read after the name of the field. */
export function pemBlocks(text: string): Result<readonly PemBlock[], string> {
  if (text.length > maxText) return err(`is longer than ${maxText} characters`);
  const blocks = [...text.matchAll(form)].map(({ 0: pem, 1: label = '', index }) => ({
    label,
    pem,
    start: index,
  }));
  if (blocks.length < text.split(begin).length - 1) return err('has a PEM block that is not whole');
  const rest = text.replace(form, '').trim();
  return rest === '' ? ok(blocks) : err('has text that is no PEM');
}
