// Lists as sets. Upstream: cel-go ext.Sets.
import { type Call, library } from '../function.ts';
import type { Value } from '../value.ts';
import { product } from './cost.ts';
import { membersOf } from './members.ts';

type List = readonly Value[];

function contains(list: List, part: List, call: Call): boolean {
  const members = membersOf(list, call.spend);
  return call.spend(part.length * 2) && part.every((item) => members.has(item));
}

function intersects(a: List, b: List, call: Call): boolean {
  const members = membersOf(b, call.spend);
  return call.spend(a.length * 2) && a.some((item) => members.has(item));
}

// biome-ignore format: a table
export const sets = library([
  ['sets.contains(list<A>, list<A>): bool',   '1.29', product(1), contains],
  ['sets.equivalent(list<A>, list<A>): bool', '1.29', product(2), (a: List, b: List, c: Call) => contains(a, b, c) && contains(b, a, c)],
  ['sets.intersects(list<A>, list<A>): bool', '1.29', product(1), intersects],
]);
