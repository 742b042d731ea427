// What an output format is: text for each decision as it is made, and text for the end. Where the format allows it
// nothing is held back, so a report of any length needs no memory.
import type { Closing, Entry } from './entry.ts';

export type ReportOptions = {
  readonly color: boolean;
  /** Only denials, and what keeps the run from passing. */
  readonly quiet: boolean;
};

/** `E`: a decision with what is reported of it; `C`: what is said at the end. */
export type Report<E = Entry, C = Closing> = {
  begin(): string;
  decision(entry: E): string;
  end(closing: C): string;
};

export type Format<E = Entry, C = Closing> = {
  readonly name: string;
  readonly summary: string;
  create(options: ReportOptions): Report<E, C>;
};
