// A library is a table of rows: signature, and what it does. An argument never is an error: those are passed on before.
import { parseSignature, type Signature } from './type.ts';
import type { Value } from './value.ts';

/** What an implementation may ask of the evaluation that calls it. */
export type Call = {
  /** Takes work units; false when there are none left: stop, whatever is returned is thrown away. */
  spend(units: number): boolean;
  /** A compiled regular expression, kept for the next call; an error value when it is not RE2. */
  pattern(source: string): Value;
};

export type Row = readonly [signature: string, implementation: (...args: never[]) => Value];

export type CelFunction = Signature & {
  readonly text: string;
  readonly run: (args: readonly Value[], call: Call) => Value;
};

/** Rows to functions. An implementation takes its arguments, then the Call. */
export function library(rows: readonly Row[]): readonly CelFunction[] {
  return rows.map(([text, implementation]) => ({
    ...parseSignature(text),
    text,
    // The signature is what the arguments were checked against: the one place where that is taken on trust.
    run: (args, call) => (implementation as (...args: unknown[]) => Value)(...args, call),
  }));
}
