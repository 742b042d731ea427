// The rules from an expression down to a unary operator, each a function. The order of the rules is the order of
// precedence. Upstream: parser/gen/CEL.g4 in github.com/google/cel-go.
import type { Ast } from '../ast.ts';
import { member } from './member.ts';
import type { Reader, Rule } from './reader.ts';
import type { Token } from './token.ts';

/** `or`, or a conditional. Only the last part may be a conditional again without parentheses. */
export function expression(reader: Reader): Ast {
  return reader.nested('expression', () => {
    const { start } = reader.peek();
    const condition = chain(reader, 'or');
    if (!reader.takes('?')) return condition;
    const whenTrue = chain(reader, 'or');
    if (!reader.takes(':')) throw reader.unexpected("':'", inParentheses(reader));
    const whenFalse = expression(reader);
    return { kind: 'conditional', condition, whenTrue, whenFalse, start, end: reader.end };
  });
}

function inParentheses(reader: Reader): string {
  return reader.isNext('?') ? '; put the inner conditional in parentheses' : '';
}

/** Without recursion from term to term: chains of thousands are common in generated policies. */
function chain(reader: Reader, kind: 'or' | 'and'): Ast {
  const term = () => (kind === 'or' ? chain(reader, 'and') : relation(reader));
  const symbol = kind === 'or' ? '||' : '&&';
  const { start } = reader.peek();
  const first = term();
  if (!reader.isNext(symbol)) return first;
  const terms = [first];
  while (reader.takes(symbol)) terms.push(term());
  return { kind, terms, start, end: reader.end };
}

type Operators = ReadonlyMap<string, string>;

const relations: Operators = new Map([
  ['<', '_<_'],
  ['<=', '_<=_'],
  ['>', '_>_'],
  ['>=', '_>=_'],
  ['==', '_==_'],
  ['!=', '_!=_'],
  ['in', '@in'],
]);
const sums: Operators = new Map([
  ['+', '_+_'],
  ['-', '_-_'],
]);
const products: Operators = new Map([
  ['*', '_*_'],
  ['/', '_/_'],
  ['%', '_%_'],
]);

/** `operands`: how the first one and those behind an operator are read. */
function binary(
  reader: Reader,
  operators: Operators,
  operands: readonly [() => Ast, () => Ast],
): Ast {
  const { start } = reader.peek();
  let left = operands[0]();
  for (let name = operatorAt(reader, operators); name !== undefined; ) {
    const at = reader.take().start;
    const args = [left, operands[1]()];
    left = { kind: 'call', name, target: null, args, at, start, end: reader.end };
    name = operatorAt(reader, operators);
  }
  return left;
}

function operatorAt(reader: Reader, operators: Operators): string | undefined {
  const { kind, text } = reader.peek();
  return kind === 'symbol' ? operators.get(text) : undefined;
}

/** INVARIANT: rules open here as in cel-go, where an operand behind an operator is a rule within its rule. */
function relation(reader: Reader): Ast {
  const open = (rule: Rule, read: () => Ast) => () => reader.nested(rule, read);
  const product = () => binary(reader, products, [() => unary(reader), factor]);
  const factor = open('calculation', () => unary(reader));
  const sum = open('calculation', () =>
    binary(reader, sums, [product, open('calculation', product)]),
  );
  return open('relation', () => binary(reader, relations, [sum, open('relation', sum)]))();
}

function unary(reader: Reader): Ast {
  const first = reader.peek();
  const signs = count(reader, '!') || count(reader, '-', isNegative(reader));
  const operand = member(reader, expression);
  if (signs % 2 === 0) return operand;
  return negated(first, operand, reader.end);
}

/** The minus of `-1` belongs to the literal; that of `--1` and `-(1)` does not. */
function isNegative(reader: Reader): boolean {
  const { kind } = reader.peek(1);
  return reader.isNext('-') && (kind === 'int' || kind === 'double');
}

function count(reader: Reader, symbol: string, skip = false): number {
  let found = 0;
  while (!skip && reader.takes(symbol)) found++;
  return found;
}

function negated({ text, start }: Token, operand: Ast, end: number): Ast {
  const name = text === '!' ? '!_' : '-_';
  return { kind: 'call', name, target: null, args: [operand], at: start, start, end };
}
