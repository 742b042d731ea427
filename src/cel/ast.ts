// The tree that everything after the parser works on: ours, so that the parser can change. Offsets are UTF-16 units.
import type { Value } from './value.ts';

export type Range = { readonly start: number; readonly end: number };

/** `optional`: written `{?key: value}`, and its value is an optional. */
export type MapEntry = { readonly key: Ast; readonly value: Ast; readonly optional: boolean };

export type Ast = Range &
  (
    | { readonly kind: 'literal'; readonly value: Value }
    /** A name that begins with a dot, `.x`, is looked up at the root: no comprehension variable hides it. */
    | { readonly kind: 'name'; readonly name: string }
    | {
        readonly kind: 'select';
        readonly operand: Ast;
        readonly field: string;
        readonly optional: boolean;
        /** Where the field's name begins; it ends where the node does. */
        readonly at: number;
      }
    | {
        readonly kind: 'index';
        readonly operand: Ast;
        readonly index: Ast;
        readonly optional: boolean;
      }
    /** Operators too, under the names that cel-spec gives them: `_+_`, `!_`, `@in`. */
    | {
        readonly kind: 'call';
        readonly name: string;
        readonly target: Ast | null;
        readonly args: readonly Ast[];
        /** Where the name or the operator stands. */
        readonly at: number;
      }
    /** `optionals`: the places of the items written `[?item]`, whose values are optionals. */
    | {
        readonly kind: 'list';
        readonly items: readonly Ast[];
        readonly optionals: readonly number[];
      }
    | { readonly kind: 'map'; readonly entries: readonly MapEntry[] }
    | {
        readonly kind: 'conditional';
        readonly condition: Ast;
        readonly whenTrue: Ast;
        readonly whenFalse: Ast;
      }
    /** A whole chain: `a && b && c` is one node, so that long chains need no stack. */
    | { readonly kind: 'and' | 'or'; readonly terms: readonly Ast[] }
  );
