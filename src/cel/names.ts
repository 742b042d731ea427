// Names and what is read from them: their declared types, and a fault for every name and field that is not declared.
// Upstream: checkIdent, checkSelect and the overloads of _[_] in cel-go's checker.
import {
  held,
  index,
  indexOptional,
  presence,
  refusedKey,
  select,
  selectOptional,
} from './access.ts';
import type { Ast } from './ast.ts';
import { type Builder, faulty, knows, type Local, tooNew } from './builder.ts';
import { declared, fieldType } from './declarations.ts';
import type { Node, Run } from './frame.ts';
import { noMatch, resolve } from './overload.ts';
import { bool, dyn, optionalOf, parseSignature, showType, type Type } from './type.ts';
import { CelError, Optional, Unknown } from './value.ts';

type Of<K extends Ast['kind']> = Extract<Ast, { kind: K }>;

const optionalSyntax = '1.28';

export function buildName(ast: Of<'name'>, b: Builder): Node {
  const atRoot = ast.name.startsWith('.');
  const name = atRoot ? ast.name.slice(1) : ast.name;
  const local = atRoot ? undefined : b.locals.get(name);
  if (local !== undefined) return { type: local.type, run: runLocal(local), attribute: 1 };
  const root = declared(name, b.scope);
  if (root !== undefined) return root;
  return faulty(b, ast, 'cel-unknown', `undeclared reference to '${name}' (in container '')`);
}

function runLocal({ slot, unpaid }: Local): Run {
  if (unpaid === undefined) {
    return (frame) => {
      frame.left--;
      return frame.locals[slot];
    };
  }
  return (frame) => {
    const owed = frame.locals[unpaid];
    frame.left--;
    if (typeof owed === 'number') {
      frame.left -= owed;
      frame.once += owed;
      frame.locals[unpaid] = undefined;
    }
    return frame.locals[slot];
  };
}

export function buildSelect(ast: Of<'select'>, b: Builder): Node {
  if (ast.optional && !knows(b, optionalSyntax)) return tooNew(b, ast, 'a.?b', optionalSyntax);
  const name = ast.optional ? undefined : dotted(ast);
  const qualified = name === undefined ? undefined : declared(name, b.scope);
  if (qualified !== undefined) return qualified;
  const variable = readVariable(ast, b);
  if (variable !== undefined) return variable;
  const operand = b.build(ast.operand, b);
  const type = selectedType(ast, operand.type, b);
  if ('run' in type) return type;
  const attribute = operand.attribute ?? 1;
  if (ast.optional) return { type, run: selectOptional(operand, ast.field), attribute };
  return { type, ...select(operand, ast.field), attribute };
}

/** has(a.b), of the selection that it holds. */
export function buildPresence(ast: Of<'select'>, b: Builder): Node {
  const variable = readVariable(ast, b);
  if (variable !== undefined) return { type: bool, run: isThere(variable.run), attribute: 0 };
  const operand = b.build(ast.operand, b);
  const type = selectedType(ast, operand.type, b);
  if ('run' in type) return type;
  const attribute = operand.attribute === undefined || operand.attribute === 1 ? 0 : -1;
  return { type: bool, run: presence(operand, ast.field), attribute };
}

/** A variable that is declared is there, unless it failed. */
function isThere(run: Run): Run {
  return (frame) => {
    frame.left++;
    const value = run(frame);
    return value instanceof CelError ? value : true;
  };
}

/** `net.IP`: a name with dots in it. */
function dotted(ast: Ast): string | undefined {
  if (ast.kind === 'name') return ast.name.replace(/^\./, '');
  if (ast.kind !== 'select' || ast.optional) return undefined;
  const before = dotted(ast.operand);
  return before === undefined ? undefined : `${before}.${ast.field}`;
}

/** The type of the field; a node when there is no such field. */
function selectedType(ast: Of<'select'>, of: Type, b: Builder): Type | Node {
  const known = b.types.resolve(of);
  const isOptional = known.name === 'optional_type';
  const from = isOptional ? (known.args[0] ?? dyn) : known;
  const field = b.types.fits(dyn, from) ? fieldOf(from, ast.field) : undefined;
  if (field === undefined) {
    return faulty(b, ast, 'cel-unknown', `undefined field '${ast.field}'`);
  }
  if (field === null) {
    const message = `type '${showType(b.types.final(from))}' does not support field selection`;
    return faulty(b, ast, 'cel-type', message);
  }
  return isOptional || ast.optional ? optionalOf(field) : field;
}

/** undefined: a struct that has no such field; null: a type that has no fields. */
function fieldOf(from: Type, field: string): Type | undefined | null {
  if (from.name === 'dyn' || from.name.startsWith('_')) return dyn;
  if (from.name === 'map') return from.args[1] ?? dyn;
  return fieldType(from, field);
}

function readVariable({ operand, field, optional, ...at }: Of<'select'>, b: Builder) {
  const isVariables =
    operand.kind === 'name' &&
    b.scope.variables !== undefined &&
    (operand.name === '.variables' || (operand.name === 'variables' && !b.locals.has('variables')));
  if (!isVariables) return undefined;
  const type = b.scope.types.get(field);
  if (type === undefined) return faulty(b, at, 'cel-unknown', `undefined field '${field}'`);
  const run = variable(field);
  if (!optional) return { type, run, attribute: 1 } as const;
  return { type: optionalOf(type), run: asOptional(run), attribute: 1 } as const;
}

function asOptional(run: Run): Run {
  return (frame) => {
    const value = run(frame);
    if (!(value instanceof CelError)) return new Optional(value);
    frame.left++;
    return value;
  };
}

function variable(name: string): Run {
  return (frame) => {
    frame.left -= 2;
    const outcome = frame.activation.variable(name);
    switch (outcome.kind) {
      case 'value':
        return held(outcome.value);
      case 'unknown':
        return new Unknown(outcome.paths);
      case 'error':
        return new CelError(outcome.message, outcome.code);
    }
  };
}

const indexing = [
  '_[_](list<A>, int): A',
  '_[_](map<A, B>, A): B',
  '_[_](optional_type<list<A>>, int): optional_type<A>',
  '_[_](optional_type<map<A, B>>, A): optional_type<B>',
].map(parseSignature);
const optionalIndexing = indexing.map((each) => ({
  ...each,
  result: each.result.name === 'optional_type' ? each.result : optionalOf(each.result),
}));

export function buildIndex(ast: Of<'index'>, b: Builder): Node {
  if (ast.optional && !knows(b, optionalSyntax)) return tooNew(b, ast, 'a[?b]', optionalSyntax);
  const operand = b.build(ast.operand, b);
  const at = b.build(ast.index, b);
  const types = [operand.type, at.type];
  const resolved = resolve(ast.optional ? optionalIndexing : indexing, types, b);
  if (resolved === undefined) return noMatch(ast.optional ? '_[?_]' : '_[_]', types, false, ast, b);
  const refused = at.constant === undefined ? undefined : refusedKey(at.constant.value);
  if (refused !== undefined) return faulty(b, ast.index, 'cel-type', refused.message);
  const run = ast.optional ? indexOptional(operand, at) : index(operand, at);
  return { type: resolved.type, run, attribute: operand.attribute ?? 1 };
}
