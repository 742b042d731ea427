// Runs a conformance test of cel-spec on our evaluator. Where it asks for no type check, or where its literals mix
// types, which Kubernetes refuses, each literal is made dyn first.
import { getIn, isArray, isObject, type JsonValue } from '../../src/base/json.ts';
import { activate } from '../../src/cel/activation.ts';
import type { Ast } from '../../src/cel/ast.ts';
import { compile } from '../../src/cel/compile.ts';
import { parse } from '../../src/cel/parse.ts';
import type { CelOutcome, Scope } from '../../src/cel/program.ts';
import type { SpecTest } from '../fixtures/cel/spec.ts';
import { plain } from './plain.ts';

export type Ran =
  | { readonly kind: 'refused'; readonly code: string; readonly message: string }
  | { readonly kind: 'ran'; readonly outcome: CelOutcome; readonly type: string };

const scope: Scope = { params: false, authorizer: false };
const roots = { object: null, oldObject: null, request: {}, namespaceObject: null };

/** `dynamic`: with every literal made dyn. */
export function run(test: SpecTest, dynamic: boolean): Ran {
  const source = dynamic ? withDynamicLiterals(test.expression) : test.expression;
  const names = new Set([...test.types.keys(), ...test.bindings.keys()]);
  const extra = [...names].map((name) => ({
    name,
    type: typeText(test.types.get(name) ?? null, '<', '>'),
  }));
  const compiled = compile(source, { ...scope, extra }, 'any');
  if (!compiled.ok) {
    const [fault] = compiled.error;
    return { kind: 'refused', code: fault?.code ?? '', message: fault?.message ?? '' };
  }
  const values = [...test.bindings].map(([name, value]) => [name, evaluated(literal(value))]);
  const activation = activate({ ...roots, extra: Object.fromEntries(values) }, [], { total: 1e7 });
  return {
    kind: 'ran',
    outcome: compiled.value.evaluate(activation),
    type: compiled.value.type,
  };
}

/** An expression of a value that cel-spec writes. */
function literal(value: JsonValue): string {
  const [kind, of] = only(value);
  switch (kind) {
    case 'int64Value':
    case 'boolValue':
      return String(of);
    case 'uint64Value':
      return `${of}u`;
    case 'doubleValue':
      return Object.is(of, -0) ? '-0.0' : `double("${of}")`;
    case 'stringValue':
      return JSON.stringify(of);
    case 'bytesValue':
      return `b"${Buffer.from(String(of), 'base64').toString('hex').replace(/../g, '\\x$&')}"`;
    case 'listValue':
      return `[${items(of, 'values').map(dynamicLiteral).join(', ')}]`;
    case 'mapValue':
      return `{${items(of, 'entries').map(entryLiteral).join(', ')}}`;
    default:
      return 'null';
  }
}

const dynamicLiteral = (value: JsonValue): string => `dyn(${literal(value)})`;
const entryLiteral = (entry: JsonValue): string =>
  ['key', 'value'].map((part) => dynamicLiteral(getIn(entry, [part]) ?? null)).join(': ');

function evaluated(source: string): unknown {
  const compiled = compile(source, scope, 'any');
  if (!compiled.ok) throw new Error(`${source}: ${compiled.error[0]?.message}`);
  const outcome = compiled.value.evaluate(activate(roots, [], { total: 10_000 }));
  if (outcome.kind !== 'value') throw new Error(source);
  return outcome.value;
}

function only(of: JsonValue | undefined): readonly [string?, JsonValue?] {
  return Object.entries(isObject(of) ? of : {})[0] ?? [];
}

function items(of: JsonValue | undefined, member: string): readonly JsonValue[] {
  const found = getIn(of, [member]);
  return isArray(found) ? found : [];
}

/** Ends in descending order: an insertion never moves what is still to come. */
function withDynamicLiterals(source: string): string {
  const parsed = parse(source);
  if (!parsed.ok) return source;
  return literalsOf(parsed.value)
    .flatMap(({ start, end }, depth) => [
      { at: end, text: ')', depth: -depth },
      { at: start, text: 'dyn(', depth },
    ])
    .sort((a, b) => b.at - a.at || b.depth - a.depth)
    .reduce((text, { at, text: more }) => text.slice(0, at) + more + text.slice(at), source);
}

/** Outer ones before those inside them. */
function literalsOf(ast: Ast): readonly Ast[] {
  const inside = partsOf(ast).flatMap(literalsOf);
  return ['literal', 'list', 'map'].includes(ast.kind) ? [ast, ...inside] : inside;
}

function partsOf(ast: Ast): readonly Ast[] {
  switch (ast.kind) {
    case 'literal':
    case 'name':
      return [];
    case 'select':
      return [ast.operand];
    case 'index':
      return [ast.operand, ast.index];
    case 'call':
      return ast.target === null ? ast.args : [ast.target, ...ast.args];
    case 'list':
      return ast.items;
    case 'map':
      return ast.entries.flatMap(({ key, value }) => [key, value]);
    case 'conditional':
      return [ast.condition, ast.whenTrue, ast.whenFalse];
    case 'and':
    case 'or':
      return ast.terms;
  }
}

/** A wanted value in the form of plain(). */
export function wanted(value: JsonValue): unknown {
  const [kind, of] = only(value);
  return kind === 'typeValue' ? `type ${of}` : plain(evaluated(literal(value)));
}

/** A static type as cel-spec writes it, in our words. */
export function typeText(type: JsonValue, open = '(', close = ')'): string {
  const [kind, of] = only(type);
  const part = (name: string) => typeText(getIn(of, [name]) ?? null, open, close);
  switch (kind) {
    case 'primitive':
      return String(of).toLowerCase().replace('64', '');
    case 'listType':
      return `list${open}${part('elemType')}${close}`;
    case 'mapType':
      return `map${open}${part('keyType')}, ${part('valueType')}${close}`;
    case 'abstractType':
      return `${getIn(of, ['name'])}${open}${items(of, 'parameterTypes')
        .map((each) => typeText(each, open, close))
        .join(', ')}${close}`;
    case 'type':
      return `type${open}${typeText(of ?? null, open, close)}${close}`;
    case 'null':
      return 'null_type';
    default:
      return 'dyn';
  }
}
