// What an explanation runs on: the parts of a program, compiled again one by one, and the work that is left.
import type { Ast, Range } from '../ast.ts';
import type { Local } from '../builder.ts';
import { rebuild, type Watched } from '../compile.ts';
import type { Frame, Run } from '../frame.ts';
import type { Activation, Program } from '../program.ts';
import type { Value } from '../value.ts';
import type { Site, Traced } from './traced.ts';

type Part = { readonly run: Run; readonly locals: ReadonlyMap<string, Local> };
export type Parts = Watched & { readonly byAst: ReadonlyMap<Ast, Part> };

/** Ends an explanation that has become too much work: what was found until then stands. */
export class Exhausted extends Error {}

export type Context = {
  readonly parts: Parts;
  readonly frame: Frame;
  readonly activation: Activation;
  /** Shared by the expression and all variables that it leads into. */
  readonly work: { left: number };
  /** The variable whose expression this is. */
  readonly variable: string | null;
  /** Comprehension variables in sight, by slot. */
  readonly bound: ReadonlyMap<number, Traced>;
  readonly variableNamed: (name: string) => Traced | undefined;
  readonly trace: (ast: Ast, context: Context) => Traced;
};

const known = new WeakMap<Program, Parts>();

/** A program's parts, made when it is first explained and kept as long as the program is. */
export function partsOf(program: Program): Parts | undefined {
  const before = known.get(program);
  if (before !== undefined) return before;
  const byAst = new Map<Ast, Part>();
  const watched = rebuild(program, (ast, node, { locals }) => {
    byAst.set(ast, { run: node.run, locals });
    return node;
  });
  if (watched === undefined) return undefined;
  const parts: Parts = { ...watched, byAst };
  known.set(program, parts);
  return parts;
}

/** False for what is no value: the namespace of a function, `variables`. */
export function isPart(ast: Ast, { parts }: Context): boolean {
  return parts.byAst.has(ast);
}

/** Evaluates one part, with the comprehension variables as they are bound here. */
export function run(ast: Ast, context: Context): Value {
  const { parts, frame, bound, work } = context;
  const part = parts.byAst.get(ast);
  if (part === undefined) throw new Exhausted('not a part of this program');
  for (const [slot, { value }] of bound) frame.locals[slot] = value;
  frame.left = work.left;
  const value = part.run(frame);
  work.left = frame.left;
  spend(1, context);
  return value;
}

export function spend(units: number, { work }: Context): void {
  work.left -= units;
  if (work.left < 0) throw new Exhausted('too much work');
}

/** The context inside a macro's body, its variables bound. */
export function inside(
  body: Ast,
  names: readonly (readonly [Ast | undefined, Traced])[],
  context: Context,
): Context {
  const locals = context.parts.byAst.get(body)?.locals;
  const bound = new Map(context.bound);
  for (const [ast, traced] of names) {
    const local = ast?.kind === 'name' ? locals?.get(ast.name) : undefined;
    if (local !== undefined) bound.set(local.slot, traced);
  }
  return { ...context, bound };
}

export function siteOf(range: Range, { activation, variable }: Context): Site {
  return { roots: activation.roots, variable, range };
}
