// Quantities. Upstream: k8s.io/apiserver/pkg/cel/library/quantity.go.
import {
  addQuantities,
  compareQuantities,
  negate,
  ofInt,
  parseQuantity,
  type Quantity,
  signOf,
  toInt64,
  toNumber,
} from '../../k8s/quantity.ts';
import { type Call, library } from '../function.ts';
import { CelError, Opaque, toDouble, toInt, type Value } from '../value.ts';
import { one, traverse } from './cost.ts';

type Q = Opaque<Quantity>;
type Int = number | bigint;

const made = (quantity: Quantity): Q =>
  new Opaque('kubernetes.Quantity', quantity, (other) => compareQuantities(quantity, other) === 0);

function quantity(text: string, call: Call): Value {
  // Digits are counted out: that is more work than reading them.
  if (!call.spend(text.length)) return null;
  const parsed = parseQuantity(text);
  return parsed.ok ? made(parsed.value) : new CelError(parsed.error);
}

function isQuantity(text: string, call: Call): Value {
  return call.spend(text.length) && parseQuantity(text).ok;
}

function add(a: Q, b: Quantity, call: Call): Value {
  const sum = addQuantities(a.value, b);
  if (sum !== undefined) return made(sum);
  call.spend(Number.POSITIVE_INFINITY);
  return a;
}

function asInteger({ value }: Q): Value {
  const int = toInt64(value);
  return int === undefined ? new CelError('cannot convert value to integer') : toInt(int);
}

const int = (value: Int): Quantity => ofInt(BigInt(value));

// biome-ignore format: a table
export const quantities = library([
  ['quantity(string): kubernetes.Quantity',                                '1.28', traverse(0), quantity],
  ['isQuantity(string): bool',                                             '1.28', traverse(0), isQuantity],
  ['sign(kubernetes.Quantity): int',                                       '1.28', one, (q: Q) => signOf(q.value)],
  ['kubernetes.Quantity.isInteger(): bool',                                '1.28', one, (q: Q) => toInt64(q.value) !== undefined],
  ['kubernetes.Quantity.asInteger(): int',                                 '1.28', one, asInteger],
  ['kubernetes.Quantity.asApproximateFloat(): double',                     '1.28', one, (q: Q) => toDouble(toNumber(q.value))],
  ['kubernetes.Quantity.isGreaterThan(kubernetes.Quantity): bool',         '1.28', one, (a: Q, b: Q) => compareQuantities(a.value, b.value) > 0],
  ['kubernetes.Quantity.isLessThan(kubernetes.Quantity): bool',            '1.28', one, (a: Q, b: Q) => compareQuantities(a.value, b.value) < 0],
  ['kubernetes.Quantity.compareTo(kubernetes.Quantity): int',              '1.28', one, (a: Q, b: Q) => compareQuantities(a.value, b.value)],
  ['kubernetes.Quantity.add(kubernetes.Quantity): kubernetes.Quantity',    '1.28', one, (a: Q, b: Q, c: Call) => add(a, b.value, c)],
  ['kubernetes.Quantity.add(int): kubernetes.Quantity',                    '1.28', one, (a: Q, n: Int, c: Call) => add(a, int(n), c)],
  ['kubernetes.Quantity.sub(kubernetes.Quantity): kubernetes.Quantity',    '1.28', one, (a: Q, b: Q, c: Call) => add(a, negate(b.value), c)],
  ['kubernetes.Quantity.sub(int): kubernetes.Quantity',                    '1.28', one, (a: Q, n: Int, c: Call) => add(a, negate(int(n)), c)],
]);
