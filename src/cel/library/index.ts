// All functions that an expression can call, by name. One file for each library; each is a table.
import type { CelFunction } from '../function.ts';
import { authorizers } from './authorizer.ts';
import { networks } from './cidr.ts';
import { conversions } from './conversions.ts';
import { extendedLists } from './extended-lists.ts';
import { formats } from './formats.ts';
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
import { urls } from './urls.ts';

/** By the name under which the documentation tells of them. */
export const libraries: Readonly<Record<string, readonly CelFunction[]>> = {
  Operators: operators,
  'Conversions, size and type': conversions,
  Strings: strings,
  'Regular expressions': regex,
  Times: times,
  Lists: lists,
  'Extended lists': extendedLists,
  Sets: sets,
  'Optional values': optionals,
  URLs: urls,
  Quantities: quantities,
  'IP addresses': ipAddresses,
  Networks: networks,
  'Named formats': formats,
  'Semantic versions': semvers,
  Authorizer: authorizers,
};

const byName = new Map<string, CelFunction[]>();
for (const each of Object.values(libraries).flat()) {
  byName.set(each.name, [...(byName.get(each.name) ?? []), each]);
}

/** The overloads of a function, in the order of the tables; none when there is no such function. */
export function functionsNamed(name: string): readonly CelFunction[] {
  return byName.get(name) ?? [];
}

export function hasFunction(name: string): boolean {
  return byName.has(name);
}
