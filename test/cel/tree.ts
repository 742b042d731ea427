// Trees as compact text, for tables; the same text as the Go program's. And trees as CEL, for properties.
import type { Ast } from '../../src/cel/ast.ts';
import { doubleOf, isInt, Uint, type Value } from '../../src/cel/value.ts';

/** `(_+_ a (. b c))`: names as they are, literals as CEL, methods with their target behind a dot. */
export function treeText(node: Ast): string {
  switch (node.kind) {
    case 'literal':
      return literalText(node.value);
    case 'name':
      return node.name;
    case 'select':
      return `(${node.optional ? '.?' : '.'} ${treeText(node.operand)} ${node.field})`;
    case 'index':
      return `(${node.optional ? '[?]' : '[]'} ${treeText(node.operand)} ${treeText(node.index)})`;
    case 'call':
      return `(${[node.name, ...(node.target ? [`.${treeText(node.target)}`] : []), ...node.args.map(treeText)].join(' ')})`;
    case 'list':
      return `[${node.items.map((item, i) => `${node.optionals.includes(i) ? '?' : ''}${treeText(item)}`).join(' ')}]`;
    case 'map':
      return `{${node.entries.map(({ key, value, optional }) => `${optional ? '?' : ''}${treeText(key)}:${treeText(value)}`).join(' ')}}`;
    case 'conditional':
      return `(_?_:_ ${[node.condition, node.whenTrue, node.whenFalse].map(treeText).join(' ')})`;
    case 'and':
    case 'or':
      return `(${node.kind === 'and' ? '_&&_' : '_||_'} ${node.terms.map(treeText).join(' ')})`;
  }
}

export function literalText(value: Value): string {
  if (typeof value === 'string') return JSON.stringify(value);
  if (value instanceof Uint8Array) return `b[${Buffer.from(value).toString('hex')}]`;
  if (value instanceof Uint) return `${value.value}u`;
  const double = doubleOf(value);
  if (double === undefined || isInt(value)) return String(value);
  return Object.is(double, -0)
    ? '-0.0'
    : Number.isInteger(double) && Math.abs(double) < 1e21
      ? `${double}.0`
      : String(double);
}

const operators: Readonly<Record<string, string>> = {
  '_+_': '+',
  '_-_': '-',
  '_*_': '*',
  '_/_': '/',
  '_%_': '%',
  '_<_': '<',
  '_<=_': '<=',
  '_>_': '>',
  '_>=_': '>=',
  '_==_': '==',
  '_!=_': '!=',
  '@in': ' in ',
  '!_': '!',
  '-_': '-',
};

/** The tree as CEL, every part of an operation in parentheses. */
export function printed(node: Ast): string {
  const inner = (part: Ast) => `(${printed(part)})`;
  const all = (parts: readonly Ast[]) => parts.map(printed).join(', ');
  switch (node.kind) {
    case 'literal':
      return printedLiteral(node.value);
    case 'name':
      return node.name;
    case 'select':
      return `${inner(node.operand)}.${node.optional ? '?' : ''}${printedField(node.field)}`;
    case 'index':
      return `${inner(node.operand)}[${node.optional ? '?' : ''}${printed(node.index)}]`;
    case 'call':
      return printedCall(node, inner, all);
    case 'list':
      return `[${node.items.map((item, i) => `${node.optionals.includes(i) ? '?' : ''}${printed(item)}`).join(', ')}]`;
    case 'map':
      return `{${node.entries.map(({ key, value, optional }) => `${optional ? '?' : ''}${printed(key)}: ${printed(value)}`).join(', ')}}`;
    case 'conditional':
      return [node.condition, '?', node.whenTrue, ':', node.whenFalse]
        .map((part) => (typeof part === 'string' ? part : inner(part)))
        .join(' ');
    case 'and':
    case 'or':
      return node.terms.map(inner).join(node.kind === 'and' ? ' && ' : ' || ');
  }
}

function printedCall(
  { name, target, args }: Extract<Ast, { kind: 'call' }>,
  inner: (part: Ast) => string,
  all: (parts: readonly Ast[]) => string,
): string {
  const operator = operators[name];
  if (target !== null) return `${inner(target)}.${name}(${all(args)})`;
  if (operator === undefined) return `${name}(${all(args)})`;
  const parts = args.map(inner);
  return parts.length === 1 ? `${operator}${parts[0]}` : parts.join(operator);
}

function printedField(field: string): string {
  return /^[A-Za-z_]\w*$/.test(field) && !['in', 'true', 'false', 'null'].includes(field)
    ? field
    : `\`${field}\``;
}

function printedLiteral(value: Value): string {
  if (!(value instanceof Uint8Array)) return literalText(value);
  return `b"${[...value].map((byte) => `\\x${byte.toString(16).padStart(2, '0')}`).join('')}"`;
}

/** The node and all below it. */
export function nodesOf(node: Ast): readonly Ast[] {
  const parts: unknown[] = Object.values(node).flatMap((each) =>
    Array.isArray(each) ? each.flatMap((e) => [e, e?.key, e?.value]) : [each],
  );
  return [node, ...parts.filter(isNode).flatMap(nodesOf)];
}

function isNode(value: unknown): value is Ast {
  return typeof value === 'object' && value !== null && 'kind' in value && 'start' in value;
}
