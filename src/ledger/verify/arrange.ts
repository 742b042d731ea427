// Runs put in the order in which they were written, by their links and numbers alone: the order in the files is only
// where two of them do not say. What cannot have been written there is left over.
import { genesis } from '../format/chain.ts';
import { type Break, type Item, isLinked, isRun, type Run } from './runs.ts';

export type Arrangement = {
  /** The chain as it was written, as far as it is there. */
  readonly placed: readonly Run[];
  /** Runs that are not of it. */
  readonly left: ReadonlySet<Run>;
};

export type Identity = {
  readonly ledger: string | undefined;
  readonly replica: string | undefined;
};

/** Of the longest runs that say it. */
export function identityOf(items: readonly Item[]): Identity {
  const longest = (of: (run: Run) => string | undefined): string | undefined => {
    const counts = new Map<string, number>();
    for (const run of items.filter(isRun)) {
      const name = of(run);
      if (name !== undefined) counts.set(name, (counts.get(name) ?? 0) + run.count);
    }
    return [...counts].sort(([, a], [, b]) => b - a)[0]?.[0];
  };
  return { ledger: longest(({ ledger }) => ledger), replica: longest(({ replica }) => replica) };
}

/** Whether a run says itself that it is from elsewhere. */
export function isForeign(run: Run, { ledger, replica }: Identity): boolean {
  const other = (own: string | undefined, known: string | undefined): boolean =>
    own !== undefined && known !== undefined && own !== known;
  return other(run.ledger, ledger) || (run.ledger === undefined && other(run.replica, replica));
}

export function arrange(
  items: readonly Item[],
  identity: Identity,
  nameOfFirst: number | null,
): Arrangement {
  const own = items.filter(isRun).filter((run) => !isForeign(run, identity));
  const chainOrder = follow(own, startOf(own, nameOfFirst));
  const placed = withoutImpostors(chainOrder);
  const there = new Set(placed);
  return { placed, left: new Set(items.filter(isRun).filter((run) => !there.has(run))) };
}

function startOf(runs: readonly Run[], nameOfFirst: number | null): Run | undefined {
  const first = runs.filter(({ first: { seq }, prev }) => seq === 1 && prev === genesis);
  const named = runs.filter(({ first: { seq } }) => seq === nameOfFirst);
  return longestOf(first) ?? longestOf(named) ?? lowestOf(runs);
}

/** By links where there are any; else onwards in the files, to the next number. */
function follow(runs: readonly Run[], start: Run | undefined): Run[] {
  const waiting = new Set(runs);
  const byPrev = Map.groupBy(runs, ({ prev }) => prev);
  const placed: Run[] = [];
  let at = start;
  while (at !== undefined) {
    placed.push(at);
    waiting.delete(at);
    const last: Run = at;
    const linked = (byPrev.get(last.last.hash) ?? []).filter(
      (run) => waiting.has(run) && isLinked(last, run),
    );
    const onwards = (): Run[] =>
      [...waiting].filter(({ first, index }) => index > last.index && first.seq > last.last.seq);
    at = longestOf(linked) ?? lowestOf(onwards());
  }
  return placed;
}

/** A run that contradicts both of its neighbours stands in the place of another one. */
function withoutImpostors(placed: readonly Run[]): Run[] {
  const kept: Run[] = [];
  for (const [index, run] of placed.entries()) {
    const [before, after] = [kept.at(-1), placed[index + 1]];
    const impostor =
      before !== undefined &&
      after !== undefined &&
      contradicts(before, run) &&
      contradicts(run, after);
    if (!impostor) kept.push(run);
  }
  return kept;
}

/** Their numbers follow each other, their hashes do not. */
export function contradicts(before: Run, after: Run): boolean {
  return after.first.seq === before.last.seq + 1 && !isLinked(before, after);
}

function longestOf(runs: readonly Run[]): Run | undefined {
  return runs.reduce<Run | undefined>(
    (best, run) => (best === undefined || run.count >= best.count ? run : best),
    undefined,
  );
}

function lowestOf(runs: readonly Run[]): Run | undefined {
  return runs.reduce<Run | undefined>((best, run) => {
    if (best === undefined || run.first.seq < best.first.seq) return run;
    return run.first.seq === best.first.seq && run.count > best.count ? run : best;
  }, undefined);
}

/** What stands in the files between two runs that were written one after the other, or before the first, after the last. */
export type Seam = {
  readonly before: Run | undefined;
  readonly after: Run | undefined;
  readonly breaks: readonly Break[];
  readonly strays: readonly Run[];
};

/** One for each pair of neighbours, and the two ends. */
export function seams(items: readonly Item[], { placed, left }: Arrangement): readonly Seam[] {
  const order = new Map(placed.map((run, index) => [run.index, index]));
  // Those between two runs in the files belong to the seam before the later one.
  const breaks = Array.from({ length: placed.length + 1 }, (): Break[] => []);
  const strays = Array.from({ length: placed.length + 1 }, (): Run[] => []);
  let held: { breaks: Break[]; strays: Run[] } = { breaks: [], strays: [] };
  for (const item of items) {
    if (item.kind === 'break') held.breaks.push(item);
    else if (left.has(item)) held.strays.push(item);
    else {
      const index = order.get(item.index) ?? 0;
      breaks[index]?.push(...held.breaks);
      strays[index]?.push(...held.strays);
      held = { breaks: [], strays: [] };
    }
  }
  breaks[placed.length]?.push(...held.breaks);
  strays[placed.length]?.push(...held.strays);
  return breaks.map((own, index) => ({
    before: placed[index - 1],
    after: placed[index],
    breaks: own,
    strays: strays[index] ?? [],
  }));
}
