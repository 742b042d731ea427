// Which types fit where, and what the type variables of one expression stand for.
// Upstream: checker/types.go and checker/mapping.go of cel-go.
import { dyn, isVariable, type Signature, type Type } from './type.ts';

export type Unifier = {
  /** A type that is not known yet. */
  fresh(): Type;
  /** Whether `from` may stand where `to` is asked for; variables are bound, and stay bound only when it may. */
  fits(to: Type, from: Type): boolean;
  /** The signature's parameters against the types of arguments; the result type when they fit. */
  call(signature: Signature, args: readonly Type[]): Type | undefined;
  /** The one type of two parts of a list or map, or of two branches; undefined when there is none. */
  join(a: Type, b: Type): Type | undefined;
  /** With all that is known of its variables. */
  resolve(type: Type): Type;
  /** The same at the end, when what is still open can be anything. */
  final(type: Type): Type;
};

export function unifier(): Unifier {
  const bound = new Map<string, Type>();
  const undo: (readonly [string, Type | undefined])[] = [];
  let count = 0;

  function bind(name: string, to: Type): void {
    undo.push([name, bound.get(name)]);
    bound.set(name, to);
  }

  /** All or nothing. */
  function attempt(test: () => boolean): boolean {
    const from = undo.length;
    if (test()) return true;
    for (const [name, before] of undo.splice(from).reverse()) {
      if (before === undefined) bound.delete(name);
      else bound.set(name, before);
    }
    return false;
  }

  function assignable(a: Type, b: Type): boolean {
    if (isFree(b)) {
      const tried = substitutes(a, b);
      if (tried !== 'unfit') return tried === 'fit';
    }
    if (isFree(a)) return substitutes(b, a) === 'fit';
    if (a.name === 'dyn' || b.name === 'dyn') return true;
    if (a.name === 'null_type' && isNullable(b)) return true;
    if (b.name === 'null_type' && isNullable(a)) return true;
    if (a.name !== b.name) return false;
    if (a.name === 'type') return true;
    return a.args.length === b.args.length && a.args.every((arg, i) => assignable(arg, at(b, i)));
  }

  /** Whether `type` may be what the variable stands for. `unfit`: not now, but the reverse may still hold. */
  function substitutes(type: Type, variable: Type): 'fit' | 'refused' | 'unfit' {
    if (sameType(type, variable)) return 'fit';
    const known = bound.get(variable.name);
    if (known === undefined) {
      if (!absentFrom(variable, type)) return 'unfit';
      bind(variable.name, type);
      return 'fit';
    }
    if (sameType(type, known)) return 'fit';
    if (!assignable(type, known)) return 'refused';
    const general = isGeneral(type, known) ? type : known;
    if (absentFrom(variable, general)) bind(variable.name, general);
    return 'fit';
  }

  function absentFrom(variable: Type, type: Type): boolean {
    if (sameType(variable, type)) return false;
    if (!isFree(type)) return type.args.every((arg) => absentFrom(variable, arg));
    const known = bound.get(type.name);
    return known === undefined || absentFrom(variable, known);
  }

  function resolve(type: Type, open: (type: Type) => Type): Type {
    if (isFree(type)) {
      const known = bound.get(type.name);
      return known === undefined ? open(type) : resolve(known, open);
    }
    if (type.args.length === 0) return type;
    return { name: type.name, args: type.args.map((arg) => resolve(arg, open)) };
  }

  const fresh = (): Type => ({ name: `_${count++}`, args: [] });
  const asItIs = (type: Type): Type => type;

  return {
    fresh,
    fits: (to, from) => attempt(() => assignable(to, from)),
    call({ params, result }, args) {
      if (params.length !== args.length) return undefined;
      const own = new Map<string, Type>();
      const opened = params.map((param) => instance(param, own, fresh));
      const fit = attempt(() => args.every((arg, i) => assignable(arg, opened[i] ?? dyn)));
      return fit ? resolve(instance(result, own, fresh), asItIs) : undefined;
    },
    join(a, b) {
      if (!attempt(() => assignable(a, b))) return undefined;
      return isGeneral(a, b) ? a : b;
    },
    resolve: (type) => resolve(type, asItIs),
    final: (type) => resolve(type, () => dyn),
  };
}

const at = (type: Type, i: number): Type => type.args[i] ?? dyn;

/** A variable of an expression, not of a signature. */
function isFree({ name }: Type): boolean {
  return name.startsWith('_');
}

/** A signature's own variables become variables of the expression. */
function instance(type: Type, own: Map<string, Type>, fresh: () => Type): Type {
  if (isVariable(type)) {
    const known = own.get(type.name) ?? fresh();
    own.set(type.name, known);
    return known;
  }
  if (type.args.length === 0) return type;
  return { name: type.name, args: type.args.map((arg) => instance(arg, own, fresh)) };
}

/** null stands where a message may: a struct, a timestamp, a duration, an opaque value. Their names have dots. */
function isNullable({ name }: Type): boolean {
  return name === 'null_type' || name === 'optional_type' || name.includes('.');
}

export function sameType(a: Type, b: Type): boolean {
  if (a === b) return true;
  if (a.name !== b.name || a.args.length !== b.args.length) return false;
  return a.args.every((arg, i) => sameType(arg, at(b, i)));
}

/** Whether `a` says no more than `b` does. */
function isGeneral(a: Type, b: Type): boolean {
  if (a.name === 'dyn' || isFree(a)) return true;
  if (b.name === 'dyn' || isFree(b) || a.name !== b.name) return false;
  if (a.name === 'type') return true;
  return a.args.length === b.args.length && a.args.every((arg, i) => isGeneral(arg, at(b, i)));
}
