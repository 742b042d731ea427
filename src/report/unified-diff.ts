// Two texts as a unified diff, as `git apply` and `patch` read it. Upstream: the format of GNU diff -u.
import { type LineChange, lineDiff } from '../base/line-diff.ts';
import { printable } from '../base/text.ts';
import { type Paint, paints } from './paint.ts';

/** Lines that stay, before and after what changes. */
const around = 3;

/** "" where the texts are the same. `color`: for a terminal. */
export function unifiedDiff(file: string, before: string, after: string, color: boolean): string {
  if (before === after) return '';
  const paint = paints(color);
  const changes = lineDiff(linesOf(before), linesOf(after));
  const name = printable(file.replace(/^\/+/, ''));
  const hunks = stretchesOf(changes).map(([from, to]) => hunkText(changes, from, to, paint));
  return `--- a/${name}\n+++ b/${name}\n${hunks.join('')}`;
}

/** With their line breaks, so that the last may have none. */
function linesOf(text: string): readonly string[] {
  return text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
}

/** What changes, with what is around it; one stretch where two would meet. */
function stretchesOf(changes: readonly LineChange[]): readonly (readonly [number, number])[] {
  const stretches: [number, number][] = [];
  for (const [i, { kind }] of changes.entries()) {
    if (kind === 'same') continue;
    const [from, to] = [Math.max(0, i - around), Math.min(changes.length, i + around + 1)];
    const last = stretches.at(-1);
    if (last !== undefined && from <= last[1]) last[1] = to;
    else stretches.push([from, to]);
  }
  return stretches;
}

function hunkText(changes: readonly LineChange[], from: number, to: number, paint: Paint): string {
  const [earlier, own] = [changes.slice(0, from), changes.slice(from, to)];
  const old = rangeOf(earlier, own, 'new');
  const now = rangeOf(earlier, own, 'gone');
  return `@@ -${old} +${now} @@\n${own.map((each) => changeText(each, paint)).join('')}`;
}

/** Of the side that lacks the lines of `other`: where it begins, and how many lines it has. */
function rangeOf(
  earlier: readonly LineChange[],
  own: readonly LineChange[],
  other: LineChange['kind'],
): string {
  const count = (all: readonly LineChange[]): number =>
    all.filter(({ kind }) => kind !== other).length;
  const lines = count(own);
  const first = count(earlier) + (lines === 0 ? 0 : 1);
  return lines === 1 ? `${first}` : `${first},${lines}`;
}

function changeText({ kind, line }: LineChange, { bad, good }: Paint): string {
  const text = line.endsWith('\n') ? line.slice(0, -1) : line;
  const end = line.endsWith('\n') ? '\n' : '\n\\ No newline at end of file\n';
  if (kind === 'same') return ` ${text}${end}`;
  return (kind === 'gone' ? bad(`-${text}`) : good(`+${text}`)) + end;
}
