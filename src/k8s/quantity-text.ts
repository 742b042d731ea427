// Quantities as the API server writes them: the shortest form in the family of suffixes that they were written in.
// Upstream: Quantity.CanonicalizeBytes and RoundUp in k8s.io/apimachinery/pkg/api/resource.
import { parseQuantity, type Quantity } from './quantity.ts';

type Family = 'binary' | 'decimal' | 'exponent';

const decimalSuffixes: Readonly<Record<string, string>> = {
  '-9': 'n',
  '-6': 'u',
  '-3': 'm',
  '0': '',
  '3': 'k',
  '6': 'M',
  '9': 'G',
  '12': 'T',
  '15': 'P',
  '18': 'E',
};
const binarySuffixes = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'];
const milli = -3;
/** Threat: digits are counted out. Nobody writes a quantity of this length. */
const maxText = 1000;

/** `1000m` is `1`, `1024Mi` is `1Gi`, `0.5` is `500m`; undefined when it is no quantity. */
export function canonicalQuantity(given: string): string | undefined {
  const text = given.trim();
  const read = readQuantity(text);
  if (read === undefined) return undefined;
  return isKept(text, read) ? text : written(read, familyOf(text));
}

/** In a list of resources nothing is finer than a thousandth: rounded away from zero. */
export function canonicalResource(given: string): string | undefined {
  const text = given.trim();
  const read = readQuantity(text);
  if (read === undefined || read.scale >= milli) return canonicalQuantity(text);
  return written(roundedUp(read, milli), familyOf(text));
}

function readQuantity(text: string): Quantity | undefined {
  const read = text.length > maxText ? undefined : parseQuantity(text);
  return read?.ok ? read.value : undefined;
}

const parts = /^[-+]?0*([0-9]*)(?:\.([0-9]*))?/;

/** Whether the API server takes the text for canonical without a closer look, and leaves it: `5.`, `+1`, `1e+3`. */
function isKept(text: string, { large, scale }: Quantity): boolean {
  if (large) return false;
  const [, whole = '', fraction = ''] = parts.exec(text) ?? [];
  const digits = `${whole === '' ? '0' : whole}${fraction}`;
  if (familyOf(text) === 'binary') return BigInt(digits) % 8n !== 0n;
  return scale % 3 === 0 && !digits.endsWith('000') && !digits.startsWith('0');
}

function familyOf(text: string): Family {
  if (/[KMGTPE]i$/.test(text)) return 'binary';
  return /[eE][-+]?[0-9]+$/.test(text) ? 'exponent' : 'decimal';
}

export function formatQuantity(quantity: Quantity, like: string): string {
  return written(quantity, familyOf(like));
}

function written(quantity: Quantity, family: Family): string {
  if (quantity.units === 0n) return '0';
  const whole = family === 'binary' ? wholeOf(quantity) : undefined;
  if (whole !== undefined && (whole <= -1024n || whole >= 1024n)) return inBinary(whole);
  return inDecimal(quantity, family === 'exponent');
}

/** Without a fraction; undefined when it has one. */
function wholeOf({ units, scale }: Quantity): bigint | undefined {
  if (scale >= 0) return units * 10n ** BigInt(scale);
  const divisor = 10n ** BigInt(-scale);
  return units % divisor === 0n ? units / divisor : undefined;
}

function inBinary(whole: bigint): string {
  let [units, step] = [whole, 0];
  while (units % 1024n === 0n && step < binarySuffixes.length - 1) {
    units /= 1024n;
    step += 1;
  }
  return `${units}${binarySuffixes[step]}`;
}

function inDecimal({ units, scale }: Quantity, exponent: boolean): string {
  let [amount, power] = [units, scale];
  while (amount % 10n === 0n) {
    amount /= 10n;
    power += 1;
  }
  while (power % 3 !== 0) {
    amount *= 10n;
    power -= 1;
  }
  if (exponent) return power === 0 ? `${amount}` : `${amount}e${power}`;
  return `${amount}${decimalSuffixes[power] ?? ''}`;
}

function roundedUp(quantity: Quantity, finest: number): Quantity {
  if (quantity.scale >= finest) return quantity;
  const divisor = 10n ** BigInt(finest - quantity.scale);
  const [whole, rest] = [quantity.units / divisor, quantity.units % divisor];
  const away = rest === 0n ? 0n : rest > 0n ? 1n : -1n;
  return { ...quantity, units: whole + away, scale: finest };
}
