// Parts of timestamps and durations. Upstream: cel-spec "List of Standard Definitions".
import { library } from '../function.ts';
import { CelError, type Duration, type Timestamp, toInt, type Value } from '../value.ts';

const part =
  (read: (date: Date) => number) =>
  (t: Timestamp, zone?: unknown): Value => {
    const offset = typeof zone === 'string' ? offsetOf(zone, t) : 0;
    return offset instanceof CelError ? offset : read(new Date(millis(t) + offset * 60_000));
  };

function millis({ nanos }: Timestamp): number {
  return Number(nanos / 1_000_000n) - (nanos < 0n && nanos % 1_000_000n !== 0n ? 1 : 0);
}

/** Minutes east of UTC: `+02:00`, `-07:00`, `02:00`, or the name of a zone. */
function offsetOf(zone: string, t: Timestamp): number | CelError {
  const fixed = /^([-+]?)(\d{1,2}):(\d\d)$/.exec(zone);
  if (fixed !== null) {
    const minutes = Number(fixed[2]) * 60 + Number(fixed[3]);
    return fixed[1] === '-' ? -minutes : minutes;
  }
  if (zone === '' || zone === 'UTC') return 0;
  try {
    const format = new Intl.DateTimeFormat('en-US', { timeZone: zone, timeZoneName: 'longOffset' });
    const name =
      format.formatToParts(millis(t)).find((p) => p.type === 'timeZoneName')?.value ?? '';
    const match = /GMT(?:([-+])(\d\d):(\d\d))?/.exec(name);
    const minutes = Number(match?.[2] ?? 0) * 60 + Number(match?.[3] ?? 0);
    return match?.[1] === '-' ? -minutes : minutes;
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    return new CelError(`unknown time zone ${zone}`);
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
  ...parts.map(([name, read]) => [`google.protobuf.Timestamp.${name}(): int`, (t: Timestamp) => part(read)(t)] as const),
  ...parts.map(([name, read]) => [`google.protobuf.Timestamp.${name}(string): int`, (t: Timestamp, zone: string) => part(read)(t, zone)] as const),
  ['google.protobuf.Duration.getHours(): int',        (d: Duration) => toInt(d.nanos / 3_600_000_000_000n)],
  ['google.protobuf.Duration.getMinutes(): int',      (d: Duration) => toInt(d.nanos / 60_000_000_000n)],
  ['google.protobuf.Duration.getSeconds(): int',      (d: Duration) => toInt(d.nanos / 1_000_000_000n)],
  ['google.protobuf.Duration.getMilliseconds(): int', (d: Duration) => toInt(d.nanos / 1_000_000n)],
]);
