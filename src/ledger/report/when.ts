// Points in time as a command line says them: RFC 3339, a date (its midnight in UTC), or a time before now (`2h`, `7d`).
import { err, ok, type Result } from '../../base/result.ts';

const relative = /^(\d{1,6})(s|m|h|d|w)$/;
const date = /^\d{4}-\d{2}-\d{2}$/;
const dateTime = /^\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(\.\d{1,9})?([Zz]|[+-]\d{2}:\d{2})$/;
/** More than milliseconds. */
const finer = /\.\d{3}\d*[1-9]/;

const milliseconds: Readonly<Record<string, number>> = {
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};

/** Milliseconds since 1970; a sentence where the text is none of these. `now`: RFC 3339. */
export function whenOf(text: string, now: string): Result<number, string> {
  const [, amount, unit = ''] = relative.exec(text) ?? [];
  if (amount !== undefined) return ok(Date.parse(now) - Number(amount) * (milliseconds[unit] ?? 0));
  const time = date.test(text) || dateTime.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(time) || !isDay(text.slice(0, 10))) {
    return err('is no time: neither RFC 3339, nor a date, nor a time before now such as 2h or 7d');
  }
  // Records have milliseconds: the first one that is not before this moment.
  return ok(time + (finer.test(text) ? 1 : 0));
}

/** Date.parse makes the 2nd of March of the 30th of February. */
function isDay(text: string): boolean {
  return timeText(Date.parse(text)).startsWith(text);
}

/** UTC, milliseconds. */
export function timeText(time: number): string {
  return new Date(time).toISOString();
}
