// The tree to closures: one pass that types every node, notes every fault, and makes what runs.
// Upstream: the checker and planner of cel-go, in the environment of k8s.io/apiserver.
import { index, indexOptional, itemType, select, selectOptional } from './access.ts';
import type { Ast } from './ast.ts';
import { type Builder, faulty } from './builder.ts';
import { checkConstant } from './constant.ts';
import { declared, fieldType } from './declarations.ts';
import { equal } from './equality.ts';
import type { Node } from './frame.ts';
import { hasFunction } from './library/index.ts';
import { and, conditional, listOfRuns, mapOfRuns, or } from './logic.ts';
import { buildMacro } from './macros.ts';
import { buildCall } from './overload.ts';
import { checkPattern } from './pattern.ts';
import {
  bool,
  dyn,
  fits,
  join,
  listOf,
  mapOf,
  optionalOf,
  showType,
  type Type,
  type,
} from './type.ts';
import { CelError, typeName } from './value.ts';

type Of<K extends Ast['kind']> = Extract<Ast, { kind: K }>;

export function build(ast: Ast, b: Builder): Node {
  const node = buildNode(ast, b);
  return b.watch === undefined ? node : b.watch(ast, node, b);
}

function buildNode(ast: Ast, b: Builder): Node {
  switch (ast.kind) {
    case 'literal': {
      const { value } = ast;
      return { type: type(typeName(value)), run: () => value };
    }
    case 'name':
      return buildName(ast, b);
    case 'select':
      return buildSelect(ast, b);
    case 'index':
      return buildIndex(ast, b);
    case 'call':
      return buildMacro(ast, b) ?? buildPlainCall(ast, b);
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

function buildName(ast: Of<'name'>, b: Builder): Node {
  const local = b.locals.get(ast.name);
  if (local !== undefined) {
    const { slot, type } = local;
    return {
      type,
      run: (frame) => {
        frame.left--;
        return frame.locals[slot];
      },
    };
  }
  const root = declared(ast.name, b.scope);
  if (root !== undefined) return root;
  if (ast.name === 'variables' && b.scope.variables !== undefined) {
    return faulty(
      b,
      ast,
      'cel-unknown',
      '`variables` can only be used with a name: variables.NAME',
    );
  }
  return undeclared(ast, ast.name, b);
}

function undeclared(ast: Ast, name: string, b: Builder): Node {
  return faulty(b, ast, 'cel-unknown', `undeclared reference to '${name}' (in container '')`);
}

function buildSelect(ast: Of<'select'>, b: Builder): Node {
  if (isVariables(ast.operand, b)) return buildVariable(ast, b);
  const operand = b.build(ast.operand, b);
  const field = fieldType(operand.type, ast.field);
  if (field === undefined) return faulty(b, ast, 'cel-unknown', `undefined field '${ast.field}'`);
  const item = field ?? itemType(operand.type, true);
  if (item === undefined) {
    return faulty(
      b,
      ast,
      'cel-type',
      `type '${showType(operand.type)}' does not support field selection`,
    );
  }
  if (!ast.optional) return { type: item, run: select(operand.run, ast.field) };
  const inner = operand.type.name === 'optional_type' ? item : optionalOf(item);
  return { type: inner, run: selectOptional(operand.run, ast.field) };
}

function isVariables(ast: Ast, b: Builder): boolean {
  return (
    ast.kind === 'name' &&
    ast.name === 'variables' &&
    b.scope.variables !== undefined &&
    !b.locals.has('variables')
  );
}

function buildVariable(ast: Of<'select'>, b: Builder): Node {
  const { field } = ast;
  const type = b.scope.types.get(field);
  if (type === undefined || ast.optional) {
    return faulty(b, ast, 'cel-unknown', `undefined field '${field}'`);
  }
  const run: Node['run'] = (frame) => {
    frame.left--;
    const outcome = frame.activation.variable(field);
    return outcome.kind === 'value' ? outcome.value : new CelError(outcome.message, outcome.code);
  };
  return { type, run };
}

function buildIndex(ast: Of<'index'>, b: Builder): Node {
  const operand = b.build(ast.operand, b);
  const at = b.build(ast.index, b);
  const collection =
    operand.type.name === 'optional_type' ? (operand.type.args[0] ?? dyn) : operand.type;
  const item = itemType(operand.type, false);
  const key =
    collection.name === 'map'
      ? (collection.args[0] ?? dyn)
      : collection.name === 'list'
        ? type('int')
        : dyn;
  if (item === undefined || !fits(key, at.type, new Map())) {
    const shown = `${showType(operand.type)}, ${showType(at.type)}`;
    return faulty(
      b,
      ast,
      'cel-type',
      `found no matching overload for '_[_]' applied to '(${shown})'`,
    );
  }
  if (!ast.optional) return { type: item, run: index(operand.run, at.run) };
  const inner = operand.type.name === 'optional_type' ? item : optionalOf(item);
  return { type: inner, run: indexOptional(operand.run, at.run) };
}

function buildPlainCall(ast: Of<'call'>, b: Builder): Node {
  if (ast.name === '_==_' || ast.name === '_!=_') return buildEquality(ast, b);
  const qualified = qualifiedName(ast, b);
  const target = qualified === undefined && ast.target !== null ? [b.build(ast.target, b)] : [];
  const inner = ast.name === 'format' ? { ...b, mixed: true } : b;
  const args = [...target, ...ast.args.map((arg) => b.build(arg, inner))];
  const node = buildCall(ast, qualified ?? ast.name, args, target.length > 0, b);
  return checkPattern(ast, b) ?? checkConstant(ast, node, b) ?? node;
}

/** `sets.contains(…)`: a function with a dot in its name, where the first part is no value. */
function qualifiedName({ name, target }: Of<'call'>, b: Builder): string | undefined {
  if (
    target?.kind !== 'name' ||
    b.locals.has(target.name) ||
    declared(target.name, b.scope)?.type.name === 'dyn'
  ) {
    return undefined;
  }
  const qualified = `${target.name}.${name}`;
  return hasFunction(qualified) ? qualified : undefined;
}

function buildEquality(ast: Of<'call'>, b: Builder): Node {
  const [left, right] = ast.args.map((arg) => b.build(arg, b));
  if (left === undefined || right === undefined) throw new Error('an operator without operands');
  if (join([left.type, right.type]) === undefined) {
    const shown = `${showType(left.type)}, ${showType(right.type)}`;
    return faulty(
      b,
      ast,
      'cel-type',
      `found no matching overload for '${ast.name}' applied to '(${shown})'`,
    );
  }
  const wanted = ast.name === '_==_';
  return {
    type: bool,
    run: (frame) => {
      frame.left--;
      const first = left.run(frame);
      if (first instanceof CelError) return first;
      const second = right.run(frame);
      if (second instanceof CelError) return second;
      if (first === second) return wanted;
      const same = equal(first, second, frame.call.spend);
      return same instanceof CelError ? same : same === wanted;
    },
  };
}

function buildList(ast: Of<'list'>, b: Builder): Node {
  const items = ast.items.map((item) => b.build(item, b));
  const joined = oneType(items, ast.items, b);
  return joined instanceof Fault
    ? joined.node
    : { type: listOf(joined), run: listOfRuns(items.map((item) => item.run)) };
}

/** Stands for a literal whose parts do not have one type. */
class Fault {
  readonly node: Node;
  constructor(node: Node) {
    this.node = node;
  }
}

/** Literals hold values of one type, and `dyn` is a type of its own; only what format() takes may be mixed. */
function oneType(nodes: readonly Node[], asts: readonly Ast[], b: Builder): Type | Fault {
  const [first] = nodes;
  if (first === undefined) return dyn;
  const wrong = nodes.findIndex((node) => showType(node.type) !== showType(first.type));
  const at = asts[wrong];
  if (at === undefined) return first.type;
  if (b.mixed) return dyn;
  const found = showType(nodes[wrong]?.type ?? dyn);
  return new Fault(
    faulty(b, at, 'cel-type', `expected type '${showType(first.type)}' but found '${found}'`),
  );
}

function buildMap(ast: Of<'map'>, b: Builder): Node {
  const entries = ast.entries.map(([key, value]) => [b.build(key, b), b.build(value, b)] as const);
  const keys = oneType(
    entries.map(([key]) => key),
    ast.entries.map(([key]) => key),
    b,
  );
  if (keys instanceof Fault) return keys.node;
  const values = oneType(
    entries.map(([, value]) => value),
    ast.entries.map(([, value]) => value),
    b,
  );
  if (values instanceof Fault) return values.node;
  return {
    type: mapOf(keys, values),
    run: mapOfRuns(entries.map(([k, v]) => [k.run, v.run] as const)),
  };
}

function buildConditional(ast: Of<'conditional'>, b: Builder): Node {
  const [condition, then, otherwise] = [ast.condition, ast.whenTrue, ast.whenFalse].map((each) =>
    b.build(each, b),
  );
  if (!condition || !then || !otherwise) throw new Error('a conditional without its parts');
  const joined = join([then.type, otherwise.type]);
  if (joined === undefined || !fits(bool, condition.type, new Map())) {
    const shown = [condition, then, otherwise].map((node) => showType(node.type)).join(', ');
    return faulty(
      b,
      ast,
      'cel-type',
      `found no matching overload for '_?_:_' applied to '(${shown})'`,
    );
  }
  return { type: joined, run: conditional(condition.run, then.run, otherwise.run) };
}

function buildLogic(ast: Of<'and' | 'or'>, b: Builder): Node {
  const terms = ast.terms.map((term) => b.build(term, b));
  const wrong = terms.findIndex((term) => !fits(bool, term.type, new Map()));
  const at = ast.terms[wrong];
  if (at !== undefined) {
    return faulty(
      b,
      at,
      'cel-type',
      `expected type 'bool' but found '${showType(terms[wrong]?.type ?? dyn)}'`,
    );
  }
  const runs = terms.map((term) => term.run);
  return { type: bool, run: ast.kind === 'and' ? and(runs) : or(runs) };
}
