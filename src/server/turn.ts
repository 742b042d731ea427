// The engine's only notion of time, on the monotonic clock.
import { setImmediate } from 'node:timers/promises';
import type { Turn } from '../engine/ports.ts';

/** `arrived`: performance.now() at arrival. */
export function turnSince(arrived: number): Turn {
  return {
    elapsed: () => performance.now() - arrived,
    yield: () => setImmediate(),
  };
}
