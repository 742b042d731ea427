// What a sender may cost us, in bytes and milliseconds. Fastify's and Node's defaults do not fit the API server:
// connections would be closed under its requests, and large objects refused.
export type Limits = {
  /** 3 MiB object, 3 MiB oldObject, and less than 1 MiB for the rest. */
  readonly bodyBytes: number;
  readonly depth: number;
  /** How long a connection may be without a request, from its first moment. The API server keeps unused ones for 90 s,
   * and a request on one that we close just then fails: its client does not retry on a connection that it never used. */
  readonly idle: number;
  readonly handshake: number;
  /** From the end of the headers to the end of the body. */
  readonly body: number;
  /** From when a body has room to its end, while others wait for room: less than they have the patience for. */
  readonly bodyWaitedFor: number;
  /** How often slow senders are looked for. */
  readonly check: number;
  readonly connections: number;
  /** Requests that are decided at once. They share one thread; more only wait for the disk together. */
  readonly atOnce: number;
  /** Requests that wait for their turn. */
  readonly waiting: number;
  /** Bytes of bodies that are held at once; a body that does not fit is not read before others have gone. */
  readonly bodiesAtOnce: number;
  /** How long the last answers may take when the server stops. */
  readonly lastAnswers: number;
};

export const limits: Limits = {
  bodyBytes: 7 * 1024 * 1024,
  depth: 256,
  idle: 120_000,
  handshake: 10_000,
  body: 30_000,
  bodyWaitedFor: 3_000,
  check: 2_000,
  connections: 4_096,
  atOnce: 128,
  waiting: 1_024,
  bodiesAtOnce: 64 * 1024 * 1024,
  lastAnswers: 10_000,
};
