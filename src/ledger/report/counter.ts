// Counts by key in bounded memory: beyond a number of keys the rest is counted together, and said to be.
export type Bounded<Row> = {
  /** The row of the key, or the one of all others when there are too many. */
  row(key: string): Row;
  /** In the order of their first use. */
  entries(): readonly (readonly [key: string, row: Row])[];
  /** What more keys were counted in together; null: none. */
  others(): Row | null;
};

export function bounded<Row>(most: number, make: (key: string) => Row): Bounded<Row> {
  const rows = new Map<string, Row>();
  let rest: Row | null = null;
  return {
    row(key) {
      const known = rows.get(key);
      if (known !== undefined) return known;
      if (rows.size >= most) {
        rest ??= make('');
        return rest;
      }
      const row = make(key);
      rows.set(key, row);
      return row;
    },
    entries: () => [...rows],
    others: () => rest,
  };
}

/** The first of many things, and how many there were. */
export type Listed<Item> = { readonly items: readonly Item[]; readonly count: number };

export function createList<Item>(most: number): {
  add(item: Item): void;
  listed(): Listed<Item>;
} {
  const items: Item[] = [];
  let count = 0;
  return {
    add(item) {
      count += 1;
      if (items.length < most) items.push(item);
    },
    listed: () => ({ items, count }),
  };
}

/** The greatest rows by name, and the sum of all others. */
export type Ranked<Row> = {
  readonly rows: readonly ({ readonly name: string } & Row)[];
  /** `names`: how many; null where there were too many to count. */
  readonly others: ({ readonly names: number | null } & Row) | null;
};

export type Numbers = { [key: string]: number };

/** `weight`: the greatest first; ties by name. */
export function ranked<Row extends Numbers>(
  counter: Bounded<Row>,
  most: number,
  weight: (row: Row) => number,
): Ranked<Row> {
  const sorted = [...counter.entries()].sort(
    ([a, x], [b, y]) => weight(y) - weight(x) || (a < b ? -1 : 1),
  );
  const rows = sorted.slice(0, most).map(([name, row]) => ({ name, ...row }));
  const [cut, rest] = [sorted.slice(most).map(([, row]) => row), counter.others()];
  const together = rest === null ? cut : [...cut, rest];
  const [first, ...more] = together;
  if (first === undefined) return { rows, others: null };
  const sum = more.reduce((total, row) => added(total, row), first);
  return { rows, others: { names: rest === null ? cut.length : null, ...sum } };
}

function added<Row extends Numbers>(a: Row, b: Row): Row {
  const sum: Row = { ...a };
  for (const key of Object.keys(b) as (keyof Row)[]) {
    sum[key] = ((a[key] ?? 0) + (b[key] ?? 0)) as Row[keyof Row];
  }
  return sum;
}
