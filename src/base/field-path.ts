// Field paths as Kubernetes writes them (`spec.containers[0].image`) and as JSON pointers (RFC 6901).
import { get, isArray, type JsonValue } from './json.ts';

export type FieldPath = readonly (string | number)[];

const plainName = /^[A-Za-z_$][A-Za-z0-9_$-]*$/;

/** `spec.containers[0].image`; a key that is no plain name is quoted: `metadata.labels["a.b/c"]`. */
export function formatPath(path: FieldPath): string {
  let text = '';
  for (const step of path) {
    if (typeof step === 'number') text += `[${step}]`;
    else if (plainName.test(step)) text += text === '' ? step : `.${step}`;
    else text += `[${JSON.stringify(step)}]`;
  }
  return text;
}

/** RFC 6901; the empty path is the empty string, the whole document. */
export function toPointer(path: FieldPath): string {
  let text = '';
  for (const step of path) text += `/${typeof step === 'number' ? step : pointerStep(step)}`;
  return text;
}

/** One key as a step of a pointer. */
export function pointerStep(key: string): string {
  return /[~/]/.test(key) ? key.replaceAll('~', '~0').replaceAll('/', '~1') : key;
}

/** The keys of a pointer, unescaped. */
export function pointerSteps(pointer: string): readonly string[] {
  const steps = pointer.split('/').slice(1);
  return steps.map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
}

/** A pointer into `value` as a path: only the value tells an index from a key of digits. */
export function pathIn(value: JsonValue | undefined, pointer: string): FieldPath {
  let at = value;
  return pointerSteps(pointer).map((key) => {
    const step = isArray(at) && /^\d+$/.test(key) ? Number(key) : key;
    at = typeof step === 'string' ? get(at, step) : isArray(at) ? at[step] : undefined;
    return step;
  });
}
