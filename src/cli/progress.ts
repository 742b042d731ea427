// How far a long run is, on a terminal only: one line on standard error that rewrites itself.
import type { Output } from './command.ts';

export type Progress = {
  /** After each file, or so many bytes. */
  step(more?: number): Promise<void>;
  /** Takes the line away, before anything else is printed and at the end. */
  clear(): Promise<void>;
};

/** What the line says, after so much in so many milliseconds. */
export type Said = (done: number, ms: number) => string;

export function filesOf(total: number): Said {
  return (done) => `checked ${done} of ${total} files`;
}

/** Milliseconds: short runs show nothing, and a terminal needs no more than ten lines a second. */
const silentFor = 1000;
const every = 100;

export function createProgress(output: Output, elapsed: () => number, said: Said): Progress {
  const began = elapsed();
  let done = 0;
  let last = began;
  let shown = false;
  return {
    async step(more = 1) {
      done += more;
      const now = elapsed();
      if (!output.isTerminal || now - began < silentFor || now - last < every) return;
      last = now;
      shown = true;
      await output.write(`\r\u001b[K${said(done, now - began)}`);
    },
    async clear() {
      if (shown) await output.write('\r\u001b[K');
      shown = false;
    },
  };
}
