// Offsets of a text to lines and columns, and back to the line itself. A line ends with LF or CRLF.
import type { Position } from '../base/diagnostic.ts';

export type Lines = {
  /** Line and column (UTF-16 units), both from 1. */
  positionOf(offset: number): Position;
  /** A line (from 1) without its break; "" past the end. */
  text(line: number): string;
};

/** The index is made when it is first asked for: most texts are read without a question. */
export function linesOf(text: string): Lines {
  let index: readonly number[] | undefined;
  const starts = (): readonly number[] => {
    index ??= lineStarts(text);
    return index;
  };
  return {
    positionOf(offset) {
      const line = lastAtOrBefore(starts(), offset);
      return { line: line + 1, column: offset - (starts()[line] ?? 0) + 1 };
    },
    text(line) {
      const start = starts()[line - 1];
      if (start === undefined) return '';
      const whole = text.slice(start, starts()[line] ?? text.length);
      return whole.replace(/\r?\n$/, '');
    },
  };
}

function lineStarts(text: string): readonly number[] {
  const starts = [0];
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return starts;
}

/** Binary search: the last index whose start is not after the offset. */
function lastAtOrBefore(starts: readonly number[], offset: number): number {
  let [low, high] = [0, starts.length - 1];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((starts[middle] ?? 0) <= offset) low = middle;
    else high = middle - 1;
  }
  return low;
}
