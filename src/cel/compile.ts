// An expression to a program: parsed, typed, and made into closures once, at load.
import { err, ok } from '../base/result.ts';
import type { Ast } from './ast.ts';
import { build } from './build.ts';
import type { Builder } from './builder.ts';
import { Frame, type Node } from './frame.ts';
import { expressionLimit } from './limits.ts';
import { parse } from './parse.ts';
import { patternCache } from './pattern.ts';
import type { Activation, CelOutcome, Compile, Program, Scope, Wanted } from './program.ts';
import { dyn, showType, type Type } from './type.ts';
import { unifier } from './unify.ts';
import { CelError, Unknown } from './value.ts';

/** The static type of a program's result, for the programs that use it as a variable. */
const typeOf = new WeakMap<Program, Type>();
const scopeOf = new WeakMap<Program, Scope>();

export const compile: Compile = (source, scope, wanted) => {
  const parsed = parse(source);
  if (!parsed.ok) return err([parsed.error]);
  const builder = builderOf(scope);
  const { faults } = builder;
  const node = build(parsed.value, builder);
  for (const check of builder.later) check();
  const type = builder.types.final(node.type);
  if (faults.length === 0 && !accepts(wanted, type)) {
    const message = `must evaluate to ${names[wanted]}, but this is ${showType(type)}`;
    faults.push({ code: 'cel-type', message, start: 0, end: source.length });
  }
  if (faults.length > 0) return err(faults);
  const program = programOf(source, type, node, builder.slots.next);
  typeOf.set(program, type);
  scopeOf.set(program, scope);
  return ok(program);
};

function builderOf(scope: Scope, watch?: Builder['watch']): Builder {
  return {
    scope: { ...scope, types: typesOf(scope) },
    locals: new Map(),
    types: unifier(),
    minor: minorOf(scope),
    mixed: false,
    faults: [],
    later: [],
    slots: { next: 0 },
    build,
    ...(watch === undefined ? {} : { watch }),
  };
}

/** The API server takes new expressions only when the minor before its own would understand them too, so that it can be
 * rolled back (NewExpressions of k8s.io/apiserver/pkg/cel/environment); what is stored it reads with all that it knows.
 * So does a policy without a version: it is taken as stored. */
function minorOf({ kubernetesVersion }: Scope): number | undefined {
  return kubernetesVersion === undefined
    ? undefined
    : Number(kubernetesVersion.replace(/^v?1\./, '')) - 1;
}

/** A program's tree, and what its parts run on. */
export type Watched = {
  readonly ast: Ast;
  readonly scope: Scope;
  readonly frame: (activation: Activation, left: number) => Frame;
};

/** Compiles a program's source again, showing each node to `watch`: only an explanation asks for it. */
export function rebuild(program: Program, watch: Builder['watch']): Watched | undefined {
  const scope = scopeOf.get(program);
  const parsed = parse(program.source);
  if (scope === undefined || !parsed.ok || watch === undefined) return undefined;
  const builder = builderOf(scope, watch);
  build(parsed.value, builder);
  const pattern = patternCache();
  return {
    ast: parsed.value,
    scope,
    frame: (activation, left) => new Frame(activation, left, builder.slots.next, pattern),
  };
}

const names: Readonly<Record<Wanted, string>> = {
  bool: 'bool',
  string: 'string',
  'string-or-null': 'string or null',
  any: 'a value',
};

function accepts(wanted: Wanted, { name }: Type): boolean {
  switch (wanted) {
    case 'bool':
      return name === 'bool';
    case 'string':
      return name === 'string';
    case 'string-or-null':
      return name === 'string' || name === 'null_type';
    case 'any':
      return true;
  }
}

function typesOf({ variables = [] }: Scope): ReadonlyMap<string, Type> {
  return new Map(variables.map(({ name, program }) => [name, typeOf.get(program) ?? dyn]));
}

function programOf(source: string, type: Type, node: Node, slots: number): Program {
  const pattern = patternCache();
  return {
    source,
    type: showType(type),
    evaluate(activation) {
      const { budget } = activation;
      const allowed = Math.min(expressionLimit, budget.total);
      const frame = new Frame(activation, allowed, slots, pattern);
      const value = node.run(frame);
      // What no overflow can turn back: work that was stopped costs no more than all that was allowed, and 1.
      const cost = Math.min(allowed - frame.left, Math.max(allowed, 0) + 1);
      budget.total -= cost;
      return outcomeOf(value, cost, frame.left < 0 || budget.total < 0);
    },
  };
}

/** INVARIANT: an evaluation that ran out of budget has no value, whatever its closures returned. */
function outcomeOf(value: unknown, cost: number, exceeded: boolean): CelOutcome {
  if (exceeded) {
    const message = 'operation cancelled: actual cost limit exceeded';
    return { kind: 'error', code: 'cost-exceeded', message, cost };
  }
  if (value instanceof Unknown) return { kind: 'unknown', paths: value.paths, cost };
  if (!(value instanceof CelError)) return { kind: 'value', value, cost };
  return { kind: 'error', code: value.code, message: value.message, cost };
}
