// What is held of the cluster, with its age: the one sentence for what is too old.
import { count } from '../../base/text.ts';
import type { PortFault } from '../../engine/ports.ts';
import type { Api, ApiFault } from './api.ts';
import type { Clock } from './clock.ts';
import type { LiveReads } from './live-reads.ts';
import type { Reflector } from './reflector.ts';

export type Aged = {
  readonly reflector: Reflector;
  readonly reads: LiveReads;
  readonly api: Api;
  readonly clock: Clock;
  /** Milliseconds. */
  readonly maxAge: number;
};

/** Five minutes. */
export const defaultMaxAge = 300_000;

/** `what`: in the plural. */
export function ageFault(what: string, age: number, maxAge: number, cause: ApiFault): PortFault {
  const [old, limit] = [Math.floor(age / 1000), Math.floor(maxAge / 1000)];
  const message = `what is known of ${what} is ${count(old, 'second')} old, more than the ${limit} that are allowed, and the API server cannot be asked: ${cause.message}`;
  return { code: 'cluster-stale', message };
}

export function momentText(clock: Clock): string {
  return new Date(clock.now().wall).toISOString();
}
