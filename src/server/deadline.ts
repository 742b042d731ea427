// How long a request may take: the API server's `?timeout=` (a Go duration) less a margin for the way back.
// Upstream: time.ParseDuration of Go; the API server sends whole seconds, rounded up, of at most 30.
export type Deadline = {
  /** Milliseconds after arrival by which the decision must be made. */
  readonly decide: number;
  /** Milliseconds after arrival by which the answer must leave, whatever the disk does. */
  readonly answer: number;
};

const defaultTimeout = 10_000;
const longestTimeout = 30_000;
const margin = 1000;
const maxLength = 64;

const unitInMs: ReadonlyMap<string, number> = new Map([
  ['ns', 1e-6],
  ['us', 1e-3],
  ['\u00b5s', 1e-3],
  ['\u03bcs', 1e-3],
  ['ms', 1],
  ['s', 1000],
  ['m', 60_000],
  ['h', 3_600_000],
]);

/** The API server asks with one of thirty texts. */
const known = new Map<string, Deadline>();
const mostKnown = 64;

/** One second less than the timeout, or half of it when it is under two; ten seconds when it cannot be read. */
export function deadlineOf(timeout: unknown): Deadline {
  const text = typeof timeout === 'string' ? timeout : '';
  const before = known.get(text);
  if (before !== undefined) return before;
  const deadline = within(parseGoDuration(text));
  if (known.size < mostKnown) known.set(text, deadline);
  return deadline;
}

function within(asked: number | undefined): Deadline {
  const total = Math.min(asked ?? defaultTimeout, longestTimeout);
  const decide = total < 2 * margin ? total / 2 : total - margin;
  return { decide, answer: decide + (total - decide) / 2 };
}

/** Milliseconds; undefined for what is no positive Go duration. */
export function parseGoDuration(text: string): number | undefined {
  if (text.length > maxLength) return undefined;
  const part = /\+?(\d+\.?\d*|\.\d+)(ns|us|\u00b5s|\u03bcs|ms|s|m|h)/y;
  let total = 0;
  while (part.lastIndex < text.length) {
    // A sign stands only at the beginning.
    const signed = part.lastIndex > 0 && text[part.lastIndex] === '+';
    const match = signed ? null : part.exec(text);
    if (match === null) return undefined;
    total += Number(match[1]) * (unitInMs.get(match[2] ?? '') ?? Number.NaN);
  }
  return total > 0 && Number.isFinite(total) ? total : undefined;
}
