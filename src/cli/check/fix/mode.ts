// What `--fix` can mean; the first is what the bare flag means.

/** `write`: in place; `diff`: to standard output, and nothing is written. */
export type FixMode = (typeof fixModes)[number];
export const fixModes = ['write', 'diff'] as const;
