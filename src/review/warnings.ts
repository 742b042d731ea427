// Warnings as the API server will show them: it drops texts with control characters whole, repeated ones, and
// past 4,096 in all it cuts and drops on its own account. Upstream: k8s.io/apiserver/pkg/endpoints/filters/warning.go.
import { cut, printable } from '../base/text.ts';

/** Bytes of all warning headers of a request together. */
const budget = 4096;
const cutTo = 256;
/** `299 - "` and the closing quote. */
const frame = 8;

/** Printable, distinct, non-empty texts within the budget. Only when they would pass it are the longest cut,
 * and if that is not enough the last one says how many are left out. */
export function fitWarnings(warnings: readonly string[]): readonly string[] {
  const clean = warnings.map((text) => printable(text.toWellFormed()).trim());
  const distinct = [...new Set(clean)].filter((text) => text !== '');
  if (sizeOf(distinct) <= budget) return distinct;
  return keepWithin([...new Set(cutLongest(distinct))]);
}

function cutLongest(texts: readonly string[]): readonly string[] {
  const fitted = [...texts];
  let size = sizeOf(fitted);
  const longestFirst = fitted.map((text, index) => ({ length: text.length, index }));
  longestFirst.sort((a, b) => b.length - a.length || a.index - b.index);
  for (const { index } of longestFirst) {
    const text = fitted[index] ?? '';
    if (size <= budget || text.length <= cutTo) break;
    const shorter = cut(text, cutTo);
    size += sizeOf([shorter]) - sizeOf([text]);
    fitted[index] = shorter;
  }
  return fitted;
}

function keepWithin(texts: readonly string[]): readonly string[] {
  if (sizeOf(texts) <= budget) return texts;
  const note = (left: number): string => `+${left} more warnings, in the decision record`;
  let room = budget - sizeOf([note(texts.length)]);
  const shown: string[] = [];
  for (const text of texts) {
    room -= sizeOf([text]);
    if (room < 0) break;
    shown.push(text);
  }
  return [...shown, note(texts.length - shown.length)];
}

/** As headers: quotes and backslashes are escaped there. */
function sizeOf(texts: readonly string[]): number {
  return texts.reduce(
    (sum, text) => sum + Buffer.byteLength(text) + (text.match(/["\\]/g)?.length ?? 0) + frame,
    0,
  );
}
