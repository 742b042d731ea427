// An expression to a program: parsed, typed, and made into closures once, at load.
import { err, ok } from '../base/result.ts';
import { build } from './build.ts';
import type { Builder } from './builder.ts';
import type { Frame, Node } from './frame.ts';
import { expressionLimit } from './limits.ts';
import { parse } from './parse.ts';
import { patternCache } from './pattern.ts';
import type {
  Activation,
  CelFault,
  CelOutcome,
  Compile,
  Program,
  Scope,
  Wanted,
} from './program.ts';
import { dyn, showType, type Type } from './type.ts';
import { CelError } from './value.ts';

/** The static type of a program's result, for the programs that use it as a variable. */
const typeOf = new WeakMap<Program, Type>();

export const compile: Compile = (source, scope, wanted) => {
  const parsed = parse(source);
  if (!parsed.ok) return err([parsed.error]);
  const faults: CelFault[] = [];
  const slots = { next: 0 };
  const builder: Builder = {
    scope: { ...scope, types: typesOf(scope) },
    locals: new Map(),
    mixed: false,
    faults,
    slots,
    build,
  };
  const node = build(parsed.value, builder);
  if (faults.length === 0 && !accepts(wanted, node.type)) {
    const message = `must evaluate to ${names[wanted]}, but this is ${showType(node.type)}`;
    faults.push({ code: 'cel-type', message, start: 0, end: source.length });
  }
  if (faults.length > 0) return err(faults);
  const program = programOf(source, node, slots.next);
  typeOf.set(program, node.type);
  return ok(program);
};

const names: Readonly<Record<Wanted, string>> = {
  bool: 'bool',
  string: 'string',
  'string-or-null': 'string or null',
  any: 'a value',
};

function accepts(wanted: Wanted, { name }: Type): boolean {
  switch (wanted) {
    case 'bool':
      return name === 'bool';
    case 'string':
      return name === 'string';
    case 'string-or-null':
      return name === 'string' || name === 'null_type';
    case 'any':
      return true;
  }
}

function typesOf({ variables = [] }: Scope): ReadonlyMap<string, Type> {
  return new Map(variables.map(({ name, program }) => [name, typeOf.get(program) ?? dyn]));
}

function programOf(source: string, node: Node, slots: number): Program {
  const pattern = patternCache();
  return {
    source,
    evaluate(activation) {
      const allowed = Math.min(expressionLimit, activation.budget.total);
      const frame = frameOf(activation, allowed, slots, pattern);
      const value = node.run(frame);
      activation.budget.total -= Math.min(allowed - frame.left, allowed + 1);
      return outcomeOf(value, frame);
    },
  };
}

function frameOf(
  activation: Activation,
  left: number,
  slots: number,
  pattern: (source: string) => unknown,
): Frame {
  const frame: Frame = {
    activation,
    locals: new Array(slots),
    left,
    call: {
      spend(units) {
        frame.left -= units;
        return frame.left >= 0;
      },
      pattern,
    },
  };
  return frame;
}

/** INVARIANT: an evaluation that ran out of budget has no value, whatever its closures returned. */
function outcomeOf(value: unknown, { left }: Frame): CelOutcome {
  if (left < 0) {
    const message = 'operation cancelled: actual cost limit exceeded';
    return { kind: 'error', code: 'cost-exceeded', message };
  }
  if (value instanceof CelError) return { kind: 'error', code: value.code, message: value.message };
  return { kind: 'value', value };
}
