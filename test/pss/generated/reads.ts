// Which fields the controls read, found by watching them. A field is a JSON pointer with a star for any item of a list:
// `/spec/containers/*/securityContext/privileged`.
import { toPointer } from '../../../src/base/field-path.ts';
import { isArray, isObject, type JsonObject, type JsonValue } from '../../../src/base/json.ts';
import { readPod } from '../../../src/k8s/pod.ts';
import { registry } from '../../../src/pss/admission.ts';

type Steps = readonly string[];

/** Below a field that is read only what is read there. */
export function readsOf(pods: readonly JsonObject[]): ReadonlySet<string> {
  const seen = new Map<string, Steps>();
  for (const pod of pods) {
    const read = readPod(pod);
    if (!read.ok) throw new Error(read.error);
    const watched = watch(read.value, [], seen);
    for (const level of ['baseline', 'restricted'] as const) {
      for (const version of versions) registry.evaluate({ level, version }, watched);
    }
  }
  const outer = new Set([...seen.values()].flatMap(parentsOf));
  return new Set([...seen.keys()].filter((field) => !outer.has(field)));
}

/** Those from which on a control reads something else. */
const versions = [0, 8, 19, 22, 25, 31, 34, registry.newest];

function parentsOf(steps: Steps): readonly string[] {
  return steps.slice(0, -1).map((_, i) => toPointer(steps.slice(0, i + 1)));
}

function watch<T extends object>(value: T, at: Steps, seen: Map<string, Steps>): T {
  const isList = Array.isArray(value);
  return new Proxy(value, {
    get(target, key) {
      const found: unknown = Reflect.get(target, key);
      if (typeof key !== 'string' || typeof found === 'function') return found;
      if (isList && !/^\d+$/.test(key)) return found;
      const steps = [...at, isList ? '*' : key];
      if (!isList) seen.set(toPointer(steps), steps);
      return typeof found === 'object' && found !== null ? watch(found, steps, seen) : found;
    },
  });
}

/** Every field of a pod that holds no object. */
export function leavesOf(pod: JsonValue, at: Steps = []): readonly string[] {
  if (isArray(pod)) return pod.flatMap((item) => leavesOf(item, [...at, '*']));
  if (!isObject(pod) || Object.keys(pod).length === 0) return [toPointer(at)];
  return Object.entries(pod).flatMap(([key, value]) => leavesOf(value, [...at, key]));
}

export function covers(field: string, leaf: string): boolean {
  return leaf === field || leaf.startsWith(`${field}/`);
}

/** The pod without a field, wherever it stands in it; undefined where it stands nowhere. */
export function without(pod: JsonObject, field: string): JsonObject | undefined {
  if (!leavesOf(pod).some((leaf) => covers(field, leaf))) return undefined;
  const taken = (value: JsonValue, at: Steps): JsonValue => {
    if (isArray(value)) return value.map((item) => taken(item, [...at, '*']));
    if (!isObject(value)) return value;
    return Object.fromEntries(
      Object.entries(value)
        .filter(([key]) => toPointer([...at, key]) !== field)
        .map(([key, inner]) => [key, taken(inner, [...at, key])]),
    );
  };
  const less = taken(pod, []);
  return isObject(less) ? less : undefined;
}
