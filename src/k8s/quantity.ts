// Quantities as k8s.io/apimachinery/pkg/api/resource parses them: exact, as a fraction of integers.
export type Quantity = {
  /** The value is `units` / `scale`; scale is a power of ten or 1. */
  readonly units: bigint;
  readonly scale: bigint;
};

const form = /^([-+]?)(\d*)(?:\.(\d*))?(Ki|Mi|Gi|Ti|Pi|Ei|n|u|m|k|M|G|T|P|E|[eE][-+]?\d{1,4})?$/;
const binary: Readonly<Record<string, bigint>> = {
  Ki: 2n ** 10n,
  Mi: 2n ** 20n,
  Gi: 2n ** 30n,
  Ti: 2n ** 40n,
  Pi: 2n ** 50n,
  Ei: 2n ** 60n,
};
const decimal: Readonly<Record<string, number>> = {
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
const maxText = 256;

/** Undefined for what is no quantity. */
export function parseQuantity(text: string): Quantity | undefined {
  const match = text.length > maxText ? null : form.exec(text);
  if (match === null) return undefined;
  const [, sign = '', whole = '', fraction = '', suffix = ''] = match;
  if (whole === '' && fraction === '') return undefined;
  const digits = BigInt(`${whole}${fraction}`) * (sign === '-' ? -1n : 1n);
  const exponent = decimal[suffix] ?? (/^[eE][-+]?\d/.test(suffix) ? Number(suffix.slice(1)) : 0);
  if (Math.abs(exponent) > 400) return undefined;
  const units = digits * (binary[suffix] ?? 1n) * 10n ** BigInt(Math.max(exponent, 0));
  const scale = 10n ** BigInt(fraction.length + Math.max(-exponent, 0));
  return reduced(units, scale);
}

/** Finer than a nano is rounded up, away from zero, as upstream does. */
function reduced(units: bigint, scale: bigint): Quantity {
  const nano = 10n ** 9n;
  if (scale <= nano) return { units, scale };
  const scaled = units * nano;
  const up = scaled % scale === 0n ? 0n : scaled > 0n ? 1n : -1n;
  return { units: scaled / scale + up, scale: nano };
}

export function compareQuantities(a: Quantity, b: Quantity): -1 | 0 | 1 {
  const [left, right] = [a.units * b.scale, b.units * a.scale];
  return left < right ? -1 : left > right ? 1 : 0;
}

export function addQuantities(a: Quantity, b: Quantity): Quantity {
  return { units: a.units * b.scale + b.units * a.scale, scale: a.scale * b.scale };
}

export function negate({ units, scale }: Quantity): Quantity {
  return { units: -units, scale };
}

/** The value as an int64; undefined when it is no whole number or does not fit. */
export function toInt64({ units, scale }: Quantity): bigint | undefined {
  const value = units / scale;
  const fits = value >= -(2n ** 63n) && value < 2n ** 63n;
  return units % scale === 0n && fits ? value : undefined;
}

export function toNumber({ units, scale }: Quantity): number {
  return Number(units) / Number(scale);
}
