// The tree that everything after the parser works on: ours, so that the parser can change. Offsets are UTF-16 units.
import type { Value } from './value.ts';

export type Range = { readonly start: number; readonly end: number };

export type Ast = Range &
  (
    | { readonly kind: 'literal'; readonly value: Value }
    | { readonly kind: 'name'; readonly name: string }
    | {
        readonly kind: 'select';
        readonly operand: Ast;
        readonly field: string;
        readonly optional: boolean;
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
      }
    | { readonly kind: 'list'; readonly items: readonly Ast[] }
    | { readonly kind: 'map'; readonly entries: readonly (readonly [Ast, Ast])[] }
    | {
        readonly kind: 'conditional';
        readonly condition: Ast;
        readonly whenTrue: Ast;
        readonly whenFalse: Ast;
      }
    /** A whole chain: `a && b && c` is one node, so that long chains need no stack. */
    | { readonly kind: 'and' | 'or'; readonly terms: readonly Ast[] }
  );
