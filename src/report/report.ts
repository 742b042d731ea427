// What an output format is: text for each decision as it is made, and text for the end. Nothing is held back, so a
// report of any length needs no memory.
import type { Closing, Entry } from './entry.ts';

export type ReportOptions = {
  readonly color: boolean;
  /** Only denials, and what keeps the run from passing. */
  readonly quiet: boolean;
};

export type Report = {
  begin(): string;
  decision(entry: Entry): string;
  end(closing: Closing): string;
};

export type Format = {
  readonly name: string;
  readonly summary: string;
  create(options: ReportOptions): Report;
};
