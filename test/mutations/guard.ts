// A guard that keeps something out, how it is taken away, and the tests that must then go red.
// `from` stands exactly once in the file: a guard that moved or changed has to be found again.
export type Guard = {
  /** What is kept out, as docs/guards.md says it. */
  readonly keeps: string;
  /** Below src/. */
  readonly file: string;
  readonly from: string;
  readonly to: string;
  /** Below test/. */
  readonly tests: readonly string[];
};

export const guard = (
  keeps: string,
  file: string,
  from: string,
  to: string,
  ...tests: readonly string[]
): Guard => ({ keeps, file, from, to, tests });
