// What compiling one expression shares: its scope, the comprehension variables in sight, and the faults found so far.
import type { Code } from '../base/codes.ts';
import type { Ast, Range } from './ast.ts';
import type { Node } from './frame.ts';
import type { Since } from './function.ts';
import type { CelFault, Scope } from './program.ts';
import { dyn, type Type } from './type.ts';
import type { Unifier } from './unify.ts';
import { CelError } from './value.ts';

/** `unpaid`: the slot of what the first reading of the variable takes. */
export type Local = { readonly slot: number; readonly type: Type; readonly unpaid?: number };

export type Builder = {
  readonly scope: Scope & { readonly types: ReadonlyMap<string, Type> };
  readonly locals: ReadonlyMap<string, Local>;
  readonly types: Unifier;
  /** The newest minor whose language is understood; undefined: all that is known. */
  readonly minor: number | undefined;
  /** Inside a call of format(): literals may hold values of several types. */
  readonly mixed: boolean;
  readonly faults: CelFault[];
  /** Checks that need the types as they are in the end. */
  readonly later: (() => void)[];
  readonly slots: { next: number };
  /** Sees every compiled node, and may wrap it: how an explanation follows an evaluation. */
  readonly watch?: (ast: Ast, node: Node, builder: Builder) => Node;
  /** Compiles a node; after a fault it gives a node of type dyn, so that the rest is checked too. */
  readonly build: (ast: Ast, builder: Builder) => Node;
};

/** Notes a fault; the node stands in for what could not be compiled and is never run. */
export function faulty(builder: Builder, at: Range, code: Code, message: string): Node {
  builder.faults.push({ code, message, start: at.start, end: at.end });
  return { type: dyn, run: () => new CelError(message, code) };
}

/** A builder that also sees the named variables, in new slots. */
export function withLocals(
  builder: Builder,
  names: readonly (readonly [string, Type])[],
): { readonly inner: Builder; readonly slots: readonly number[] } {
  const locals = new Map(builder.locals);
  const slots = names.map(([name, type]) => {
    const slot = builder.slots.next++;
    locals.set(name, { slot, type });
    return slot;
  });
  return { inner: { ...builder, locals }, slots };
}

/** Whether the Kubernetes version that expressions are for has what came with `since`. */
export function knows({ minor }: Builder, since: Since): boolean {
  return minor === undefined || since === 'core' || Number(since.slice(2)) <= minor;
}

/** A fault for what came later than the version that expressions are for. */
export function tooNew(builder: Builder, at: Range, what: string, since: Since): Node {
  const { kubernetesVersion } = builder.scope;
  const message = `${what} came with Kubernetes ${since}: a policy for ${kubernetesVersion} may use only what 1.${builder.minor} knows`;
  return faulty(builder, at, 'cel-unknown', message);
}
