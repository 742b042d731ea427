// Text to our tree. The one file that knows @marcbachmann/cel-js: only its parser is used, none of its evaluation.
import { type ASTNode, Environment, ParseError } from '@marcbachmann/cel-js';
import type { Code } from '../base/codes.ts';
import type { Result } from '../base/result.ts';
import { err, ok } from '../base/result.ts';
import type { Ast } from './ast.ts';
import { maxNesting, maxSource } from './limits.ts';
import type { CelFault } from './program.ts';
import { Double, toInt, toUint, type Value } from './value.ts';

const limits = {
  maxAstNodes: 200_000,
  maxDepth: maxNesting,
  maxListElements: 10_000,
  maxMapEntries: 10_000,
  maxCallArguments: 64,
};

/** The tree of an expression, or the one fault that the parser stopped at. */
export function parse(source: string): Result<Ast, CelFault> {
  if (source.length > maxSource) {
    return fault('cel-limit', `the expression has more than ${maxSource} characters`, 0, 0);
  }
  const environment = new Environment({ enableOptionalTypes: true, limits });
  try {
    return convert(environment.parse(source).ast);
  } catch (cause) {
    if (cause instanceof ParseError) return fromParser(cause, source);
    // Left-deep chains of other operators nest without brackets.
    if (cause instanceof RangeError)
      return fault('cel-limit', 'the expression is nested too deep', 0, source.length);
    throw cause;
  }
}

function fromParser(cause: ParseError, source: string): Result<never, CelFault> {
  const { start, end } = cause.range ?? { start: 0, end: source.length };
  const code =
    cause.code.startsWith('limit') || cause.summary.startsWith('Exceeded')
      ? 'cel-limit'
      : 'cel-syntax';
  return fault(code, cause.summary, start, end);
}

function fault(code: Code, message: string, start: number, end: number): Result<never, CelFault> {
  return err({ code, message, start, end });
}

class Unfit extends Error {
  readonly fault: CelFault;
  constructor(node: ASTNode, message: string) {
    super(message);
    this.fault = { code: 'cel-syntax', message, start: node.start, end: node.end };
  }
}

function convert(node: ASTNode): Result<Ast, CelFault> {
  try {
    return ok(tree(node));
  } catch (cause) {
    if (cause instanceof Unfit) return err(cause.fault);
    throw cause;
  }
}

function tree(node: ASTNode): Ast {
  const { start, end } = node;
  switch (node.op) {
    case 'value':
      return { kind: 'literal', value: literal(node, node.args), start, end };
    case 'id':
      return { kind: 'name', name: node.args, start, end };
    case '.':
    case '.?': {
      const [operand, field] = node.args;
      return {
        kind: 'select',
        operand: tree(operand),
        field,
        optional: node.op === '.?',
        start,
        end,
      };
    }
    case '[]':
    case '[?]': {
      const [operand, index] = node.args;
      return {
        kind: 'index',
        operand: tree(operand),
        index: tree(index),
        optional: node.op === '[?]',
        start,
        end,
      };
    }
    case 'call':
      return {
        kind: 'call',
        name: node.args[0],
        target: null,
        args: node.args[1].map(tree),
        start,
        end,
      };
    case 'rcall': {
      const [name, target, args] = node.args;
      return { kind: 'call', name, target: tree(target), args: args.map(tree), start, end };
    }
    case 'list':
      return { kind: 'list', items: node.args.map(tree), start, end };
    case 'map':
      return {
        kind: 'map',
        entries: node.args.map(([k, v]) => [tree(k), tree(v)] as const),
        start,
        end,
      };
    case '?:': {
      const [condition, then, otherwise] = node.args;
      return {
        kind: 'conditional',
        condition: tree(condition),
        whenTrue: tree(then),
        whenFalse: tree(otherwise),
        start,
        end,
      };
    }
    case '&&':
    case '||':
      return {
        kind: node.op === '&&' ? 'and' : 'or',
        terms: chain(node, node.op).map(tree),
        start,
        end,
      };
    case '-_':
      return negation(node, node.args);
    case '!_':
      return { kind: 'call', name: '!_', target: null, args: [tree(node.args)], start, end };
    default:
      return {
        kind: 'call',
        name: operators[node.op],
        target: null,
        args: node.args.map(tree),
        start,
        end,
      };
  }
}

const operators = {
  '+': '_+_',
  '-': '_-_',
  '*': '_*_',
  '/': '_/_',
  '%': '_%_',
  '<': '_<_',
  '<=': '_<=_',
  '>': '_>_',
  '>=': '_>=_',
  '==': '_==_',
  '!=': '_!=_',
  in: '@in',
} as const;

/** The terms of a left-deep chain of one operator, in order, without recursion. */
function chain(node: ASTNode, op: '&&' | '||'): ASTNode[] {
  const terms: ASTNode[] = [];
  let at = node;
  while (at.op === op) {
    terms.push(at.args[1]);
    at = at.args[0];
  }
  terms.push(at);
  return terms.reverse();
}

/** `-9223372036854775808` is one literal: without its sign it would not be an int. */
function negation(node: ASTNode, operand: ASTNode): Ast {
  const { start, end } = node;
  if (operand.op === 'value' && typeof operand.args === 'bigint') {
    return { kind: 'literal', value: int(node, -operand.args), start, end };
  }
  return { kind: 'call', name: '-_', target: null, args: [tree(operand)], start, end };
}

function literal(node: ASTNode, value: unknown): Value {
  if (typeof value === 'bigint') return int(node, value);
  if (typeof value === 'number') return Number.isInteger(value) ? new Double(value) : value;
  if (typeof value === 'object' && value !== null && !(value instanceof Uint8Array)) {
    return uint(node, value);
  }
  return value;
}

function int(node: ASTNode, value: bigint): Value {
  const made = toInt(value);
  if (typeof made === 'object') throw new Unfit(node, 'an int literal is outside 64 bits');
  return made;
}

function uint(node: ASTNode, literal: object): Value {
  const made = toUint(BigInt(String('value' in literal ? literal.value : literal)));
  if (!('value' in made)) throw new Unfit(node, 'a uint literal is outside 64 bits');
  return made;
}
