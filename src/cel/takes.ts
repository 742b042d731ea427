// Whether an overload takes a value at run time: static types are what a policy was accepted by, and objects are not bound
// by them. Upstream: IsAssignableRuntimeType of cel-go's common/types.
import type { Type } from './type.ts';
import { doubleOf, isInt, isMap, keysOf, lookup, typeName, type Value } from './value.ts';

export type Test = (value: Value) => boolean;

/** Functions with one implementation for all lists, or for all values, which looks at them itself. */
const loose: ReadonlySet<string> = new Set(['sort', '@sortByAssociatedKeys']);
const open: ReadonlySet<string> = new Set(['flatten']);

const simple: Readonly<Record<string, Test>> = {
  string: (value) => typeof value === 'string',
  bool: (value) => typeof value === 'boolean',
  int: isInt,
  double: (value) => doubleOf(value) !== undefined,
};

/** Of a parameter of the function with that name. */
export function testOf(name: string, wanted: Type): Test {
  if (open.has(name) || isAny(wanted)) return anything;
  if (loose.has(name)) return (value) => wanted.name === typeName(value);
  const known = Object.hasOwn(simple, wanted.name) ? simple[wanted.name] : undefined;
  if (known !== undefined) return known;
  const [item] = wanted.args;
  if (wanted.name === 'list' && item !== undefined) {
    if (isAny(item)) return Array.isArray;
    const first = testOf(name, item);
    return (value) => Array.isArray(value) && (value.length === 0 || first(value[0]));
  }
  return (value) => takes(wanted, value);
}

const anything: Test = () => true;

/** As in-tree, the first item of a list and the first entry of a map stand for all. */
function takes(wanted: Type, value: Value): boolean {
  if (isAny(wanted)) return true;
  const { name, args } = wanted;
  if (name !== typeName(value)) return false;
  const [first, second] = args;
  if (first === undefined || (isAny(first) && (second === undefined || isAny(second)))) return true;
  if (Array.isArray(value)) return value.length === 0 || takes(first, value[0]);
  if (!isMap(value) || second === undefined) return true;
  const [key] = keysOf(value);
  return key === undefined || (takes(first, key) && takes(second, lookup(value, key)));
}

function isAny({ name }: Type): boolean {
  return name === 'dyn' || name.length === 1;
}
