// The one grammar of our messages: quoting, plurals, lists; and text that is safe on a terminal.

/** The order of UTF-16 units: the same on every machine. */
export function compareText(a: string, b: string): -1 | 0 | 1 {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** A quoted name: `"web"`; control characters escaped. */
export function quote(text: string): string {
  return printable(JSON.stringify(text));
}

/** `"a", "b"`: names in quotes, joined as Kubernetes does. */
export function joinQuote(names: readonly string[]): string {
  return names.map(quote).join(', ');
}

/** `1 rule`, `2 rules`. */
export function count(n: number, singular: string, plural = `${singular}s`): string {
  return `${n} ${n === 1 ? singular : plural}`;
}

/** The word alone: `rule` or `rules`. */
export function plural(n: number, singular: string, many = `${singular}s`): string {
  return n === 1 ? singular : many;
}

// Cc: C0, DEL and C1. The rest: zero-width characters, direction overrides and isolates, line separators, BOM.
const unprintable = /[\p{Cc}\u200B-\u200F\u2028-\u202E\u2060-\u2069\uFEFF]/gu;

/** Threat: names and values come from whoever sends the object. Nothing that moves a cursor, recolours,
 * reorders or breaks a line gets to a terminal or a log line: it is shown as `\u001b`. */
export function printable(text: string): string {
  return text.replace(unprintable, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** At most `max` UTF-16 units, never half a surrogate pair, with `…` where it was cut. */
export function cut(text: string, max: number): string {
  if (text.length <= max) return text;
  const head = text.slice(0, max - 1);
  const last = head.charCodeAt(head.length - 1);
  return `${last >= 0xd800 && last <= 0xdbff ? head.slice(0, -1) : head}…`;
}
