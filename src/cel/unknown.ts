// Values that were redacted or not recorded: how they come into the roots, and how they are kept out of functions, which
// would not see one inside a list or a map.
import type { JsonValue } from '../base/json.ts';
import type { Roots } from './program.ts';
import { CelError, isMap, keysOf, lookup, Optional, Unknown, type Value } from './value.ts';

/** The roots in which something is hidden: in all others nobody need look for it. */
const hiding = new WeakSet<object>();

export function hidesSome(roots: Roots): boolean {
  const { object, oldObject, params, request, namespaceObject } = roots;
  if (hides(object) || hides(oldObject)) return true;
  return hides(params) || hides(request) || hides(namespaceObject);
}

function hides(root: Value): boolean {
  return typeof root === 'object' && root !== null && hiding.has(root);
}

/** These do not look at what is inside; `@in` and `==` see an unknown themselves. */
const blind: ReadonlySet<string> = new Set(['size', 'type', 'dyn', '_+_', '@in', 'optional.of']);

/** The first unknown inside the arguments of a call; undefined when it can be made. */
export function unknownIn(name: string, values: readonly Value[]): Unknown | undefined {
  return blind.has(name) ? undefined : inside(values);
}

function inside(values: readonly Value[]): Unknown | undefined {
  const open: Value[] = [...values];
  for (let value = open.pop(); value !== undefined; value = open.pop()) {
    if (value instanceof Unknown) return value;
    if (value instanceof CelError) continue;
    if (Array.isArray(value)) for (const item of value) open.push(item);
    else if (value instanceof Optional) open.push(value.value ?? null);
    else if (isMap(value)) for (const key of keysOf(value)) open.push(lookup(value, key));
  }
  return undefined;
}

/** A copy in which the value at a path is not known, for the roots as it is; `shown`: the path as it is told. A path that leads nowhere hides the
 * nearest value that is there: what was not recorded may have been anything. */
export function withUnknown(
  root: JsonValue,
  path: readonly (string | number)[],
  shown: string,
): JsonValue {
  const copy = hidden(root, path, new Unknown([shown])) as JsonValue;
  if (typeof copy === 'object' && copy !== null) hiding.add(copy);
  return copy;
}

function hidden(value: Value, [key, ...rest]: readonly (string | number)[], by: Unknown): Value {
  if (key === undefined || typeof value !== 'object' || value === null) return by;
  if (Array.isArray(value)) {
    const items: readonly Value[] = value;
    if (typeof key !== 'number' || !Object.hasOwn(items, key)) return by;
    return items.map((item, i) => (i === key ? hidden(item, rest, by) : item));
  }
  if (!Object.hasOwn(value, key)) return by;
  const entries = Object.entries(value);
  return Object.fromEntries(
    entries.map(([name, each]) => [name, name === key ? hidden(each, rest, by) : each]),
  );
}
