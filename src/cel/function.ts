// A library is a table of rows: signature, the Kubernetes version that brought it, cost, and what it does.
// An argument never is an error: those are passed on before.
import { parseSignature, type Signature } from './type.ts';
import type { Value } from './value.ts';

/** What an implementation may ask of the evaluation that calls it. */
export type Call = {
  /** A guard, no cost: takes units of work before much of it is done; false: stop, and whatever is returned is thrown away. */
  readonly spend: (units: number) => boolean;
  /** A compiled regular expression, kept for the next call; an error value when it is not RE2. */
  readonly pattern: (source: string) => Value;
};

/** Units of one call, as the API server counts them; of the arguments and, where that decides, of the result. */
export type CostOf = (args: readonly Value[], result: Value) => number;

/** `of`: when the static types single out the overload. `unresolved`: when they leave several, as the API server then
 * knows no more than the name of the function. `words`: for the documentation. */
export type Cost = { readonly words: string; readonly of: CostOf; readonly unresolved: CostOf };

/** `1.28`: the Kubernetes minor whose environment brought it; `core`: every CEL has it. */
export type Since = 'core' | `1.${number}`;

type Implementation = (...args: never[]) => Value;
/** With arguments that the signature takes, and the Call. */
type Checked = (...args: unknown[]) => Value;
export type Row = readonly [
  signature: string,
  since: Since,
  cost: Cost,
  implementation: Implementation,
];

export type CelFunction = Signature & {
  readonly text: string;
  readonly since: Since;
  readonly cost: CostOf;
  readonly unresolvedCost: CostOf;
  readonly costWords: string;
  readonly implementation: Checked;
  /** Whether it takes the Call. */
  readonly asks: boolean;
};

/** Rows to functions. An implementation takes its arguments, then the Call. */
export function library(rows: readonly Row[]): readonly CelFunction[] {
  return rows.map(([text, since, cost, implementation]) => {
    const signature = parseSignature(text);
    return {
      ...signature,
      text,
      since,
      cost: cost.of,
      unresolvedCost: cost.unresolved,
      costWords: cost.words,
      // The signature is what the arguments were checked against: the one place where that is taken on trust.
      implementation: implementation as Checked,
      asks: implementation.length > signature.params.length,
    };
  });
}
