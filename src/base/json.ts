// The value that every reader makes and every evaluator sees: plain JSON, integers beyond 2^53 as bigint.
// Keys are only ever looked up among own properties: `__proto__` and `constructor` are ordinary keys.
export type JsonValue = null | boolean | number | bigint | string | JsonArray | JsonObject;
export type JsonArray = readonly JsonValue[];
export type JsonObject = { readonly [key: string]: JsonValue };

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function isArray(value: unknown): value is JsonArray {
  return Array.isArray(value);
}

/** The own property `key` of a JSON object; undefined when the value is no object or has no such key. */
export function get(value: unknown, key: string): JsonValue | undefined {
  return isObject(value) && Object.hasOwn(value, key) ? value[key] : undefined;
}

/** Follows own properties and indices; undefined as soon as one is missing. */
export function getIn(
  value: JsonValue | undefined,
  path: readonly (string | number)[],
): JsonValue | undefined {
  let at: JsonValue | undefined = value;
  for (const step of path) {
    at = typeof step === 'number' ? (isArray(at) ? at[step] : undefined) : get(at, step);
    if (at === undefined) return undefined;
  }
  return at;
}

/** Sets an own property, also for the key `__proto__`, which plain assignment would lose. */
export function setOwn(target: Record<string, JsonValue>, key: string, value: JsonValue): void {
  if (key === '__proto__') {
    Object.defineProperty(target, key, {
      value,
      enumerable: true,
      configurable: true,
      writable: true,
    });
  } else {
    target[key] = value;
  }
}

/** JSON text with keys sorted and bigints as plain integers: the same value always gives the same bytes. */
export function canonicalJson(value: JsonValue): string {
  if (typeof value === 'bigint') return value.toString();
  if (isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (isObject(value)) {
    const members = Object.keys(value)
      .sort()
      .map((key) => `${JSON.stringify(key)}:${canonicalJson(value[key] ?? null)}`);
    return `{${members.join(',')}}`;
  }
  return JSON.stringify(value);
}
