// Time for the cluster port, so that tests can turn it. Ages are the longer of two: a machine that slept stops the
// monotonic clock, and somebody may set back the other one.
export type Moment = { readonly wall: number; readonly monotonic: number };

export type Clock = {
  now(): Moment;
  /** Ends early, without a fault, when the signal is aborted. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
  after(ms: number, act: () => void): { cancel(): void };
  /** From 0 up to 1. */
  random(): number;
};

export function since(clock: Clock, moment: Moment): number {
  const { wall, monotonic } = clock.now();
  return Math.max(0, wall - moment.wall, monotonic - moment.monotonic);
}

export const systemClock: Clock = {
  now: () => ({ wall: Date.now(), monotonic: performance.now() }),
  sleep(ms, signal) {
    return new Promise((resolve) => {
      if (signal.aborted) return resolve();
      const done = (): void => {
        clearTimeout(timer);
        signal.removeEventListener('abort', done);
        resolve();
      };
      const timer = setTimeout(done, ms);
      signal.addEventListener('abort', done);
    });
  },
  after(ms, act) {
    const timer = setTimeout(act, ms);
    return { cancel: () => clearTimeout(timer) };
  },
  random: () => Math.random(),
};
