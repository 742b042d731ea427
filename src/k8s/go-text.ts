// Text as Go writes it between quotes: %q of a string, which many texts of the API server have in them.

const simple = /^[ !#-[\]-~]*$/;
const printed = /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]$/u;
const escapes: Readonly<Record<string, string>> = {
  '\x07': '\\a',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
  '\\': '\\\\',
  '"': '\\"',
};

/** Upstream: strconv.Quote. */
export function goQuote(text: string): string {
  if (simple.test(text)) return `"${text}"`;
  const parts = [...text.toWellFormed()].map((c) => escapes[c] ?? (printed.test(c) ? c : code(c)));
  return `"${parts.join('')}"`;
}

function code(c: string): string {
  const point = c.codePointAt(0) ?? 0;
  const hex = point.toString(16);
  if (point < 0x80) return `\\x${hex.padStart(2, '0')}`;
  return point > 0xffff ? `\\U${hex.padStart(8, '0')}` : `\\u${hex.padStart(4, '0')}`;
}

/** What strings.quote of CEL makes: only what has an escape of its own is escaped. */
export function escapeQuote(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is escaped
  return `"${text.toWellFormed().replace(/[\x07\b\f\n\r\t\v\\"]/g, (c) => escapes[c] ?? c)}"`;
}
