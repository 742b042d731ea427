// Timestamps as RFC 3339 and durations, as Go reads and writes them. Upstream: time.ParseDuration, time.RFC3339Nano.
import { CelError, Duration, Timestamp } from '../value.ts';

const rfc3339 =
  /^(\d{4})-(\d\d)-(\d\d)T(\d{1,2}):(\d\d):(\d\d)(?:[.,](\d+))?(?:Z|([-+])(\d\d):(\d\d))$/;
const second = 1_000_000_000n;
const [minSeconds, maxSeconds] = [-62_135_596_800n, 253_402_300_799n];

export function parseTimestamp(text: string): Timestamp | CelError {
  const bad = new CelError(`type conversion error from 'string' to 'google.protobuf.Timestamp'`);
  const match = text.length > maxTimestamp ? null : rfc3339.exec(text);
  if (match === null) return bad;
  const [, , , , , , , fraction = '', sign, oh = '0', om = '0'] = match;
  const millis = millisOf(match.slice(1, 7).map(Number));
  // As Go: 24 hours and 60 minutes are still an offset.
  if (millis === undefined || Number(oh) > 24 || Number(om) > 60) return bad;
  const offset = (sign === '-' ? -1 : 1) * (Number(oh) * 60 + Number(om));
  const nanos = BigInt(fraction.slice(0, 9).padEnd(9, '0'));
  return timestampOf(BigInt(millis) / 1000n - BigInt(offset * 60), nanos, offset);
}

const maxTimestamp = 1024;

function millisOf(parts: readonly number[]): number | undefined {
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, sec = 0] = parts;
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  date.setUTCHours(hour, minute, sec, 0);
  const same = date.getUTCMonth() + 1 === month && date.getUTCDate() === day;
  return same && hour < 24 && minute < 60 && sec < 60 ? date.getTime() : undefined;
}

/** From whole seconds; an error outside the years 1 to 9999. `offset`: minutes east, as it was written. */
export function timestampOf(seconds: bigint, nanos = 0n, offset = 0): Timestamp | CelError {
  if (seconds < minSeconds || seconds > maxSeconds) return new CelError('timestamp overflow');
  return new Timestamp(seconds * second + nanos, offset);
}

export function formatTimestamp({ nanos, offset }: Timestamp): string {
  const within = ((nanos % second) + second) % second;
  const local = (nanos - within) / 1_000_000n + BigInt(offset * 60_000);
  const date = new Date(Number(local)).toISOString().replace(/\.000Z$/, '');
  const fraction = within === 0n ? '' : `.${String(within).padStart(9, '0').replace(/0+$/, '')}`;
  return `${date}${fraction}${formatOffset(offset)}`;
}

function formatOffset(offset: number): string {
  if (offset === 0) return 'Z';
  const [hours, minutes] = [Math.floor(Math.abs(offset) / 60), Math.abs(offset) % 60];
  const digits = [hours, minutes].map((n) => String(n).padStart(2, '0'));
  return `${offset < 0 ? '-' : '+'}${digits.join(':')}`;
}

const units: Readonly<Record<string, bigint>> = {
  ns: 1n,
  us: 1_000n,
  µs: 1_000n,
  μs: 1_000n,
  ms: 1_000_000n,
  s: second,
  m: 60n * second,
  h: 3600n * second,
};
const wholeDuration = /^[-+]?(?:(?:\d+(?:\.\d*)?|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+$/;
const partOfDuration = /(\d*)(?:\.(\d*))?(ns|us|µs|μs|ms|s|m|h)/g;
const maxNanos = 2n ** 63n;
const digitsOfMax = 19;

export function parseDuration(text: string): Duration | CelError {
  const bad = new CelError(`type conversion error from 'string' to 'google.protobuf.Duration'`);
  if (/^[-+]?0$/.test(text)) return new Duration(0n);
  if (!wholeDuration.test(text)) return bad;
  let nanos = 0n;
  for (const [, whole = '', fraction = '', unit = ''] of text.matchAll(partOfDuration)) {
    const size = units[unit] ?? 0n;
    const digits = whole.replace(/^0+/, '');
    if (digits.length > digitsOfMax) return bad;
    nanos += BigInt(digits || '0') * size + fractionOf(fraction, Number(size));
    if (nanos > maxNanos) return bad;
  }
  if (text.startsWith('-')) return new Duration(-nanos);
  return nanos === maxNanos ? bad : new Duration(nanos);
}

/** As Go: digits as long as they fit an int64, and then in doubles. */
function fractionOf(digits: string, unit: number): bigint {
  let [kept, scale] = [0n, 1];
  for (const digit of digits) {
    const next = kept * 10n + BigInt(digit);
    if (kept > (maxNanos - 1n) / 10n || next > maxNanos) break;
    kept = next;
    scale *= 10;
  }
  return BigInt(Math.trunc(Number(kept) * (unit / scale)));
}

/** Seconds with a fraction, `90s`, `1.5s`: as Go's shortest double, in which long ones lose their last digits. */
export function formatDuration(nanos: bigint): string {
  const seconds = Number(nanos / second) + Number(nanos % second) / 1e9;
  if (Math.abs(seconds) >= 1e-6 || nanos === 0n) return `${seconds}s`;
  const digits = String(nanos < 0n ? -nanos : nanos)
    .padStart(9, '0')
    .replace(/0+$/, '');
  return `${nanos < 0n ? '-' : ''}0.${digits}s`;
}
