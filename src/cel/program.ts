// The doors of this room: what an expression is compiled against, and what running it gives.
// Upstream: https://github.com/google/cel-spec and k8s.io/apiserver/pkg/cel.
import type { Code } from '../base/codes.ts';
import type { JsonValue } from '../base/json.ts';
import type { Result } from '../base/result.ts';
import type { Authorizer } from './authorizer.ts';

/** A fault found at load; `start` and `end` are UTF-16 offsets into the expression. */
export type CelFault = {
  readonly code: Code;
  readonly message: string;
  readonly start: number;
  readonly end: number;
};

/** What an expression must statically be: a validation is a bool, a messageExpression a string. */
export type Wanted = 'bool' | 'string' | 'string-or-null' | 'any';

/** What every expression of a ValidatingAdmissionPolicy sees. */
export const rootNames = ['object', 'oldObject', 'request', 'namespaceObject'] as const;

/** What names an expression sees. */
export type Scope = {
  /** Those of the root names that are declared; absent: all of them. */
  readonly roots?: readonly (typeof rootNames)[number][];
  readonly params: boolean;
  readonly authorizer: boolean;
  /** `1.37`: what that version refuses in a policy that is written to it is refused; absent: all that is known is fine. */
  readonly kubernetesVersion?: string;
  /** Names beyond those of a ValidatingAdmissionPolicy; `dyn` where there is no type. */
  readonly extra?: readonly { readonly name: string; readonly type?: string }[];
  /** Earlier variables of the same policy, by name; `variables` is undeclared when undefined (matchConditions). */
  readonly variables?: readonly Variable[];
};

export type Variable = { readonly name: string; readonly program: Program };

/** The values of the root names, in which `withUnknown` may have hidden something. Absent `params` means undeclared,
 * null means that there are none. */
export type Roots = {
  readonly object: JsonValue;
  readonly oldObject: JsonValue;
  readonly request: JsonValue;
  readonly namespaceObject: JsonValue;
  readonly params?: JsonValue;
  /** Absent: whatever depends on it is unknown. */
  readonly authorizer?: Authorizer;
  readonly extra?: Readonly<Record<string, unknown>>;
};

/** Work units left; shared by the expressions of one policy and binding. Running takes from `total`. */
export type Budget = { total: number };

/** One evaluation of a policy: roots, lazily evaluated variables (each at most once) and the budget. */
export type Activation = {
  readonly roots: Roots;
  readonly budget: Budget;
  /** Whether lists and maps of the roots may hold what is not known. */
  readonly hides: boolean;
  readonly variable: (name: string) => CelOutcome;
};

/** `message` of an error is the API server's text without its `expression '…' resulted in error: ` prefix. */
export type CelOutcome = (
  | { readonly kind: 'value'; readonly value: unknown }
  | { readonly kind: 'error'; readonly code: Code; readonly message: string }
  /** It hangs on what was redacted or not recorded: the paths that were read. */
  | { readonly kind: 'unknown'; readonly paths: readonly string[] }
) & {
  /** In the API server's units, without that of the variables that were read. */
  readonly cost: number;
};

export type Program = {
  /** The expression as written. */
  readonly source: string;
  /** What it statically is, as the API server writes types: `list(int)`. */
  readonly type: string;
  /** Runs it; never throws, and never past its own limit or `activation.budget`. */
  evaluate(activation: Activation): CelOutcome;
};

export type Compile = (
  source: string,
  scope: Scope,
  wanted: Wanted,
) => Result<Program, readonly CelFault[]>;
