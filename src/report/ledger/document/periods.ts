// Days as a chart can show them: every day from the first to the last, or months where these would be too many.
import type { DecisionCount } from '../../../ledger/report/report.ts';

export type Period = DecisionCount & { readonly label: string };
export type Periods = { readonly unit: 'day' | 'month'; readonly periods: readonly Period[] };

const mostDays = 62;
const mostMonths = 240;
const dayMs = 86_400_000;

/** `days`: sorted; those without a decision may be absent. */
export function periodsOf(days: readonly ({ readonly day: string } & DecisionCount)[]): Periods {
  const [first, last] = [days[0], days.at(-1)];
  if (first === undefined || last === undefined) return { unit: 'day', periods: [] };
  const span = (Date.parse(last.day) - Date.parse(first.day)) / dayMs + 1;
  const unit = span <= mostDays ? 'day' : 'month';
  const labels = unit === 'day' ? daysFrom(first.day, span) : monthsFrom(first.day, last.day);
  const sums = new Map(labels.map((label): [string, Period] => [label, empty(label)]));
  for (const { day, ...row } of days) {
    const label = day.slice(0, unit === 'day' ? 10 : 7);
    sums.set(label, added(sums.get(label) ?? empty(label), row));
  }
  return { unit, periods: [...sums.values()] };
}

function daysFrom(first: string, span: number): readonly string[] {
  const begin = Date.parse(first);
  return Array.from({ length: span }, (_, i) =>
    new Date(begin + i * dayMs).toISOString().slice(0, 10),
  );
}

function monthsFrom(first: string, last: string): readonly string[] {
  const number = (day: string): number =>
    Number(day.slice(0, 4)) * 12 + Number(day.slice(5, 7)) - 1;
  const begin = number(first);
  const length = number(last) - begin + 1;
  // A clock that was far off: only months with decisions are shown then.
  if (length > mostMonths) return [];
  return Array.from({ length }, (_, i) => {
    const month = begin + i;
    return `${String(Math.floor(month / 12)).padStart(4, '0')}-${String((month % 12) + 1).padStart(2, '0')}`;
  });
}

function empty(label: string): Period {
  return { label, allowed: 0, warned: 0, excused: 0, denied: 0, errors: 0 };
}

function added(a: Period, b: DecisionCount): Period {
  return {
    label: a.label,
    allowed: a.allowed + b.allowed,
    warned: a.warned + b.warned,
    excused: a.excused + b.excused,
    denied: a.denied + b.denied,
    errors: a.errors + b.errors,
  };
}
