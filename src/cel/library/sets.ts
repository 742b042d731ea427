// Lists as sets. Upstream: cel-go ext.Sets.
import { equal } from '../equality.ts';
import { type Call, library } from '../function.ts';
import type { Value } from '../value.ts';

type List = readonly Value[];

function has(list: List, wanted: Value, call: Call): boolean {
  for (const item of list) {
    if (!call.spend(1)) return false;
    if (equal(item, wanted, call.spend) === true) return true;
  }
  return false;
}

const contains = (list: List, part: List, call: Call): boolean =>
  part.every((item) => has(list, item, call));

// biome-ignore format: a table
export const sets = library([
  ['sets.contains(list<A>, list<A>): bool',   contains],
  ['sets.equivalent(list<A>, list<A>): bool', (a: List, b: List, c: Call) => contains(a, b, c) && contains(b, a, c)],
  ['sets.intersects(list<A>, list<A>): bool', (a: List, b: List, c: Call) => b.some((item) => has(a, item, c))],
]);
