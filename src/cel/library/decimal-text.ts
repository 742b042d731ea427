// Doubles in decimal, exact and rounded half to even, as Go's %f and the English %e of string.format write them.

const million = 1_000_000;
/** No double has more digits behind its point. */
const maxFraction = 1100;

/** `%.2f`. */
export function fixed(value: number, digits: number): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? 'NaN' : value > 0 ? '+Inf' : '-Inf';
  const all = String(rounded(Math.abs(value), digits)).padStart(digits + 1, '0');
  const [whole, fraction] = [all.slice(0, all.length - digits), all.slice(all.length - digits)];
  return `${value < 0 ? '-' : ''}${whole}${digits === 0 ? '' : `.${fraction}`}`;
}

/** `%.2f` in English: with commas, and a sign for infinity. */
export function fixedInEnglish(value: number, digits: number): string {
  if (!Number.isFinite(value)) return infinite(value);
  const [whole = '', fraction = ''] = fixed(value, Math.min(digits, maxFraction)).split('.');
  const grouped = whole.replace(/\d(?=(?:\d{3})+$)/g, '$&,');
  // As in-tree, where a byte holds how many digits there are at least.
  const shown = fraction.replace(/0+$/, '').padEnd(digits & 0xff, '0');
  return shown === '' ? grouped : `${grouped}.${shown}`;
}

/** `%20e` in English: the number is a width, and there are always six digits. */
export function exponentInEnglish(value: number, width: number): string {
  return (Number.isFinite(value) ? exponent(value) : infinite(value)).padStart(width);
}

function exponent(value: number): string {
  const size = Math.abs(value);
  let power = value === 0 ? 0 : Number(size.toExponential().split('e')[1]);
  let digits = rounded(size, 6 - power);
  if (digits >= BigInt(10 * million)) {
    power++;
    digits = rounded(size, 6 - power);
  }
  const text = String(digits).padStart(7, '0');
  return `${value < 0 ? '-' : ''}${text.slice(0, 1)}.${text.slice(1)}×10${raised(power)}`;
}

function infinite(value: number): string {
  return Number.isNaN(value) ? 'NaN' : value > 0 ? '∞' : '-∞';
}

const superscripts = '⁰¹²³⁴⁵⁶⁷⁸⁹';

/** At least two digits. */
function raised(power: number): string {
  const digits = String(Math.abs(power)).padStart(2, '0');
  const up = [...digits].map((digit) => superscripts[Number(digit)]).join('');
  return power < 0 ? `⁻${up}` : up;
}

/** value × 10^power to the nearest integer, half to even; `value` is not negative. */
function rounded(value: number, power: number): bigint {
  const [mantissa, two] = parts(value);
  const [up, down] = [2n ** BigInt(Math.max(two, 0)), 2n ** BigInt(Math.max(-two, 0))];
  const above = mantissa * up * 10n ** BigInt(Math.max(power, 0));
  const below = down * 10n ** BigInt(Math.max(-power, 0));
  const [quotient, rest] = [above / below, (above % below) * 2n];
  const isUp = rest > below || (rest === below && quotient % 2n === 1n);
  return isUp ? quotient + 1n : quotient;
}

/** value = mantissa × 2^exponent, exactly. */
function parts(value: number): readonly [bigint, number] {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value);
  const bits = view.getBigUint64(0);
  const exponentBits = Number((bits >> 52n) & 0x7ffn);
  const fraction = bits & 0xfffffffffffffn;
  return exponentBits === 0
    ? [fraction, -1074]
    : [fraction | 0x10000000000000n, exponentBits - 1075];
}
