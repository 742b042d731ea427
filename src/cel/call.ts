// Calls that are no macros: operators, functions, and what of them is known at load.
// Upstream: checkCall and planCall of cel-go, and the decorators decOptimize and decorateOptionalOr.
import type { Ast } from './ast.ts';
import { type Builder, faulty } from './builder.ts';
import { equality } from './equality-node.ts';
import { checkFormat } from './format-check.ts';
import { constantNode, Frame, type Node } from './frame.ts';
import { hasFunction } from './library/index.ts';
import { expressionLimit } from './limits.ts';
import { isOneOf } from './membership.ts';
import { callFunction, noMatch, resolve } from './overload.ts';
import { compilePattern } from './pattern.ts';
import { bool, parseSignature, type Type } from './type.ts';
import { CelError, Optional } from './value.ts';

type Call = Extract<Ast, { kind: 'call' }>;

const equals = [parseSignature('_==_(A, A): bool')];

export function buildCall(ast: Call, b: Builder): Node {
  const qualified = qualifiedName(ast);
  const name = qualified ?? ast.name.replace(/^\./, '');
  const member = ast.target !== null && qualified === undefined;
  const inner = ast.name === 'format' ? { ...b, mixed: true } : b;
  const nodes = new Map<Ast, Node>();
  const watched = ast.name === 'format' ? remembering(inner, nodes) : inner;
  const asts = [...(member && ast.target !== null ? [ast.target] : []), ...ast.args];
  const args = asts.map((arg) => watched.build(arg, watched));
  if (name === '_==_' || name === '_!=_') return buildEquality(ast, args, b);
  const node = built(name, member, args, ast, b);
  if (name === 'format') checkFormat(ast, (arg) => nodes.get(arg), b);
  return node;
}

function built(name: string, member: boolean, args: readonly Node[], ast: Call, b: Builder): Node {
  const planned = hasConstantPattern(name, member, args, ast, b);
  if (planned === 'faulty') return callFunction({ name, member, args }, ast, b);
  const node = callFunction({ name, member, args, planned }, ast, b);
  const [first, second] = args;
  if (first === undefined) return node;
  if (conversions.has(name) && !member && second === undefined) return folded(node, first, ast, b);
  if (second === undefined) return node;
  if (name === '@in') return isOneOf(first, second, node, b);
  if (member && (name === 'or' || name === 'orValue'))
    return alternative(name, first, second, node);
  return node;
}

/** Keeps what is compiled from each part. */
function remembering(b: Builder, nodes: Map<Ast, Node>): Builder {
  return {
    ...b,
    build(ast, builder) {
      const node = b.build(ast, builder);
      nodes.set(ast, node);
      return node;
    },
  };
}

/** `sets.contains(…)`: a function with a dot in its name, whatever the first part may also mean. */
function qualifiedName({ name, target }: Call): string | undefined {
  if (target?.kind !== 'name') return undefined;
  const qualified = `${target.name.replace(/^\./, '')}.${name}`;
  return hasFunction(qualified) ? qualified : undefined;
}

function buildEquality(ast: Call, args: readonly Node[], b: Builder): Node {
  const [left, right] = args;
  if (left === undefined || right === undefined) throw new Error('an operator without operands');
  const types: Type[] = [left.type, right.type];
  if (resolve(equals, types, b) === undefined) return noMatch(ast.name, types, false, ast, b);
  return { type: bool, run: equality(left.run, right.run, ast.name === '_==_') };
}

const conversions: ReadonlySet<string> = new Set([
  ...['int', 'uint', 'double', 'string', 'bool', 'bytes', 'timestamp', 'duration', 'type', 'dyn'],
]);

/** A conversion of what is known is done at load, and refused there when it fails. */
function folded(node: Node, arg: Node, ast: Call, b: Builder): Node {
  if (arg.constant === undefined || b.faults.length > 0) return node;
  const value = node.run(constantFrame());
  if (value instanceof CelError) return faulty(b, ast.args[0] ?? ast, 'cel-type', value.message);
  return constantNode(node.type, value);
}

/** A frame for what reads no names. */
function constantFrame(): Frame {
  const message = 'no variables';
  const variable = () => ({ kind: 'error', code: 'cel-unknown', message, cost: 0 }) as const;
  const roots = { object: null, oldObject: null, request: null, namespaceObject: null };
  const budget = { total: expressionLimit };
  const activation = { roots, budget, hides: false, variable };
  return new Frame(activation, expressionLimit, 0, compilePattern);
}

const patterns: ReadonlySet<string> = new Set(['matches', 'find', 'findAll']);

/** A pattern that is known at load is compiled there, and refused there when it is none. */
function hasConstantPattern(
  name: string,
  member: boolean,
  args: readonly Node[],
  ast: Call,
  b: Builder,
): boolean | 'faulty' {
  // As in-tree, whose check of literals looks at the first argument of matches() whichever way it is called.
  const [text] = ast.args;
  if (name === 'matches' && !member && text?.kind === 'literal') {
    const refused = typeof text.value === 'string' ? compilePattern(text.value) : undefined;
    if (refused instanceof CelError) {
      faulty(b, text, 'cel-regex', refused.message);
      return 'faulty';
    }
  }
  const pattern = patterns.has(name) ? args[1]?.constant?.value : undefined;
  if (typeof pattern !== 'string') return false;
  const compiled = compilePattern(pattern);
  if (!(compiled instanceof CelError)) return true;
  faulty(b, ast.args[member ? 0 : 1] ?? ast, 'cel-regex', compiled.message);
  return 'faulty';
}

/** `a.or(b)`, `a.orValue(b)`: the second is evaluated only where it is needed, and the call takes nothing. */
function alternative(name: string, first: Node, second: Node, { type }: Node): Node {
  const noOverload = new CelError('no such overload');
  return {
    type,
    run: (frame) => {
      const value = first.run(frame);
      if (value instanceof CelError) return value;
      if (!(value instanceof Optional)) return noOverload;
      if (value.value === undefined) return second.run(frame);
      return name === 'or' ? value : value.value;
    },
  };
}
