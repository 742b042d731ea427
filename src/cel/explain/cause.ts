// What an explanation names: a field of one of the roots, and the sub-expression that read it.
import type { FieldPath } from '../../base/field-path.ts';
import type { JsonValue } from '../../base/json.ts';
import type { Range } from '../ast.ts';
import type { Roots } from '../program.ts';

export type Root = keyof Pick<
  Roots,
  'object' | 'oldObject' | 'params' | 'request' | 'namespaceObject'
>;
export type Place = { readonly root: Root; readonly path: FieldPath };

/** What the field was compared with: `replicas <= 3`; `negated` where the comparison must not hold. */
export type Wanted = {
  readonly operator: string;
  readonly negated: boolean;
  readonly value: JsonValue;
};

export type Cause = Place & {
  /** The value there; undefined when the field is missing: the path is the one that would have been read. */
  readonly value: JsonValue | undefined;
  /** False when the field went into a computation, and the outcome of that decided. */
  readonly exact: boolean;
  /** The sub-expression, in the program or, with `variable`, in the expression of that variable. */
  readonly range: Range;
  readonly variable: string | null;
  readonly wanted?: Wanted;
};

export type Causes = Iterable<Cause>;

/** The same fields, told as having been computed with. */
export function* inexact(causes: Causes): Causes {
  for (const { wanted, ...cause } of causes) yield { ...cause, exact: false };
}

export function* union(parts: Iterable<Causes>): Causes {
  for (const part of parts) yield* part;
}

/** The first that names anything. */
export function* firstOf(parts: Iterable<Causes>): Causes {
  for (const part of parts) {
    let found = false;
    for (const cause of part) {
      found = true;
      yield cause;
    }
    if (found) return;
  }
}

export function* none(): Causes {}

/** True when `a` is `b` or stands inside it. */
export function isWithin(a: Place, b: Place): boolean {
  return a.root === b.root && b.path.every((step, i) => a.path[i] === step);
}
