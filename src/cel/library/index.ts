// All functions that an expression can call, by name. One file for each library; each is a table.
import type { CelFunction } from '../function.ts';
import { conversions } from './conversions.ts';
import { ipAddresses } from './ip.ts';
import { lists } from './lists.ts';
import { operators } from './operators.ts';
import { optionals } from './optionals.ts';
import { quantities } from './quantities.ts';
import { regex } from './regex.ts';
import { semvers } from './semver.ts';
import { sets } from './sets.ts';
import { strings } from './strings.ts';
import { times } from './times.ts';

export const libraries: readonly (readonly CelFunction[])[] = [
  operators,
  conversions,
  strings,
  times,
  regex,
  lists,
  optionals,
  quantities,
  sets,
  ipAddresses,
  semvers,
];

const byName = new Map<string, CelFunction[]>();
for (const each of libraries.flat()) {
  byName.set(each.name, [...(byName.get(each.name) ?? []), each]);
}

/** The overloads of a function, in the order of the tables; none when there is no such function. */
export function functionsNamed(name: string): readonly CelFunction[] {
  return byName.get(name) ?? [];
}

export function hasFunction(name: string): boolean {
  return byName.has(name);
}
