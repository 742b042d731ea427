// `&&`, `||`, `?:` and literals of lists and maps, over error values.
import type { Run } from './frame.ts';
import { CelError, CelMap, keyText, type Value } from './value.ts';

const notBool = new CelError('no such overload');

/** False as soon as one term is; an error only when none is, in whatever order. */
export function and(terms: readonly Run[]): Run {
  return absorbing(terms, false);
}

/** True as soon as one term is; an error only when none is, in whatever order. */
export function or(terms: readonly Run[]): Run {
  return absorbing(terms, true);
}

function absorbing(terms: readonly Run[], decisive: boolean): Run {
  return (frame) => {
    let failed: CelError | undefined;
    for (const term of terms) {
      if (frame.left < 0) return decisive;
      const value = term(frame);
      if (value === decisive) return decisive;
      if (value !== !decisive) failed ??= value instanceof CelError ? value : notBool;
    }
    return failed ?? !decisive;
  };
}

export function conditional(condition: Run, then: Run, otherwise: Run): Run {
  return (frame) => {
    const value = condition(frame);
    if (value === true) return then(frame);
    if (value === false) return otherwise(frame);
    return value instanceof CelError ? value : notBool;
  };
}

export function listOfRuns(items: readonly Run[]): Run {
  return (frame) => {
    const values: Value[] = [];
    for (const item of items) {
      const value = item(frame);
      if (value instanceof CelError) return value;
      values.push(value);
    }
    frame.left -= 10;
    return values;
  };
}

export function mapOfRuns(entries: readonly (readonly [Run, Run])[]): Run {
  return (frame) => {
    const made = new Map<string, readonly [Value, Value]>();
    for (const [key, value] of entries) {
      const k = key(frame);
      if (k instanceof CelError) return k;
      const v = value(frame);
      if (v instanceof CelError) return v;
      const text = keyText(k);
      if (text === undefined) return new CelError('unsupported key type');
      // As in-tree, the last of equal keys wins.
      made.set(text, [k, v]);
    }
    frame.left -= 30;
    return new CelMap(made);
  };
}
