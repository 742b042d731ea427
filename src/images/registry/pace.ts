// How fast one registry is asked: a burst, then so many a second. Threat: whoever may name images names one with thousands
// of signatures again and again; each request costs the event loop something, and others want it too.
// Upstream: the generic cell rate algorithm of ITU-T I.371.

export type Pace = {
  /** Takes the next turn, and says in how many whole milliseconds it is. */
  next(): number;
};

/** A registry on another machine is slower than this by itself. */
export const requestsPerSecond = 300;
export const burst = 300;

export function pace(now: () => number): Pace {
  const interval = 1_000 / requestsPerSecond;
  const ahead = burst * interval;
  let due = Number.NEGATIVE_INFINITY;
  return {
    next() {
      const time = now();
      due = Math.max(due, time - ahead) + interval;
      return Math.max(0, Math.floor(due - time));
    },
  };
}
