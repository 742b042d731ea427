// Text by code points, though a string here is UTF-16.
const surrogate = /[\ud800-\udfff]/;

const short = 120;

/** How many code points: what size() says. */
export function codePoints(text: string): number {
  if (text.length < short ? !hasSurrogate(text) : !surrogate.test(text)) return text.length;
  let n = 0;
  for (let i = 0; i < text.length; n++) i = after(text, i);
  return n;
}

/** For short texts the fastest. */
export function hasSurrogate(text: string): boolean {
  for (let i = 0; i < text.length; i++) if ((text.charCodeAt(i) & 0xf800) === 0xd800) return true;
  return false;
}

/** The UTF-16 offset of a code point; the end of the text when there are fewer. */
export function offsetOf(text: string, index: number): number {
  if (!surrogate.test(text)) return Math.min(index, text.length);
  let at = 0;
  for (let n = 0; n < index && at < text.length; n++) at = after(text, at);
  return at;
}

/** How many code points stand before a UTF-16 offset. */
export function indexAt(text: string, offset: number): number {
  return codePoints(text.slice(0, offset));
}

/** The offset that follows the code point at `at`. */
export function after(text: string, at: number): number {
  return at + ((text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1);
}
