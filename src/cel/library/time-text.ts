// Timestamps as RFC 3339 and durations as Go writes them. Upstream: time.ParseDuration, time.RFC3339Nano.
import { CelError, Duration, Timestamp } from '../value.ts';

const rfc3339 =
  /^(\d{4})-(\d\d)-(\d\d)[Tt](\d\d):(\d\d):(\d\d)(?:[.,](\d{1,9})\d*)?(?:[Zz]|([-+])(\d\d):(\d\d))$/;
const second = 1_000_000_000n;

export function parseTimestamp(text: string): Timestamp | CelError {
  const bad = new CelError(`type conversion error from 'string' to 'google.protobuf.Timestamp'`);
  const match = rfc3339.exec(text);
  if (match === null) return bad;
  const [, y, mo, d, h, mi, s, fraction = '', sign, oh = '0', om = '0'] = match;
  const [year, month, day, hour, minute, sec] = [y, mo, d, h, mi, s].map(Number);
  const date = new Date(0);
  date.setUTCFullYear(year ?? 0, (month ?? 1) - 1, day ?? 1);
  date.setUTCHours(hour ?? 0, minute ?? 0, sec ?? 0, 0);
  const same =
    date.getUTCMonth() + 1 === month && date.getUTCDate() === day && date.getUTCHours() === hour;
  if (!same || (minute ?? 0) > 59 || (sec ?? 0) > 59 || Number(oh) > 23 || Number(om) > 59)
    return bad;
  const offset = (sign === '-' ? -1n : 1n) * BigInt(Number(oh) * 3600 + Number(om) * 60) * second;
  const nanos =
    BigInt(date.getTime()) * 1_000_000n + BigInt(fraction.padEnd(9, '0') || '0') - offset;
  return nanos < -62_135_596_800n * second ? bad : new Timestamp(nanos);
}

export function formatTimestamp(nanos: bigint): string {
  const within = ((nanos % second) + second) % second;
  const date = new Date(Number((nanos - within) / 1_000_000n)).toISOString().replace(/\.000Z$/, '');
  const fraction = within === 0n ? '' : `.${String(within).padStart(9, '0').replace(/0+$/, '')}`;
  return `${date}${fraction}Z`;
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
const maxNanos = 2n ** 63n - 1n;

export function parseDuration(text: string): Duration | CelError {
  const bad = new CelError(`type conversion error from 'string' to 'google.protobuf.Duration'`);
  if (/^[-+]?0$/.test(text)) return new Duration(0n);
  if (text.length > 200 || !wholeDuration.test(text)) return bad;
  let nanos = 0n;
  for (const [, whole = '', fraction = '', unit = ''] of text.matchAll(partOfDuration)) {
    const size = units[unit] ?? 0n;
    nanos += BigInt(whole || '0') * size;
    const digits = fraction.slice(0, 18);
    if (digits !== '') nanos += (BigInt(digits) * size) / 10n ** BigInt(digits.length);
  }
  if (nanos > maxNanos) return bad;
  return new Duration(text.startsWith('-') ? -nanos : nanos);
}

/** Seconds with a fraction: `90s`, `1.5s`. */
export function formatDuration(nanos: bigint): string {
  const size = nanos < 0n ? -nanos : nanos;
  const fraction =
    size % second === 0n
      ? ''
      : `.${String(size % second)
          .padStart(9, '0')
          .replace(/0+$/, '')}`;
  return `${nanos < 0n ? '-' : ''}${size / second}${fraction}s`;
}
