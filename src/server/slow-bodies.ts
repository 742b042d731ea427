// Bodies that come too slowly: their senders are cut off. One timer looks at all that are still coming; a timer for each
// would cost every request what only a slow one is worth.
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Limits } from './limits.ts';

export type SlowBodies = {
  /** The headers have been read. */
  began(sent: IncomingMessage): void;
  /** The body is there. One that is never read to its end need not be told: its connection ends with its answer. */
  ended(sent: IncomingMessage): void;
  /** Whether a body is coming on this connection: what ends it there ends that request too. */
  isComing(on: Duplex): boolean;
  stop(): void;
};

export function watchBodies({ body, check }: Pick<Limits, 'body' | 'check'>): SlowBodies {
  const coming = new Map<IncomingMessage, number>();
  const look = (): void => {
    const latest = performance.now() - body;
    for (const [sent, since] of coming) {
      if (sent.complete || sent.destroyed) coming.delete(sent);
      else if (since <= latest) sent.destroy();
    }
  };
  const timer = setInterval(look, Math.min(body, check)).unref();
  return {
    began: (sent) => void coming.set(sent, performance.now()),
    ended: (sent) => void coming.delete(sent),
    isComing: (on) => coming.keys().some((sent) => sent.socket === on),
    stop: () => clearInterval(timer),
  };
}
