// How long to wait before asking again: longer each time, and never two servers at the same moment.
export type Backoff = {
  /** Milliseconds; at least what the server asked for. */
  next(retryAfter: number | null): number;
  /** It went well. */
  reset(): void;
};

export const shortestWait = 250;
export const longestWait = 30_000;

/** `random`: from 0 up to 1. Half of each wait is left to it. */
export function createBackoff(random: () => number): Backoff {
  let failures = 0;
  return {
    next(retryAfter) {
      const whole = Math.min(longestWait, shortestWait * 2 ** failures);
      failures = Math.min(failures + 1, 16);
      const wait = whole / 2 + (whole / 2) * random();
      return Math.max(wait, Math.min(retryAfter ?? 0, longestWait));
    },
    reset() {
      failures = 0;
    },
  };
}
