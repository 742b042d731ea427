// How much is done at once, and how much may wait for it: what comes on top is told at once to try again.
// Threat: a burst that is taken in whole ends every answer behind the deadline, and the process without memory.
export type Release = () => void;

export type Capacity = {
  /** Waits for room of `weight`, first come first served, at most `ms` milliseconds; undefined: there is none. A promise
   * only where it has to wait. */
  enter(weight: number, ms: number): Release | undefined | Promise<Release | undefined>;
  /** What is in use, and how many wait. */
  state(): { readonly used: number; readonly waiting: number };
};

type Waiting = { readonly weight: number; readonly start: () => void };

/** `room`: the weights that may be in at once. A weight above it counts as all of it. `waiting`: how many may wait. */
export function createCapacity(limits: {
  readonly room: number;
  readonly waiting: number;
}): Capacity {
  let used = 0;
  const queue = new Set<Waiting>();

  const take = (weight: number): Release => {
    used += weight;
    let released = false;
    return () => {
      if (released) return;
      released = true;
      used -= weight;
      startNext();
    };
  };
  const startNext = (): void => {
    for (const waiting of queue) {
      if (used + waiting.weight > limits.room) return;
      queue.delete(waiting);
      waiting.start();
    }
  };
  return {
    enter(asked, ms) {
      const weight = Math.min(asked, limits.room);
      if (queue.size === 0 && used + weight <= limits.room) return take(weight);
      if (queue.size >= limits.waiting || ms <= 0) return undefined;
      return new Promise((resolve) => {
        const waiting = {
          weight,
          start: () => {
            clearTimeout(timer);
            resolve(take(weight));
          },
        };
        const timer = setTimeout(() => {
          queue.delete(waiting);
          resolve(undefined);
          startNext();
        }, ms);
        queue.add(waiting);
      });
    },
    state: () => ({ used, waiting: queue.size }),
  };
}
