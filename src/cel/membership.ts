// `x in ["a", "b"]` with a list that is known at load: a set, and without cost.
// Upstream: maybeOptimizeSetMembership of cel-go.
import type { Builder } from './builder.ts';
import { constantNode, type Node } from './frame.ts';
import { bool } from './type.ts';
import { CelError, doubleOf, isInt, keyText, otherKeys, Uint, type Value } from './value.ts';

/** `call`: the same as an ordinary call, for a list that is not known. */
export function isOneOf(item: Node, list: Node, call: Node, b: Builder): Node {
  const values = list.constant?.value;
  const isList = b.types.resolve(list.type).name === 'list';
  if (!isList || !Array.isArray(values) || b.faults.length > 0) return call;
  // As in-tree, the item is not even evaluated.
  if (values.length === 0) return constantNode(bool, false);
  if (!values.every(isPrimitive)) return call;
  const texts: ReadonlySet<Value> = new Set(values.filter((each) => typeof each === 'string'));
  const keys = new Set(values.flatMap(keysFor));
  return {
    type: bool,
    run: (frame) => {
      const value = item.run(frame);
      if (typeof value === 'string') return texts.has(value);
      if (value instanceof CelError) return value;
      const text = isPrimitive(value) ? keyText(value) : undefined;
      return text !== undefined && keys.has(text);
    },
  };
}

/** Every key that is equal to a value; NaN equals nothing. */
function keysFor(value: Value): readonly Value[] {
  const own = keyText(value);
  if (own === undefined || Number.isNaN(doubleOf(value))) return [];
  const whole = value instanceof Uint ? value.value : isInt(value) ? value : undefined;
  return [own, ...otherKeys(value), ...(whole === undefined ? [] : [`\0d${Number(whole)}`])];
}

function isPrimitive(value: Value): boolean {
  if (typeof value === 'string' || typeof value === 'boolean') return true;
  return isInt(value) || value instanceof Uint || doubleOf(value) !== undefined;
}
