// Whether named fields decide: changing nothing else, one after the other, until the verdict turns.
import { isArray, isObject, type JsonValue, setOwn } from '../../src/base/json.ts';

export const removed = Symbol('removed');
export type Change = JsonValue | typeof removed;
export type Path = readonly (string | number)[];

/** What is still named for an object, as pointers; `passes` when the verdict has turned. */
export type Verdict = {
  readonly kind: 'passes' | 'refused' | 'failed';
  readonly named: readonly string[];
};

/** A copy with one field changed; the objects on the way to it are made. */
export function changed(value: JsonValue | undefined, path: Path, change: Change): JsonValue {
  const [step, ...rest] = path;
  if (step === undefined) return change === removed ? null : change;
  if (isArray(value)) {
    const index = Number(step);
    if (rest.length === 0 && change === removed) return value.filter((_, i) => i !== index);
    const copy = [...value];
    copy[index] = changed(value[index], rest, change);
    return copy;
  }
  const key = String(step);
  const own = isObject(value) ? value : {};
  const copy: Record<string, JsonValue> = {};
  for (const [name, each] of Object.entries(own)) if (name !== key) setOwn(copy, name, each);
  if (rest.length > 0 || change !== removed) setOwn(copy, key, changed(own[key], rest, change));
  return copy;
}

/** True when changes to these fields alone, each to one of the values, turn the verdict. */
export async function mends(
  object: JsonValue,
  fields: readonly {
    readonly name: string;
    readonly path: Path;
    readonly tries: readonly Change[];
  }[],
  judge: (object: JsonValue) => Verdict | Promise<Verdict>,
): Promise<boolean> {
  let at = object;
  // From the last to the first: taking an item out moves those behind it.
  for (const { name, path, tries } of [...fields].reverse()) {
    for (const change of tries) {
      const next = changed(at, path, change);
      const { kind, named } = await judge(next);
      if (kind === 'passes') return true;
      if (kind === 'failed' || named.some((each) => `${each}/`.startsWith(`${name}/`))) continue;
      at = next;
      break;
    }
  }
  return false;
}
