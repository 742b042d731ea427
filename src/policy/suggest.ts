// "Did you mean": the known word that a mistyped one is nearest to.
import { quote } from '../base/text.ts';

/** Longer words, and longer lists of known ones, are not compared: the work is the product of the lengths. */
const maxLength = 64;
const maxKnown = 500;

/** `did you mean "message"?`; undefined when no known word is near enough to be meant. */
export function suggest(word: string, known: readonly string[], prefix = ''): string | undefined {
  const near = nearest(word, known);
  return near === undefined ? undefined : `did you mean ${quote(`${prefix}${near}`)}?`;
}

function nearest(word: string, known: readonly string[]): string | undefined {
  if (word.length > maxLength || known.length > maxKnown) return undefined;
  const wanted = word.toLowerCase();
  let found: string | undefined;
  let least = Math.max(1, Math.floor(word.length / 3)) + 1;
  for (const each of known) {
    if (each.length > maxLength) continue;
    const edits = distance(wanted, each.toLowerCase());
    if (edits >= least) continue;
    found = each;
    least = edits;
  }
  return found;
}

/** Insertions, deletions and replacements that make `b` of `a` (Levenshtein). */
function distance(a: string, b: string): number {
  let above = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (const [i, letter] of [...a].entries()) {
    const row = [i + 1];
    for (const [j, other] of [...b].entries()) {
      const replaced = (above[j] ?? 0) + (letter === other ? 0 : 1);
      row.push(Math.min(replaced, (above[j + 1] ?? 0) + 1, (row[j] ?? 0) + 1));
    }
    above = row;
  }
  return above.at(-1) ?? 0;
}
