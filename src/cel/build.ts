// The tree to closures: one pass that types every node, notes every fault, and makes what runs.
// Upstream: the checker and planner of cel-go, in the environment of k8s.io/apiserver.
import type { Ast } from './ast.ts';
import { type Builder, faulty } from './builder.ts';
import { buildCall } from './call.ts';
import { constantNode, inside, type Node } from './frame.ts';
import { buildList, buildMap } from './literals.ts';
import { and, conditional, or } from './logic.ts';
import { buildMacro } from './macros.ts';
import { buildIndex, buildName, buildSelect } from './names.ts';
import { noMatch } from './overload.ts';
import { bool, showType, ternary, type } from './type.ts';
import { typeName } from './value.ts';

type Of<K extends Ast['kind']> = Extract<Ast, { kind: K }>;

export function build(ast: Ast, b: Builder): Node {
  const node = buildNode(ast, b);
  return b.watch === undefined ? node : b.watch(ast, node, b);
}

function buildNode(ast: Ast, b: Builder): Node {
  switch (ast.kind) {
    case 'literal':
      return constantNode(type(typeName(ast.value)), ast.value);
    case 'name':
      return buildName(ast, b);
    case 'select':
      return buildSelect(ast, b);
    case 'index':
      return buildIndex(ast, b);
    case 'call':
      return buildMacro(ast, b) ?? buildCall(ast, b);
    case 'list':
      return buildList(ast, b);
    case 'map':
      return buildMap(ast, b);
    case 'conditional':
      return buildConditional(ast, b);
    case 'and':
    case 'or':
      return buildLogic(ast, b);
  }
}

function buildConditional(ast: Of<'conditional'>, b: Builder): Node {
  const condition = b.build(ast.condition, b);
  const then = b.build(ast.whenTrue, b);
  const otherwise = b.build(ast.whenFalse, b);
  const types = [condition.type, then.type, otherwise.type];
  const result = b.types.call(ternary, types);
  if (result === undefined) return noMatch(ternary.name, types, false, ast, b);
  const run = conditional(condition.run, inside(then), inside(otherwise));
  return { type: result, run, attribute: 0 };
}

function buildLogic(ast: Of<'and' | 'or'>, b: Builder): Node {
  const terms = ast.terms.map((term) => b.build(term, b));
  for (const [i, { type }] of terms.entries()) {
    const at = ast.terms[i] ?? ast;
    if (!b.types.fits(type, bool)) {
      const found = showType(b.types.final(type));
      return faulty(b, at, 'cel-type', `expected type 'bool' but found '${found}'`);
    }
  }
  const runs = terms.map((term) => term.run);
  return { type: bool, run: ast.kind === 'and' ? and(runs) : or(runs) };
}
