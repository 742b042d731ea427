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

// C0, DEL and C1; line separators; all that shows nothing of itself: zero-width characters, direction marks, tags,
// selectors of another shape except behind what has one (emoji, ideographs); annotations between lines.
const unprintable =
  /(?!(?<=\p{Extended_Pictographic})[\uFE0E\uFE0F]|(?<=\p{Ideographic})[\u{E0100}-\u{E01EF}])[\p{Cc}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\uFFF9-\uFFFB]/gu;

/** Threat: names and values come from whoever sends the object. Nothing that moves a cursor, recolours,
 * reorders, hides or breaks a line gets to a terminal or a log line: it is shown as `\u001b`. */
export function printable(text: string): string {
  return text.replace(unprintable, escaped);
}

/** As JSON does: two escapes for what UTF-16 has in two units. */
function escaped(character: string): string {
  const units = character.split('').map((unit) => unit.charCodeAt(0));
  return units.map((unit) => `\\u${unit.toString(16).padStart(4, '0')}`).join('');
}

/** At most `max` UTF-16 units, never half a surrogate pair, with `…` where it was cut. */
export function cut(text: string, max: number): string {
  if (text.length <= max) return text;
  const head = text.slice(0, max - 1);
  const last = head.charCodeAt(head.length - 1);
  return `${last >= 0xd800 && last <= 0xdbff ? head.slice(0, -1) : head}…`;
}
