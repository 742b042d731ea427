// Parts of timestamps and durations. Upstream: cel-spec "List of Standard Definitions".
import { goQuote } from '../../k8s/go-text.ts';
import { type Call, library } from '../function.ts';
import { CelError, type Duration, type Timestamp, toInt, type Value } from '../value.ts';
import { one } from './cost.ts';

type Read = (date: Date) => number;

function inZone(read: Read): (t: Timestamp, zone: string, call: Call) => Value {
  return (t, zone, call) => {
    const offset = offsetOf(zone, t, call);
    if (offset instanceof CelError) return offset;
    const value = read(new Date(millis(t) + offset));
    return Number.isNaN(value) ? new CelError('timestamp overflow') : value;
  };
}

function millis({ nanos }: Timestamp): number {
  return Number(nanos / 1_000_000n) - (nanos < 0n && nanos % 1_000_000n !== 0n ? 1 : 0);
}

/** Milliseconds east of UTC: `+02:00`, `-07:00`, `02:00`, or the name of a zone. */
function offsetOf(zone: string, t: Timestamp, call: Call): number | CelError {
  const colon = zone.indexOf(':');
  if (colon < 0) return named(zone, t, call);
  const hours = atoi(zone.slice(0, colon));
  if (hours instanceof CelError) return hours;
  const minutes = atoi(zone.slice(colon + 1));
  if (minutes instanceof CelError) return minutes;
  return (hours * 60 + (zone.startsWith('-') ? -minutes : minutes)) * 60_000;
}

function atoi(text: string): number | CelError {
  const bad = (why: string): CelError =>
    new CelError(`strconv.Atoi: parsing ${goQuote(text)}: ${why}`);
  if (!/^[-+]?[0-9]+$/.test(text)) return bad('invalid syntax');
  // Anything near the range of Go's int would only make a date that no calendar has.
  return Number.isSafeInteger(Number(text)) ? Number(text) : bad('value out of range');
}

const longestZone = 64;
const zoneName = /^[A-Z][A-Za-z0-9_+-]*(?:\/[A-Z][A-Za-z0-9_+-]*)*$/;
const formats = new Map<string, Intl.DateTimeFormat>();

function named(zone: string, t: Timestamp, call: Call): number | CelError {
  if (zone === '' || zone === 'UTC' || zone === 'Local') return 0;
  if (zone.includes('..') || /^[/\\]/.test(zone))
    return new CelError('time: invalid location name');
  const format = call.spend(200) ? formatOf(zone) : undefined;
  if (format === undefined) return new CelError(`unknown time zone ${zone}`);
  const name = format.formatToParts(millis(t)).find((p) => p.type === 'timeZoneName')?.value ?? '';
  const match = /GMT(?:([-+])(\d\d):(\d\d)(?::(\d\d))?)?/.exec(name);
  const [, sign, h = 0, m = 0, s = 0] = match ?? [];
  const size = (Number(h) * 3600 + Number(m) * 60 + Number(s)) * 1000;
  return sign === '-' ? -size : size;
}

function formatOf(zone: string): Intl.DateTimeFormat | undefined {
  const known = formats.get(zone);
  if (known !== undefined || zone.length > longestZone || !zoneName.test(zone)) return known;
  try {
    const made = new Intl.DateTimeFormat('en-US', { timeZone: zone, timeZoneName: 'longOffset' });
    formats.set(zone, made);
    return made;
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    return undefined;
  }
}

function dayOfYear(date: Date): number {
  return Math.floor(
    (Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate()) -
      Date.UTC(date.getUTCFullYear(), 0, 1)) /
      86_400_000,
  );
}

// biome-ignore format: a table
const parts = [
  ['getFullYear',     (d: Date) => d.getUTCFullYear()],
  ['getMonth',        (d: Date) => d.getUTCMonth()],
  ['getDayOfYear',    dayOfYear],
  ['getDayOfMonth',   (d: Date) => d.getUTCDate() - 1],
  ['getDate',         (d: Date) => d.getUTCDate()],
  ['getDayOfWeek',    (d: Date) => d.getUTCDay()],
  ['getHours',        (d: Date) => d.getUTCHours()],
  ['getMinutes',      (d: Date) => d.getUTCMinutes()],
  ['getSeconds',      (d: Date) => d.getUTCSeconds()],
  ['getMilliseconds', (d: Date) => d.getUTCMilliseconds()],
] as const;

// biome-ignore format: a table
export const times = library([
  ...parts.map(([name, read]) => [`google.protobuf.Timestamp.${name}(): int`, 'core', one, (t: Timestamp) => read(new Date(millis(t)))] as const),
  ...parts.map(([name, read]) => [`google.protobuf.Timestamp.${name}(string): int`, 'core', one, inZone(read)] as const),
  ['google.protobuf.Duration.getHours(): int',        'core', one, (d: Duration) => toInt(d.nanos / 3_600_000_000_000n)],
  ['google.protobuf.Duration.getMinutes(): int',      'core', one, (d: Duration) => toInt(d.nanos / 60_000_000_000n)],
  ['google.protobuf.Duration.getSeconds(): int',      'core', one, (d: Duration) => toInt(d.nanos / 1_000_000_000n)],
  ['google.protobuf.Duration.getMilliseconds(): int', 'core', one, (d: Duration) => toInt(d.nanos / 1_000_000n)],
]);
