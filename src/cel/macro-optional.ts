// optMap() and optFlatMap(): `a.hasValue() ? optional.of(body over a.value()) : optional.none()`.
// Upstream: optMap and optFlatMap of cel-go, which evaluate `a` again where the body first reads its variable.
import type { Ast } from './ast.ts';
import { type Builder, faulty, withLocals } from './builder.ts';
import type { Node } from './frame.ts';
import { noMatch, resolve } from './overload.ts';
import { bool, optionalOf, parseSignature, ternary } from './type.ts';
import { CelError, none, Optional, typeName } from './value.ts';

type CallAst = Extract<Ast, { kind: 'call' }>;

const valued = [parseSignature('optional_type<A>.value(): A')];

export function mapOptional(name: string, ast: CallAst, target: Ast, b: Builder): Node {
  const [variable, body] = ast.args;
  if (variable?.kind !== 'name' || body === undefined) {
    const message = `${name}() variable name must be a simple identifier`;
    return faulty(b, variable ?? ast, 'cel-syntax', message);
  }
  const operand = b.build(target, b);
  const value = resolve(valued, [operand.type], b);
  if (value === undefined) return noMatch('hasValue', [operand.type], true, ast, b);
  const { inner, slots } = withLocals(b, [[variable.name, value.type]]);
  const [slot = 0] = slots;
  const unpaid = b.slots.next++;
  const locals = new Map(inner.locals).set(variable.name, { slot, type: value.type, unpaid });
  const within: Builder = { ...inner, locals };
  const mapped = within.build(body, within);
  const result = name === 'optMap' ? optionalOf(mapped.type) : mapped.type;
  const branches = [bool, result, optionalOf(b.types.fresh())];
  const type = b.types.call(ternary, branches);
  if (type === undefined) return noMatch(ternary.name, branches, false, ast, b);
  return {
    type,
    attribute: 0,
    run: (frame) => {
      const before = frame.left + frame.once;
      const optional = operand.run(frame);
      const paid = before - frame.left - frame.once;
      frame.left--;
      if (optional instanceof CelError) return optional;
      if (!(optional instanceof Optional)) return notOptional(typeName(optional));
      if (optional.value === undefined) {
        frame.left--;
        return none;
      }
      frame.locals[slot] = optional.value;
      // What a.value() would take: `a` again, and 1.
      frame.locals[unpaid] = paid + 1;
      const made = mapped.run(frame);
      // The reading of this variable is not outside of what is evaluated here.
      if (frame.locals[unpaid] === undefined) frame.once -= paid + 1;
      if (name === 'optFlatMap') return made;
      frame.left--;
      return made instanceof CelError ? made : new Optional(made);
    },
  };
}

function notOptional(type: string): CelError {
  return new CelError(`no such overload: hasValue(${type})`);
}
