// Calls whose arguments are all literals and that can only fail: the API server refuses them when the policy is installed.
// Upstream: constant folding and the duration, timestamp and format validators of cel-go.
import type { Ast } from './ast.ts';
import { type Builder, faulty } from './builder.ts';
import type { Frame, Node } from './frame.ts';
import { expressionLimit } from './limits.ts';
import { compilePattern } from './pattern.ts';
import { CelError } from './value.ts';

const conversions: ReadonlySet<string> = new Set([
  ...['int', 'uint', 'double', 'string', 'bool', 'bytes', 'timestamp', 'duration'],
]);

/** A fault for such a call; undefined when there is nothing to say. */
export function checkConstant(
  ast: Extract<Ast, { kind: 'call' }>,
  node: Node,
  builder: Builder,
): Node | undefined {
  const converts = conversions.has(ast.name) && ast.target === null;
  if (!converts && !(ast.name === 'format' && ast.target?.kind === 'literal')) return undefined;
  if (builder.faults.length > 0 || !ast.args.every(isConstant)) return undefined;
  const value = node.run(constantFrame());
  return value instanceof CelError ? faulty(builder, ast, 'cel-type', value.message) : undefined;
}

function isConstant(ast: Ast): boolean {
  return ast.kind === 'literal' || (ast.kind === 'list' && ast.items.every(isConstant));
}

/** A frame for what reads no names. */
function constantFrame(): Frame {
  const nothing = { object: null, oldObject: null, request: null, namespaceObject: null };
  const variable = () => ({ kind: 'error', code: 'cel-unknown', message: 'no variables' }) as const;
  return {
    activation: { roots: nothing, budget: { total: expressionLimit }, variable },
    locals: [],
    left: expressionLimit,
    call: { spend: () => true, pattern: compilePattern },
  };
}
