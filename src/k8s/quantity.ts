// Quantities as k8s.io/apimachinery/pkg/api/resource parses, adds and compares them: units × 10^scale, exactly.
import { err, ok, type Result } from '../base/result.ts';

export type Quantity = {
  readonly units: bigint;
  readonly scale: number;
  /** Held as a decimal of any size, not as an int64 and a scale: the API server takes no integer out of those. */
  readonly large: boolean;
};

const wrongForm =
  "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";
const wrongSuffix = "unable to parse quantity's suffix";
const wrongNumber = 'unable to parse numeric part of quantity';

// In two steps, each of which reads a character once: one pattern for both would try every way to part the digits.
const number = /^[-+]?0*([0-9]*)(?:\.([0-9]*))?/;
const letters = /^[eEinumkKMGTP]*[-+]?[0-9]*$/;
const binary: Readonly<Record<string, number>> = { Ki: 10, Mi: 20, Gi: 30, Ti: 40, Pi: 50, Ei: 60 };
const decimal: Readonly<Record<string, number>> = {
  '': 0,
  n: -9,
  u: -6,
  m: -3,
  k: 3,
  M: 6,
  G: 9,
  T: 12,
  P: 15,
  E: 18,
};
const [minInt, maxInt] = [-(2n ** 63n), 2n ** 63n - 1n];
/** Digits that the fast form of the API server takes. */
const maxDigits = 18;
const nano = -9;
/** Threat: an exponent is short to write and long to count out. */
export const maxExponent = 4096;

export function parseQuantity(text: string): Result<Quantity, string> {
  const [head = '', whole = '', fraction = ''] = number.exec(text) ?? [];
  const suffix = text.slice(head.length);
  if (text === '' || !letters.test(suffix)) return err(wrongForm);
  const power = exponentOf(suffix);
  const two = Object.hasOwn(binary, suffix) ? binary[suffix] : undefined;
  if (power === undefined && two === undefined) return err(wrongSuffix);
  const digits = `${whole === '' ? '0' : whole}${fraction}`;
  const units = BigInt(digits) * (head.startsWith('-') ? -1n : 1n);
  const scale = (power ?? 0) - fraction.length;
  const spare =
    two === undefined
      ? maxDigits - digits.length
      : fraction === ''
        ? 15 - digits.length - Math.trunc((two * 3) / 10) - 1
        : -1;
  const product = units * 2n ** BigInt(two ?? 0);
  if (spare >= 0 && scale >= nano && fits(product))
    return ok({ units: product, scale, large: false });
  if (!/[0-9]/.test(head)) return err(wrongNumber);
  return ok(large(product, scale, two !== undefined));
}

function exponentOf(suffix: string): number | undefined {
  if (Object.hasOwn(decimal, suffix)) return decimal[suffix];
  const power = /^[eE]([-+]?[0-9]+)$/.exec(suffix);
  if (power === null) return undefined;
  const value = BigInt(power[1] ?? '0');
  // As Go, which cuts an int64 to an int32.
  return fits(value) ? Number(BigInt.asIntN(32, value)) : undefined;
}

const fits = (value: bigint): boolean => value >= minInt && value <= maxInt;

/** Finer than a nano is rounded up, away from zero; binary ones stop at the largest int64. */
function large(units: bigint, scale: number, isBinary: boolean): Quantity {
  const sign = units < 0n ? -1n : 1n;
  const size = units * sign;
  const finer = nano - scale;
  if (units === 0n || -finer > maxExponent) return { units, scale, large: true };
  // Beyond its own digits nothing is left but to round up.
  const rounded =
    finer > String(size).length
      ? 1n
      : (size * 10n ** BigInt(Math.max(-finer, 0)) + down(finer) - 1n) / down(finer);
  return isBinary && rounded > maxInt * 10n ** 9n
    ? { units: maxInt * sign, scale: 0, large: true }
    : { units: rounded * sign, scale: nano, large: true };
}

const down = (power: number): bigint => 10n ** BigInt(Math.max(power, 0));

export function compareQuantities(a: Quantity, b: Quantity): -1 | 0 | 1 {
  const [left, right] = [signOf(a), signOf(b)];
  if (left !== right) return left < right ? -1 : 1;
  if (left === 0) return 0;
  const sizes = magnitude(a) - magnitude(b);
  if (sizes !== 0) return sizes > 0 === left > 0 ? 1 : -1;
  const [x, y] = [aligned(a, b), aligned(b, a)];
  return x < y ? -1 : x > y ? 1 : 0;
}

export function signOf({ units }: Quantity): -1 | 0 | 1 {
  return units < 0n ? -1 : units > 0n ? 1 : 0;
}

/** Digits before the point: tells most quantities apart without counting them out. */
function magnitude({ units, scale }: Quantity): number {
  return String(units < 0n ? -units : units).length + scale;
}

/** The units of a quantity on the finer one of two scales. */
function aligned(of: Quantity, other: Quantity): bigint {
  return of.units * 10n ** BigInt(Math.max(of.scale - other.scale, 0));
}

/** Undefined when the scales are so far apart that the sum has more digits than `maxExponent`. */
export function addQuantities(a: Quantity, b: Quantity): Quantity | undefined {
  if (!a.large && !b.large) {
    if (b.units === 0n) return a;
    if (a.units === 0n) return b;
  }
  if (Math.abs(a.scale - b.scale) > maxExponent) return undefined;
  const units = aligned(a, b) + aligned(b, a);
  const scale = Math.min(a.scale, b.scale);
  const isSmall = !a.large && !b.large && [aligned(a, b), aligned(b, a), units].every(fits);
  return { units, scale, large: !isSmall };
}

export function negate(quantity: Quantity): Quantity {
  return { ...quantity, units: -quantity.units };
}

export function ofInt(value: bigint): Quantity {
  return { units: value, scale: 0, large: false };
}

/** The value as an int64; undefined when it is written with decimals (even zeros) or does not fit. */
export function toInt64({ units, scale, large: isLarge }: Quantity): bigint | undefined {
  if (isLarge || scale < 0) return undefined;
  if (units === 0n) return 0n;
  const value = scale > maxDigits + 1 ? undefined : units * 10n ** BigInt(scale);
  return value !== undefined && fits(value) ? value : undefined;
}

export function toNumber({ units, scale }: Quantity): number {
  if (scale === 0) return Number(units);
  return Number(units) * powerOfTen(scale);
}

/** As Go's math.Pow10, whose last digit is not always the nearest. */
function powerOfTen(n: number): number {
  if (n < -323) return 0;
  if (n > 308) return Number.POSITIVE_INFINITY;
  const [rest, whole] = [Math.abs(n) % 32, Math.abs(n) - (Math.abs(n) % 32)];
  return n < 0
    ? Number(`1e-${whole}`) / Number(`1e${rest}`)
    : Number(`1e${whole}`) * Number(`1e${rest}`);
}
