// Lists and maps as they are written: their types, and those that are known at load.
// Upstream: checkCreateList, checkCreateMap and the validator of homogeneous literals in cel-go.
import type { Ast } from './ast.ts';
import { type Builder, faulty, knows, tooNew } from './builder.ts';
import { constantNode, type Node } from './frame.ts';
import { type Entry, type Item, listOfRuns, mapOfRuns } from './logic.ts';
import { dyn, listOf, mapOf, showType, type Type } from './type.ts';
import { sameType } from './unify.ts';
import { CelMap, keyText, type Value } from './value.ts';

type Of<K extends Ast['kind']> = Extract<Ast, { kind: K }>;

const optionalSyntax = '1.28';

export function buildList(ast: Of<'list'>, b: Builder): Node {
  const optionals = new Set(ast.optionals);
  if (optionals.size > 0 && !knows(b, optionalSyntax))
    return tooNew(b, ast, '[?a]', optionalSyntax);
  const nodes = ast.items.map((item) => b.build(item, b));
  const types = nodes.map((node, i) => inner(node, optionals.has(i), ast.items[i] ?? ast, b));
  checkSame(types, ast.items, b);
  const type = listOf(together(types, b));
  const values = optionals.size > 0 ? undefined : constants(nodes);
  if (values !== undefined) return constantNode(type, values);
  const items = nodes.map(({ run }, i): Item => ({ run, optional: optionals.has(i) }));
  return { type, run: listOfRuns(items) };
}

export function buildMap(ast: Of<'map'>, b: Builder): Node {
  const optionals = ast.entries.some(({ optional }) => optional);
  if (optionals && !knows(b, optionalSyntax)) return tooNew(b, ast, '{?a: b}', optionalSyntax);
  const keys: Node[] = [];
  const values: Node[] = [];
  for (const { key, value } of ast.entries) {
    keys.push(b.build(key, b));
    values.push(b.build(value, b));
  }
  const keyTypes = keys.map((node) => node.type);
  const valueTypes = values.map((node, i) => {
    const entry = ast.entries[i];
    return inner(node, entry?.optional === true, entry?.value ?? ast, b);
  });
  checkSame(
    keyTypes,
    ast.entries.map(({ key }) => key),
    b,
  );
  checkSame(
    valueTypes,
    ast.entries.map(({ value }) => value),
    b,
  );
  const type = mapOf(together(keyTypes, b), together(valueTypes, b));
  const bytes = keys.findIndex(({ constant }) => constant?.value instanceof Uint8Array);
  const at = ast.entries[bytes]?.key;
  if (at !== undefined) return faulty(b, at, 'cel-type', "bytes cannot be a map's key");
  const known = optionals ? undefined : constantMap(keys, values);
  if (known !== undefined) return constantNode(type, known);
  const entries = ast.entries.map(({ optional }, i): Entry => {
    const [key, value] = [keys[i], values[i]];
    if (key === undefined || value === undefined) throw new Error('an entry without its parts');
    return { key: key.run, value: value.run, optional };
  });
  return { type, run: mapOfRuns(entries) };
}

/** The type of what an entry adds: that of `[?item]` is inside an optional. */
function inner({ type }: Node, optional: boolean, at: Ast, b: Builder): Type {
  if (!optional) return type;
  const known = b.types.resolve(type);
  if (known.name === 'optional_type') return known.args[0] ?? dyn;
  if (known.name === 'dyn' && b.mixed) return dyn;
  // As in-tree, where the check of literals cannot tell what is in a dyn either.
  const message = `expected type 'optional_type(${showType(known)})' but found '${showType(known)}'`;
  faulty(b, at, 'cel-type', message);
  return dyn;
}

function together(types: readonly Type[], b: Builder): Type {
  let joined: Type | undefined;
  for (const each of types)
    joined = joined === undefined ? each : (b.types.join(joined, each) ?? dyn);
  return joined ?? b.types.fresh();
}

/** Literals hold values of one type, and `dyn` is a type of its own; only what format() sees may be mixed. */
function checkSame(types: readonly Type[], asts: readonly Ast[], b: Builder): void {
  if (b.mixed) return;
  b.later.push(() => {
    const [first, ...others] = types.map((each) => b.types.final(each));
    if (first === undefined) return;
    const wrong = others.findIndex((other) => !sameType(other, first));
    const [at, found] = [asts[wrong + 1], others[wrong]];
    if (at === undefined || found === undefined) return;
    const message = `expected type '${showType(first)}' but found '${showType(found)}'`;
    faulty(b, at, 'cel-type', message);
  });
}

function constants(nodes: readonly Node[]): Value[] | undefined {
  const values: Value[] = [];
  for (const { constant } of nodes) {
    if (constant === undefined) return undefined;
    values.push(constant.value);
  }
  return values;
}

function constantMap(keys: readonly Node[], values: readonly Node[]): CelMap | undefined {
  const [allKeys, allValues] = [constants(keys), constants(values)];
  if (allKeys === undefined || allValues === undefined) return undefined;
  const entries = new Map<Value, readonly [Value, Value]>();
  for (const [i, key] of allKeys.entries()) {
    const text = keyText(key);
    if (text === undefined) return undefined;
    entries.set(text, [key, allValues[i]]);
  }
  return new CelMap(entries);
}
