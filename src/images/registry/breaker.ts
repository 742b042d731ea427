// A registry that failed several times in a row is left alone for a while, and then asked by one request at a time.

export type Breaker = {
  /** Milliseconds until it may be asked again; 0: now, and the answer must be told to `ended`. */
  wait(): number;
  ended(outcome: 'answered' | 'failed' | 'unknown'): void;
};

const failuresInARow = 5;
const pauseMs = 10_000;

export function breaker(now: () => number): Breaker {
  let failures = 0;
  let until = 0;
  let probing = false;
  return {
    wait() {
      if (failures < failuresInARow) return 0;
      const left = until - now();
      if (left > 0 || probing) return Math.max(left, 1000);
      probing = true;
      return 0;
    },
    ended(outcome) {
      probing = false;
      if (outcome === 'answered') failures = 0;
      if (outcome !== 'failed') return;
      failures++;
      until = now() + pauseMs;
    },
  };
}
