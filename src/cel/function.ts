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

/** Units of one call, as the API server counts them; of the arguments and, where that decides, of the result. */
export type Cost = (args: readonly Value[], result: Value) => number;

type Implementation = (...args: never[]) => Value;
export type Row =
  | readonly [signature: string, implementation: Implementation]
  | readonly [signature: string, since: string, cost: Cost, implementation: Implementation];

/** What a call costs that looks at nothing large. */
export const one: Cost = () => 1;

export type CelFunction = Signature & {
  readonly text: string;
  /** The Kubernetes minor that brought it, `1.27`; `core` for what every CEL has. */
  readonly since: string;
  readonly cost: Cost;
  readonly run: (args: readonly Value[], call: Call) => Value;
};

/** Rows to functions. An implementation takes its arguments, then the Call. */
export function library(rows: readonly Row[]): readonly CelFunction[] {
  return rows.map((row) => {
    const [text, since, cost, implementation] =
      row.length === 2 ? ([row[0], 'core', one, row[1]] as const) : row;
    return {
      ...parseSignature(text),
      text,
      since,
      cost,
      // The signature is what the arguments were checked against: the one place where that is taken on trust.
      run: (args, call) => (implementation as (...args: unknown[]) => Value)(...args, call),
    };
  });
}
