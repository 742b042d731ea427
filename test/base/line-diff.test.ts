// Lines that stay, go and come: always a true account of both texts, never longer than need be; and as a unified diff.
import fc from 'fast-check';
import { test } from 'tap';
import { lineDiff } from '../../src/base/line-diff.ts';
import { unifiedDiff } from '../../src/report/unified-diff.ts';

const lines = fc.array(fc.constantFrom('a', 'b', 'c', 'd'), { maxLength: 12 });

/** The longest list of lines that both have in this order, by trying all. */
function common(a: readonly string[], b: readonly string[]): number {
  const row = new Array<number>(b.length + 1).fill(0);
  for (const one of a) {
    let diagonal = 0;
    for (const [i, other] of b.entries()) {
      const above = row[i + 1] ?? 0;
      row[i + 1] = one === other ? diagonal + 1 : Math.max(above, row[i] ?? 0);
      diagonal = above;
    }
  }
  return row.at(-1) ?? 0;
}

test('a diff tells both texts, and keeps as many lines as can be kept', (t) => {
  fc.assert(
    fc.property(lines, lines, (before, after) => {
      const changes = lineDiff(before, after);
      const of = (other: string) => changes.filter(({ kind }) => kind !== other).map((c) => c.line);
      t.same([of('new'), of('gone')], [before, after]);
      t.equal(changes.filter(({ kind }) => kind === 'same').length, common(before, after));
    }),
    { numRuns: 500 },
  );
  t.end();
});

const rows: readonly (readonly [string, string, string, string])[] = [
  ['the same text is no diff', 'a\n', 'a\n', ''],
  ['a new file', '', 'a\n', '@@ -0,0 +1 @@\n+a\n'],
  [
    'three lines are around it',
    '1\n2\n3\n4\n5\n6\n7\n8\n9\n',
    '1\n2\n3\n4\nX\n6\n7\n8\n9\n',
    '@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-5\n+X\n 6\n 7\n 8\n',
  ],
  [
    'a last line without its end',
    'a',
    'a\nb',
    '@@ -1 +1,2 @@\n-a\n\\ No newline at end of file\n+a\n+b\n\\ No newline at end of file\n',
  ],
];

for (const [rule, before, after, hunks] of rows) {
  test(`unified diff: ${rule}`, (t) => {
    const head = hunks === '' ? '' : '--- a/f\n+++ b/f\n';
    t.equal(unifiedDiff('f', before, after, false), `${head}${hunks}`);
    t.end();
  });
}

test('unified diff: two changes far from each other are two hunks, near ones are one', (t) => {
  const text = (x: string, y: string, gap: number): string =>
    [x, ...new Array<string>(gap).fill('-'), y].map((line) => `${line}\n`).join('');
  const hunks = (gap: number): number =>
    unifiedDiff('f', text('a', 'b', gap), text('c', 'd', gap), false).split('\n@@').length - 1;
  t.equal(hunks(6), 1);
  t.equal(hunks(7), 2);
  t.end();
});
