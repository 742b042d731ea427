// Bodies that come too slowly: their senders are cut off. One timer looks at all that are still coming; a timer for each
// would cost every request what only a slow one is worth. Threat: nine senders who announce much and drip hold all the room
// that bodies have; so who has room is given less time while others wait for it.
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Limits } from './limits.ts';

export type SlowBodies = {
  /** The headers have been read. */
  began(sent: IncomingMessage): void;
  /** There is room for it, and it may come. */
  admitted(sent: IncomingMessage): void;
  /** The body is there. One that is never read to its end need not be told: its connection ends with its answer. */
  ended(sent: IncomingMessage): void;
  /** Whether a body is coming on this connection: what ends it there ends that request too. */
  isComing(on: Duplex): boolean;
  stop(): void;
};

type Times = Pick<Limits, 'body' | 'bodyWaitedFor' | 'check'>;
type Coming = { readonly since: number; readonly hasRoom: boolean };

/** `isFull`: whether others wait for room. */
export function watchBodies(times: Times, isFull: () => boolean): SlowBodies {
  const { body, bodyWaitedFor, check } = times;
  const coming = new Map<IncomingMessage, Coming>();
  const look = (): void => {
    const now = performance.now();
    const withRoom = isFull() ? Math.min(body, bodyWaitedFor) : body;
    for (const [sent, { since, hasRoom }] of coming) {
      const latest = now - (hasRoom ? withRoom : body);
      if (sent.complete || sent.destroyed) coming.delete(sent);
      else if (since <= latest) sent.destroy();
    }
  };
  const timer = setInterval(look, Math.min(body, check, bodyWaitedFor / 3)).unref();
  const note = (sent: IncomingMessage, hasRoom: boolean): void => {
    coming.set(sent, { since: performance.now(), hasRoom });
  };
  return {
    began: (sent) => note(sent, false),
    admitted: (sent) => note(sent, true),
    ended: (sent) => void coming.delete(sent),
    isComing: (on) => coming.keys().some((sent) => sent.socket === on),
    stop: () => clearInterval(timer),
  };
}
