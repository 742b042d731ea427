// What an operator works on: a name, a call, a literal, a list, a map or parentheses, with its selections behind it.
// Upstream: the rules member and primary of parser/gen/CEL.g4 in github.com/google/cel-go.
import type { Ast, MapEntry } from '../ast.ts';
import type { Value } from '../value.ts';
import { readBytes, readDouble, readInt, readString, readUint } from './literal.ts';
import type { Reader } from './reader.ts';
import { refusal, type Token } from './token.ts';

type Expression = (reader: Reader) => Ast;

export function member(reader: Reader, expression: Expression): Ast {
  const { start } = reader.peek();
  let node = primary(reader, expression);
  for (;;) {
    if (reader.takes('.')) node = selection(reader, expression, node, start);
    else if (reader.takes('[')) {
      const optional = reader.takes('?');
      const index = expression(reader);
      reader.expect(']');
      node = { kind: 'index', operand: node, index, optional, start, end: reader.end };
    } else return node;
  }
}

function selection(reader: Reader, expression: Expression, operand: Ast, start: number): Ast {
  const optional = reader.takes('?');
  const { start: at } = reader.peek();
  const name = reader.takeKind('identifier');
  if (name !== undefined && !optional && reader.takes('(')) {
    const args = rest(reader, ')', expression);
    return { kind: 'call', name: name.text, target: operand, args, at, start, end: reader.end };
  }
  const field = name?.text ?? reader.takeKind('quoted')?.text.slice(1, -1);
  if (field === undefined) throw reader.unexpected('a field name', asIndex(reader.peek()));
  return { kind: 'select', operand, field, optional, at, start, end: reader.end };
}

/** `in`, `true`, `false` and `null` are no names, not even of a field. */
function asIndex({ kind, text }: Token): string {
  return kind === 'symbol' && /^[a-z]/.test(text) ? `; write ["${text}"]` : '';
}

/** What is left of a list of arguments behind its opening parenthesis. */
function rest(reader: Reader, close: string, expression: Expression): Ast[] {
  const items: Ast[] = [];
  if (reader.takes(close)) return items;
  do items.push(expression(reader));
  while (reader.takes(','));
  reader.expect(close, `',' or '${close}'`);
  return items;
}

function primary(reader: Reader, expression: Expression): Ast {
  const first = reader.peek();
  if (reader.takes('(')) {
    const inner = expression(reader);
    reader.expect(')');
    return inner;
  }
  if (reader.takes('[')) return list(reader, expression, first);
  if (reader.takes('{')) return map(reader, expression, first);
  if (first.kind === 'identifier' || reader.isNext('.')) return named(reader, expression);
  return literal(reader);
}

/** Names that no variable and no function may have, and a field may. Upstream: reservedIds. */
const reserved: ReadonlySet<string> = new Set(
  'as break const continue else for function if import let loop package namespace return var void while'.split(
    ' ',
  ),
);

function named(reader: Reader, expression: Expression): Ast {
  const { start } = reader.peek();
  const dot = reader.takes('.') ? '.' : '';
  const token = reader.takeKind('identifier');
  if (token === undefined) throw reader.unexpected('a name');
  if (isMessage(reader)) return message(reader, expression, start, `${dot}${token.text}`);
  if (reserved.has(token.text)) {
    throw refusal(token, `'${token.text}' is a reserved word: only a field may have this name`);
  }
  const name = `${dot}${token.text}`;
  if (!reader.takes('(')) return { kind: 'name', name, start, end: reader.end };
  const args = rest(reader, ')', expression);
  return { kind: 'call', name, target: null, args, at: start, start, end: reader.end };
}

/** A brace behind a name and its selections: `a.b.C{`. */
function isMessage(reader: Reader): boolean {
  let ahead = 0;
  while (reader.isNext('.', ahead) && reader.peek(ahead + 1).kind === 'identifier') ahead += 2;
  return reader.isNext('{', ahead);
}

/** The grammar has messages, and this environment has no types for them: the fault is told when nothing else is wrong. */
function message(reader: Reader, expression: Expression, start: number, first: string): Ast {
  let name = first;
  while (reader.takes('.')) name += `.${reader.take().text}`;
  const end = reader.end;
  reader.expect('{');
  items(reader, '}', () => {
    reader.takes('?');
    if (!reader.takeKind('identifier') && !reader.takeKind('quoted')) {
      throw reader.unexpected("a field name or '}'");
    }
    reader.expect(':');
    expression(reader);
  });
  const fault = `there is no message type '${name}' to construct; write a map: {"field": value}`;
  reader.refuseLater({ code: 'cel-unknown', message: fault, start, end });
  return { kind: 'literal', value: null, start, end: reader.end };
}

/** Items and an optional last comma, which may also stand alone: `[,]` is an empty list. */
function items(reader: Reader, close: string, read: () => void): void {
  while (!reader.isNext(close) && !reader.isNext(',')) {
    read();
    if (!reader.isNext(',') || reader.isNext(close, 1)) break;
    reader.take();
    if (reader.isNext(',')) throw reader.unexpected('an expression');
  }
  const comma = reader.takes(',');
  reader.expect(close, comma ? `'${close}'` : `',' or '${close}'`);
}

function list(reader: Reader, expression: Expression, { start }: Token): Ast {
  const found: Ast[] = [];
  const optionals: number[] = [];
  items(reader, ']', () => {
    if (reader.takes('?')) optionals.push(found.length);
    found.push(expression(reader));
  });
  return { kind: 'list', items: found, optionals, start, end: reader.end };
}

function map(reader: Reader, expression: Expression, { start }: Token): Ast {
  const entries: MapEntry[] = [];
  items(reader, '}', () => {
    const optional = reader.takes('?');
    const key = expression(reader);
    reader.expect(':');
    entries.push({ key, value: expression(reader), optional });
  });
  return { kind: 'map', entries, start, end: reader.end };
}

const constants: Readonly<Record<string, Value>> = { true: true, false: false, null: null };

function literal(reader: Reader): Ast {
  const { start } = reader.peek();
  const value = literalValue(reader);
  return { kind: 'literal', value, start, end: reader.end };
}

function literalValue(reader: Reader): Value {
  const negative = reader.isNext('-') && /^(int|double)$/.test(reader.peek(1).kind);
  if (negative) reader.take();
  const token = reader.peek();
  switch (token.kind) {
    case 'int':
      return readInt(reader.take(), negative);
    case 'double':
      return readDouble(reader.take(), negative);
    case 'uint':
      return readUint(reader.take());
    case 'string':
      return readString(reader.take());
    case 'bytes':
      return readBytes(reader.take());
    case 'quoted':
      throw reader.unexpected(
        'an expression',
        '; only a field, behind a dot, may be in backquotes',
      );
    default:
      if (!Object.hasOwn(constants, token.text))
        throw reader.unexpected('an expression', inside(token));
      return constants[reader.take().text];
  }
}

function inside({ kind, text }: Token): string {
  return kind === 'symbol' && (text === '-' || text === '!')
    ? '; put what it negates in parentheses'
    : '';
}
