// Lists, as cel-go extends them. Upstream: cel-go ext.Lists version 3; the macro sortBy calls @sortByAssociatedKeys.
import { compare } from '../equality.ts';
import { type Call, library } from '../function.ts';
import { CelError, isInt, typeName, type Value } from '../value.ts';
import { comparePairs, flatten as flattenCost, makeList } from './cost.ts';
import { comparable } from './lists.ts';
import { Members } from './members.ts';

type List = readonly Value[];
type Int = number | bigint;

const maxRange = 1_000_000;
const maxDepth = 512;

function slice(list: List, from: Int, to: Int): Value {
  const cannot = (why: string): CelError => new CelError(`cannot slice(${from}, ${to}), ${why}`);
  if (from < 0 || to < 0) return cannot('negative indexes not supported');
  if (from > to) return cannot('start index must be less than or equal to end index');
  if (to > list.length) return cannot(`list is length ${list.length}`);
  return list.slice(Number(from), Number(to));
}

function flattenOnce(list: Value, call: Call): Value {
  return Array.isArray(list)
    ? flatten(list, 1, call)
    : new CelError(`no such overload: ${typeName(list)}.flatten()`);
}

/** As in-tree, what the arguments are is not looked at before. */
function flatten(list: Value, depth: Value, call: Call): Value {
  if (!Array.isArray(list) || !isInt(depth)) {
    const types = `${typeName(list)}.flatten(${typeName(depth)})`;
    return new CelError(`no such overload: ${types}`);
  }
  if (depth < 0) return new CelError('level must be non-negative');
  const flat: Value[] = [];
  // Nesting deeper than data may have is not followed.
  const walk = (items: List, left: number): void => {
    if (!call.spend(items.length * 3)) return;
    for (const item of items) {
      if (Array.isArray(item) && left > 0) walk(item, left - 1);
      else flat.push(item);
    }
  };
  walk(list, Math.min(Number(depth), maxDepth));
  return flat;
}

function distinct(list: List, call: Call): Value {
  const known = new Members(call.spend);
  const kept: Value[] = [];
  if (!call.spend(list.length * 10)) return kept;
  for (const item of list) {
    if (known.has(item)) continue;
    known.add(item);
    kept.push(item);
  }
  return kept;
}

function sortByKeys(list: List, keys: List, call: Call): Value {
  if (list.length !== keys.length) {
    const sizes = `${list.length} and ${keys.length} elements respectively`;
    return new CelError(
      `@sortByAssociatedKeys() expected a list of the same size as the associated keys list, but got ${sizes}`,
    );
  }
  if (list.length === 0) return list;
  const type = typeName(keys[0]);
  if (!comparable.some((each) => each === type))
    return new CelError('list elements must be comparable');
  if (keys.length > 1 && keys.some((key) => typeName(key) !== type))
    return new CelError('list elements must have the same type');
  if (!call.spend(list.length * Math.ceil(Math.log2(list.length + 1)) * 3)) return [];
  const order = [...keys.keys()].sort((a, b) => compare(keys[a], keys[b]) ?? 0);
  return order.map((i) => list[i]);
}

function range(size: Int, call: Call): Value {
  if (size < 0) return new CelError(`lists.range: size must be non-negative, got ${size}`);
  if (size > maxRange)
    return new CelError(`lists.range: size ${size} exceeds maximum allowed (${maxRange})`);
  return call.spend(Number(size)) ? [...new Array(Number(size)).keys()] : [];
}

// biome-ignore format: a table
export const extendedLists = library([
  ['list<A>.slice(int, int): list<A>',       '1.34', makeList,        slice],
  ['list<list<A>>.flatten(): list<A>',       '1.34', flattenCost,     flattenOnce],
  ['list<dyn>.flatten(int): list<dyn>',      '1.34', flattenCost,     flatten],
  ['list<A>.distinct(): list<A>',            '1.34', comparePairs(0), distinct],
  ['list<A>.reverse(): list<A>',             '1.34', makeList,        (l: List) => [...l].reverse()],
  ['lists.range(int): list<int>',            '1.34', makeList,        range],
  ...comparable.map((t) => [`list<${t}>.sort(): list<${t}>`, '1.34', comparePairs(0), (l: List, c: Call) => sortByKeys(l, l, c)] as const),
  ...comparable.map((t) => [`list<A>.@sortByAssociatedKeys(list<${t}>): list<A>`, '1.34', comparePairs(1), sortByKeys] as const),
]);
