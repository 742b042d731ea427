// Lists, as Kubernetes brought them itself. Upstream: k8s.io/apiserver/pkg/cel/library/lists.go.
import { compare, equal } from '../equality.ts';
import { type Call, library } from '../function.ts';
import {
  CelError,
  Duration,
  doubleOf,
  isInt,
  toDouble,
  toInt,
  toUint,
  typeName,
  Uint,
  type Value,
} from '../value.ts';
import { traverseTree } from './cost.ts';

type List = readonly Value[];

/** Types whose values have an order, in the order in which the API server tries them. */
export const comparable = [
  'int',
  'uint',
  'double',
  'bool',
  'google.protobuf.Duration',
  'google.protobuf.Timestamp',
  'string',
  'bytes',
] as const;

const ordered: ReadonlySet<string> = new Set(comparable);

/** As in-tree: two neighbours that cannot be compared are in order. */
function isSorted(list: List, call: Call): Value {
  if (!call.spend(list.length * 5)) return false;
  for (const [i, item] of list.entries()) {
    if (!ordered.has(typeName(item))) return new CelError('no such overload');
    if (i > 0 && compare(list[i - 1], item) === 1) return false;
  }
  return true;
}

/** As in-tree: what cannot be compared with the best so far is passed over. */
function extreme(wanted: -1 | 1, name: string): (list: List, call: Call) => Value {
  return (list, call) => {
    if (list.length === 0) return new CelError(`${name} called on empty list`);
    let best = list[0];
    if (!call.spend(list.length * 5)) return best;
    for (const item of list) {
      if (!ordered.has(typeName(item))) return new CelError('no such overload');
      if (compare(item, best) === wanted) best = item;
    }
    return best;
  };
}

/** Left to right, for the first sum out of range is the error. */
function sum(start: Value, add: (total: Value, item: Value) => Value) {
  return (list: List, call: Call): Value => {
    let total = start;
    if (!call.spend(list.length * 5)) return total;
    for (const item of list) {
      total = add(total, item);
      if (total instanceof CelError) return total;
    }
    return total;
  };
}

const noSuch = (): CelError => new CelError('no such overload');
const addInt = (a: Value, b: Value): Value => {
  const plain = typeof a === 'number' && typeof b === 'number' ? a + b : Number.NaN;
  if (Number.isSafeInteger(plain) && Number.isSafeInteger(b)) return plain;
  return isInt(a) && isInt(b) ? toInt(BigInt(a) + BigInt(b)) : noSuch();
};
const addUint = (a: Value, b: Value): Value =>
  a instanceof Uint && b instanceof Uint ? toUint(a.value + b.value) : noSuch();
const addDouble = (a: Value, b: Value): Value => {
  const [left, right] = [doubleOf(a), doubleOf(b)];
  return left === undefined || right === undefined ? noSuch() : toDouble(left + right);
};
const addDuration = (a: Value, b: Value): Value => {
  if (!(a instanceof Duration && b instanceof Duration)) return noSuch();
  const nanos = toInt(a.nanos + b.nanos);
  return nanos instanceof CelError ? nanos : new Duration(BigInt(nanos));
};

function position(list: List, wanted: Value, order: Iterable<number>, call: Call): Value {
  for (const i of order) {
    if (!call.spend(3)) return -1;
    if (equal(list[i], wanted, call.spend) === true) return i;
  }
  return -1;
}

function* backwards(length: number): Generator<number> {
  for (let i = length - 1; i >= 0; i--) yield i;
}

/** The list holds the item, or the value is the item. */
function includes(target: Value, item: Value, call: Call): Value {
  if (!Array.isArray(target)) return equal(target, item, call.spend) === true;
  return position(target, item, target.keys(), call) !== -1;
}

// biome-ignore format: a table
export const lists = library([
  ...comparable.map((t) => [`list<${t}>.isSorted(): bool`, '1.23', traverseTree, isSorted] as const),
  ...comparable.map((t) => [`list<${t}>.min(): ${t}`,      '1.23', traverseTree, extreme(-1, 'min')] as const),
  ...comparable.map((t) => [`list<${t}>.max(): ${t}`,      '1.23', traverseTree, extreme(1, 'max')] as const),
  ['list<int>.sum(): int',                  '1.23', traverseTree, sum(0, addInt)],
  ['list<uint>.sum(): uint',                '1.23', traverseTree, sum(new Uint(0n), addUint)],
  ['list<double>.sum(): double',            '1.23', traverseTree, sum(toDouble(0), addDouble)],
  ['list<google.protobuf.Duration>.sum(): google.protobuf.Duration', '1.23', traverseTree, sum(new Duration(0n), addDuration)],
  ['list<A>.indexOf(A): int',               '1.23', traverseTree, (l: List, v: Value, c: Call) => position(l, v, l.keys(), c)],
  ['list<A>.lastIndexOf(A): int',           '1.23', traverseTree, (l: List, v: Value, c: Call) => position(l, v, backwards(l.length), c)],
  ['dyn.includes(dyn): bool',               '1.37', traverseTree, includes],
]);
