// `&&`, `||`, `?:` and literals of lists and maps, over error values.
import type { Run } from './frame.ts';
import { CelError, CelMap, keyText, merged, Optional, typeName, type Value } from './value.ts';

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
  const [first, second, ...others] = terms;
  if (first !== undefined && second !== undefined && others.length === 0) {
    return absorbingTwo(first, second, decisive);
  }
  return (frame) => {
    let failed: CelError | undefined;
    for (const term of terms) {
      if (frame.left < 0) return decisive;
      const value = term(frame);
      if (value === decisive) return decisive;
      if (value !== !decisive) failed = absorbed(failed, value);
    }
    return failed ?? !decisive;
  };
}

function absorbingTwo(first: Run, second: Run, decisive: boolean): Run {
  return (frame) => {
    const a = first(frame);
    if (a === decisive || frame.left < 0) return decisive;
    const b = second(frame);
    if (b === decisive) return decisive;
    if (a === !decisive && b === !decisive) return b;
    const failed = a === !decisive ? undefined : absorbed(undefined, a);
    return b === !decisive ? failed : absorbed(failed, b);
  };
}

/** What stands for all terms so far that did not decide. */
export function absorbed(failed: CelError | undefined, value: Value): CelError {
  return merged(failed, value instanceof CelError ? value : notBool);
}

export function conditional(condition: Run, then: Run, otherwise: Run): Run {
  return (frame) => {
    const value = condition(frame);
    if (value === true) return then(frame);
    if (value === false) return otherwise(frame);
    return value instanceof CelError ? value : notBool;
  };
}

/** `optional`: written with a `?`: its value is an optional, and adds nothing when that is empty. */
export type Item = { readonly run: Run; readonly optional: boolean };
export type Entry = { readonly key: Run; readonly value: Run; readonly optional: boolean };

export function listOfRuns(items: readonly Item[]): Run {
  return (frame) => {
    frame.left -= 10;
    const values: Value[] = [];
    for (const { run, optional } of items) {
      const value = run(frame);
      if (value instanceof CelError) return value;
      if (!optional) values.push(value);
      else if (!(value instanceof Optional)) return notOptional('list element', value);
      else if (value.value !== undefined) values.push(value.value);
    }
    return values;
  };
}

export function mapOfRuns(entries: readonly Entry[]): Run {
  return (frame) => {
    frame.left -= 30;
    const made = new Map<Value, readonly [Value, Value]>();
    for (const { key, value, optional } of entries) {
      const k = key(frame);
      if (k instanceof CelError) return k;
      const v = value(frame);
      if (v instanceof CelError) return v;
      const text = keyText(k);
      if (text === undefined) return new CelError('unsupported key type');
      // As in-tree, the last of equal keys wins, and an empty optional takes away what was there.
      if (!optional) made.set(text, [k, v]);
      else if (!(v instanceof Optional)) return notOptional(`entry '${String(k)}'`, v);
      else if (v.value === undefined) made.delete(text);
      else made.set(text, [k, v.value]);
    }
    return new CelMap(made);
  };
}

function notOptional(what: string, value: Value): CelError {
  const shown = typeof value === 'object' ? typeName(value) : String(value);
  return new CelError(`cannot initialize optional ${what} from non-optional value ${shown}`);
}
