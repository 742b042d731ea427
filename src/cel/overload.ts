// Which overloads of a function fit the static types of its arguments, in the Kubernetes version that is asked for.
// Upstream: resolveOverload in cel-go's checker.
import type { Range } from './ast.ts';
import { type Builder, faulty, knows, tooNew } from './builder.ts';
import { dispatch } from './dispatch.ts';
import type { Node } from './frame.ts';
import type { CelFunction } from './function.ts';
import { functionsNamed } from './library/index.ts';
import { dyn, type Signature, showType, type Type } from './type.ts';
import { sameType } from './unify.ts';

export type Resolved<S> = { readonly type: Type; readonly fitting: readonly S[] };

/** Those that fit, and the type of the result: dyn when they do not agree on it. */
export function resolve<S extends Signature>(
  signatures: readonly S[],
  types: readonly Type[],
  b: Builder,
): Resolved<S> | undefined {
  let result: Type | undefined;
  const fitting: S[] = [];
  for (const signature of signatures) {
    const type = b.types.call(signature, types);
    if (type === undefined) continue;
    fitting.push(signature);
    result = result === undefined || sameType(result, type) ? type : dyn;
  }
  return result === undefined ? undefined : { type: result, fitting };
}

/** A function with arguments that are compiled, the receiver first. */
export type Called = {
  readonly name: string;
  readonly member: boolean;
  readonly args: readonly Node[];
  /** Its pattern is known at load: such a call is planned in another way. */
  readonly planned?: boolean;
};

export function callFunction(called: Called, at: Range, b: Builder): Node {
  const { name, member, args, planned = false } = called;
  const all = functionsNamed(name);
  const named = all.filter((f) => f.member === member && knows(b, f.since));
  const types = args.map((arg) => arg.type);
  const resolved = resolve(named, types, b);
  if (resolved === undefined) return tooLate(called, all, at, b) ?? unresolved(called, all, at, b);
  const { type, fitting } = resolved;
  const early = planned || stopsEarly(name, args.length, fitting.length > 1 && all.length > 1);
  const runs = args.map((arg) => arg.run);
  const run = dispatch({
    name,
    runs,
    fitting,
    all: isOperator(name) ? all : fitting,
    early,
    planned,
  });
  return { type: b.types.resolve(type), run };
}

/** Has one implementation for all types, which looks at the values only. */
function isOperator(name: string): boolean {
  return /^[@_!-]/.test(name) || name === 'size';
}

/** Functions of cel-go that take any number of arguments, and those that are chosen at run time, evaluate them in order
 * and stop at the first error; operators and functions of one or two arguments evaluate all. */
function stopsEarly(name: string, count: number, open: boolean): boolean {
  return count > 2 || name === 'format' || (open && !isOperator(name));
}

/** A fault when a later version has what would fit. */
function tooLate(
  { name, member, args }: Called,
  all: readonly CelFunction[],
  at: Range,
  b: Builder,
): Node | undefined {
  const types = args.map((arg) => arg.type);
  const later = all.filter((f) => f.member === member && !knows(b, f.since));
  const first = resolve(later, types, b)?.fitting[0] ?? (later.length === all.length && later[0]);
  return first ? tooNew(b, at, `${name}()`, first.since) : undefined;
}

function unresolved(
  { name, member, args }: Called,
  all: readonly CelFunction[],
  at: Range,
  b: Builder,
): Node {
  const types = args.map((arg) => arg.type);
  if (all.length > 0) return noMatch(name, types, member, at, b);
  const message = `undeclared reference to '${name}' (in container '')`;
  return faulty(b, at, 'cel-unknown', message);
}

export function noMatch(
  name: string,
  types: readonly Type[],
  member: boolean,
  at: Range,
  b: Builder,
): Node {
  const shown = types.map((type) => showType(b.types.final(type)));
  const applied = member ? `${shown[0]}.(${shown.slice(1).join(', ')})` : `(${shown.join(', ')})`;
  const message = `found no matching overload for '${name}' applied to '${applied}'`;
  return faulty(b, at, 'cel-type', message);
}
