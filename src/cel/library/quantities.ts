// Quantities. Upstream: k8s.io/apiserver/pkg/cel/library/quantity.go.
import {
  addQuantities,
  compareQuantities,
  negate,
  parseQuantity,
  type Quantity,
  toInt64,
  toNumber,
} from '../../k8s/quantity.ts';
import { library } from '../function.ts';
import { CelError, Opaque, toDouble, toInt, type Value } from '../value.ts';

type Q = Opaque<Quantity>;
type Int = number | bigint;
const name = 'kubernetes.Quantity';

const made = (quantity: Quantity): Q =>
  new Opaque(name, quantity, (other) => compareQuantities(quantity, other) === 0);
const ofInt = (n: Int): Quantity => ({ units: BigInt(n), scale: 1n });
const minus = (a: Quantity, b: Quantity): Quantity => addQuantities(a, negate(b));

function quantity(text: string): Value {
  const parsed = parseQuantity(text);
  if (parsed !== undefined) return made(parsed);
  return new CelError(
    "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'",
  );
}

function asInteger({ value }: Q): Value {
  const int = toInt64(value);
  return int === undefined ? new CelError('cannot convert value to integer') : toInt(int);
}

// biome-ignore format: a table
export const quantities = library([
  ['quantity(string): kubernetes.Quantity',                                quantity],
  ['isQuantity(string): bool',                                             (s: string) => parseQuantity(s) !== undefined],
  ['kubernetes.Quantity.isInteger(): bool',                                (q: Q) => toInt64(q.value) !== undefined],
  ['kubernetes.Quantity.asInteger(): int',                                 asInteger],
  ['kubernetes.Quantity.asApproximateFloat(): double',                     (q: Q) => toDouble(toNumber(q.value))],
  ['kubernetes.Quantity.isGreaterThan(kubernetes.Quantity): bool',         (a: Q, b: Q) => compareQuantities(a.value, b.value) > 0],
  ['kubernetes.Quantity.isLessThan(kubernetes.Quantity): bool',            (a: Q, b: Q) => compareQuantities(a.value, b.value) < 0],
  ['kubernetes.Quantity.compareTo(kubernetes.Quantity): int',              (a: Q, b: Q) => compareQuantities(a.value, b.value)],
  ['kubernetes.Quantity.add(kubernetes.Quantity): kubernetes.Quantity',    (a: Q, b: Q) => made(addQuantities(a.value, b.value))],
  ['kubernetes.Quantity.add(int): kubernetes.Quantity',                    (a: Q, n: Int) => made(addQuantities(a.value, ofInt(n)))],
  ['kubernetes.Quantity.sub(kubernetes.Quantity): kubernetes.Quantity',    (a: Q, b: Q) => made(minus(a.value, b.value))],
  ['kubernetes.Quantity.sub(int): kubernetes.Quantity',                    (a: Q, n: Int) => made(minus(a.value, ofInt(n)))],
]);
