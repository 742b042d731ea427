// How far a long run is, on a terminal only: one line on standard error that rewrites itself.
import type { Output } from './command.ts';

export type Progress = {
  /** After each file. */
  step(): Promise<void>;
  /** Takes the line away, before anything else is printed and at the end. */
  clear(): Promise<void>;
};

/** Milliseconds: short runs show nothing, and a terminal needs no more than ten lines a second. */
const silentFor = 1000;
const every = 100;

export function createProgress(output: Output, total: number, elapsed: () => number): Progress {
  const began = elapsed();
  let done = 0;
  let last = began;
  let shown = false;
  return {
    async step() {
      done += 1;
      const now = elapsed();
      if (!output.isTerminal || now - began < silentFor || now - last < every) return;
      last = now;
      shown = true;
      await output.write(`\r\u001b[Kchecked ${done} of ${total} files`);
    },
    async clear() {
      if (shown) await output.write('\r\u001b[K');
      shown = false;
    },
  };
}
