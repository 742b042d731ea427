// The shortest way from one list of lines to another, as lines that stay, go and come.
// Upstream: E. W. Myers, An O(ND) Difference Algorithm and Its Variations (1986), the greedy form.
export type LineChange = { readonly kind: 'same' | 'gone' | 'new'; readonly line: string };

type Lines = readonly string[];

export function lineDiff(before: Lines, after: Lines): readonly LineChange[] {
  const shorter = Math.min(before.length, after.length);
  let head = 0;
  while (head < shorter && before[head] === after[head]) head += 1;
  let tail = 0;
  while (tail < shorter - head && before.at(-1 - tail) === after.at(-1 - tail)) tail += 1;
  const same = (line: string): LineChange => ({ kind: 'same', line });
  return [
    ...before.slice(0, head).map(same),
    ...between(before.slice(head, before.length - tail), after.slice(head, after.length - tail)),
    ...before.slice(before.length - tail).map(same),
  ];
}

/** How far `before` is used up on each diagonal (what is used up of it, less what is of `after`). */
type Reach = ReadonlyMap<number, number>;

function between(before: Lines, after: Lines): readonly LineChange[] {
  const reaches: Reach[] = [];
  let reach: Reach = new Map([[1, 0]]);
  for (let steps = 0; ; steps++) {
    reaches.push(reach);
    const next = new Map(reach);
    for (let diagonal = -steps; diagonal <= steps; diagonal += 2) {
      let used = isDown(reach, diagonal, steps)
        ? at(reach, diagonal + 1)
        : at(reach, diagonal - 1) + 1;
      while (used < before.length && isSame(before, after, used, used - diagonal)) used += 1;
      next.set(diagonal, used);
      if (used >= before.length && used - diagonal >= after.length) {
        return backwards(before, after, reaches);
      }
    }
    reach = next;
  }
}

function backwards(before: Lines, after: Lines, reaches: readonly Reach[]): readonly LineChange[] {
  const changes: LineChange[] = [];
  let [x, y] = [before.length, after.length];
  for (const [steps, reach] of [...reaches.entries()].reverse()) {
    const down = isDown(reach, x - y, steps);
    const from = down ? x - y + 1 : x - y - 1;
    const fromX = steps === 0 ? 0 : at(reach, from);
    const fromY = steps === 0 ? 0 : fromX - from;
    while (x > fromX && y > fromY) {
      changes.push({ kind: 'same', line: before[x - 1] ?? '' });
      [x, y] = [x - 1, y - 1];
    }
    if (steps === 0) break;
    changes.push(
      down
        ? { kind: 'new', line: after[fromY] ?? '' }
        : { kind: 'gone', line: before[fromX] ?? '' },
    );
    [x, y] = [fromX, fromY];
  }
  return changes.reverse();
}

/** Whether the furthest way to a diagonal takes a line of `after`, rather than leaving one of `before` out. */
function isDown(reach: Reach, diagonal: number, steps: number): boolean {
  if (diagonal === -steps) return true;
  return diagonal !== steps && at(reach, diagonal - 1) < at(reach, diagonal + 1);
}

function at(reach: Reach, diagonal: number): number {
  return reach.get(diagonal) ?? -1;
}

function isSame(before: Lines, after: Lines, x: number, y: number): boolean {
  return y < after.length && before[x] === after[y];
}
