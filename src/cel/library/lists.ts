// Lists. Upstream: k8s.io/apiserver/pkg/cel/library/lists.go and cel-go ext.Lists version 3.
import { compare, equal } from '../equality.ts';
import { type Call, library } from '../function.ts';
import {
  CelError,
  Duration,
  doubleOf,
  isInt,
  none,
  Optional,
  toDouble,
  toInt,
  toUint,
  Uint,
  type Value,
} from '../value.ts';

type List = readonly Value[];

function isSorted(list: List, call: Call): Value {
  for (let i = 1; i < list.length; i++) {
    if (!call.spend(1)) return false;
    const order = compare(list[i - 1], list[i]);
    if (order === undefined) return new CelError('no such overload');
    if (order === 1) return false;
  }
  return true;
}

function extreme(list: List, wanted: -1 | 1, name: string, call: Call): Value {
  if (list.length === 0) return new CelError(`${name} called on empty list`);
  let best = list[0];
  for (const item of list) {
    if (!call.spend(1)) break;
    const order = compare(item, best);
    if (order === undefined) return new CelError('no such overload');
    if (order === wanted) best = item;
  }
  return best;
}

function sum(list: List, call: Call): Value {
  call.spend(list.length);
  if (list.every((item) => item instanceof Duration)) {
    return list.length === 0
      ? 0
      : new Duration(list.reduce((total: bigint, item) => total + (item as Duration).nanos, 0n));
  }
  if (list.length > 0 && list.every((item) => item instanceof Uint)) {
    return toUint(list.reduce((total: bigint, item) => total + (item as Uint).value, 0n));
  }
  if (list.every(isInt))
    return toInt(list.reduce((total: bigint, item) => total + BigInt(item), 0n));
  const doubles = list.map(doubleOf);
  if (doubles.some((d) => d === undefined)) return new CelError('no such overload');
  return toDouble(doubles.reduce((total: number, d) => total + (d ?? 0), 0));
}

function position(list: List, wanted: Value, last: boolean, call: Call): Value {
  const order = last ? [...list.keys()].reverse() : [...list.keys()];
  for (const i of order) {
    if (!call.spend(1)) return -1;
    if (equal(list[i], wanted, call.spend) === true) return i;
  }
  return -1;
}

function slice(list: List, from: number, to: number): Value {
  if (from < 0 || to < 0)
    return new CelError(`cannot slice(${from}, ${to}), negative indexes not supported`);
  if (from > to)
    return new CelError(
      `cannot slice(${from}, ${to}), start index must be less than or equal to end index`,
    );
  if (to > list.length)
    return new CelError(`cannot slice(${from}, ${to}), list is length ${list.length}`);
  return list.slice(Number(from), Number(to));
}

function flatten(list: List, depth: number, call: Call): Value {
  if (depth < 0) return new CelError('level must be non-negative');
  let flat: List = list;
  for (let i = 0; i < depth && flat.some(Array.isArray); i++) {
    if (!call.spend(flat.length)) return [];
    flat = flat.flat();
  }
  return flat;
}

function distinct(list: List, call: Call): Value {
  const kept: Value[] = [];
  for (const item of list) {
    if (!call.spend(1)) break;
    if (!kept.some((each) => equal(each, item, call.spend) === true)) kept.push(item);
  }
  return kept;
}

function sort(list: List, call: Call): Value {
  if (!call.spend(list.length)) return [];
  if (list.some((item) => compare(item, list[0]) === undefined))
    return new CelError('list elements must have the same type');
  return [...list].sort((a, b) => compare(a, b) ?? 0);
}

function range(n: number, call: Call): Value {
  if (n < 0) return new CelError('lists.range: size must be non-negative');
  return call.spend(Number(n)) ? [...new Array(Number(n)).keys()] : [];
}

function at(list: List, i: number): Value {
  return i >= 0 && i < list.length ? new Optional(list[i]) : none;
}

// biome-ignore format: a table
export const lists = library([
  ['list<A>.isSorted(): bool',            isSorted],
  ...['int', 'uint', 'double', 'google.protobuf.Duration'].map((t) => [`list<${t}>.sum(): ${t}`, sum] as const),
  ['list<A>.min(): A',                    (l: List, c: Call) => extreme(l, -1, 'min', c)],
  ['list<A>.max(): A',                    (l: List, c: Call) => extreme(l, 1, 'max', c)],
  ['list<A>.indexOf(A): int',             (l: List, v: Value, c: Call) => position(l, v, false, c)],
  ['list<A>.lastIndexOf(A): int',         (l: List, v: Value, c: Call) => position(l, v, true, c)],
  ['list<A>.slice(int, int): list<A>',    slice],
  ['list<A>.flatten(): list<dyn>',        (l: List, c: Call) => flatten(l, 1, c)],
  ['list<A>.flatten(int): list<dyn>',     flatten],
  ['list<A>.distinct(): list<A>',         distinct],
  ['list<A>.reverse(): list<A>',          (l: List, c: Call) => (c.spend(l.length) ? [...l].reverse() : [])],
  ['list<A>.sort(): list<A>',             sort],
  ['list<A>.first(): optional_type<A>',   (l: List) => at(l, 0)],
  ['list<A>.last(): optional_type<A>',    (l: List) => at(l, l.length - 1)],
  ['lists.range(int): list<int>',         range],
]);
