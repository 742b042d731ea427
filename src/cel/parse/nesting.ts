// How deep a tree is, as cel-go counts when it walks what it parsed: chains of operators and selections count, too,
// for they lean to the left. Upstream: checkAndIncrementRecursionDepth of parser/parser.go in github.com/google/cel-go.
import type { Ast, Range } from '../ast.ts';
import { maxNesting } from '../limits.ts';

/** The first node found below more than the limit of levels; with a stack of its own, for there may be thousands. */
export function tooDeepAt(root: Ast): Range | undefined {
  const open: (readonly [Ast, number])[] = [[root, 0]];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const [node, above] = next;
    const depth = above + (isLevel(node) ? 1 : 0);
    if (depth > maxNesting) return node;
    for (const part of partsOf(node)) open.push([part, depth]);
  }
  return undefined;
}

/** Negations, calls of functions, lists, maps, `&&` and `||` are no level of their own. */
function isLevel(node: Ast): boolean {
  switch (node.kind) {
    case 'select':
    case 'index':
    case 'conditional':
      return true;
    case 'call':
      return node.target !== null || node.name === '@in' || /^_\W+_$/.test(node.name);
    default:
      return false;
  }
}

function partsOf(node: Ast): readonly Ast[] {
  switch (node.kind) {
    case 'select':
      return [node.operand];
    case 'index':
      return [node.operand, node.index];
    case 'call':
      return node.target === null ? node.args : [node.target, ...node.args];
    case 'list':
      return node.items;
    case 'map':
      return node.entries.flatMap(({ key, value }) => [key, value]);
    case 'conditional':
      return [node.condition, node.whenTrue, node.whenFalse];
    case 'and':
    case 'or':
      return node.terms;
    default:
      return [];
  }
}
