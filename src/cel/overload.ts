// Calls: which overloads fit statically, and which one fits the arguments when it runs.
import type { Ast } from './ast.ts';
import { type Builder, faulty } from './builder.ts';
import type { Node, Run } from './frame.ts';
import type { CelFunction } from './function.ts';
import { functionsNamed } from './library/index.ts';
import { type Bindings, bindType, dyn, fits, join, showType, type Type } from './type.ts';
import { CelError, typeName, type Value } from './value.ts';

type CallAst = Extract<Ast, { kind: 'call' }>;

/** Compiles a call of a function (not a macro) with its arguments, receiver first. */
export function buildCall(
  ast: CallAst,
  name: string,
  args: readonly Node[],
  member: boolean,
  builder: Builder,
): Node {
  const named = functionsNamed(name).filter((f) => f.member === member);
  if (named.length === 0) {
    return faulty(
      builder,
      ast,
      'cel-unknown',
      `undeclared reference to '${name}' (in container '')`,
    );
  }
  const types = args.map((arg) => arg.type);
  const fitting = named.flatMap((f) => {
    const bound: Bindings = new Map();
    const fit =
      f.params.length === types.length && f.params.every((p, i) => fits(p, types[i] ?? dyn, bound));
    return fit ? [{ f, result: bindType(f.result, bound) }] : [];
  });
  if (fitting.length === 0) {
    const applied = types.map(showType);
    const shown = member
      ? `${applied[0]}.(${applied.slice(1).join(', ')})`
      : `(${applied.join(', ')})`;
    return faulty(
      builder,
      ast,
      'cel-type',
      `found no matching overload for '${name}' applied to '${shown}'`,
    );
  }
  const result = join(fitting.map((each) => each.result)) ?? dyn;
  return {
    type: result,
    run: dispatch(
      name,
      fitting.map((each) => each.f),
      args,
    ),
  };
}

/** Static types are what a policy was accepted by; what is run is checked again, for objects are not bound by them. */
function dispatch(name: string, overloads: readonly CelFunction[], args: readonly Node[]): Run {
  const runs = args.map((arg) => arg.run);
  return (frame) => {
    const values = valuesOf(runs, frame);
    if (values instanceof CelError) return values;
    for (const overload of overloads) {
      if (fitsValues(overload.params, values)) return overload.run(values, frame.call);
    }
    return noOverload(name, values);
  };
}

function fitsValues(params: readonly Type[], values: readonly Value[]): boolean {
  for (let i = 0; i < params.length; i++) {
    const wanted = params[i];
    if (wanted !== undefined && !takes(wanted, values[i])) return false;
  }
  return true;
}

function valuesOf(runs: readonly Run[], frame: Parameters<Run>[0]): readonly Value[] | CelError {
  frame.left--;
  const values: Value[] = [];
  for (const run of runs) {
    const value = run(frame);
    if (value instanceof CelError) return value;
    values.push(value);
  }
  return values;
}

function takes(wanted: Type, value: Value): boolean {
  return isAny(wanted) || wanted.name === typeName(value);
}

function isAny({ name }: Type): boolean {
  return name === 'dyn' || name.length === 1;
}

/** Functions that the API server dispatches by name: their text tells the types. */
const told: ReadonlySet<string> = new Set([
  ...['string', 'int', 'uint', 'double', 'bool', 'bytes', 'timestamp', 'duration'],
  ...[
    'quantity',
    'isIP',
    'isCIDR',
    'isSemver',
    'ip',
    'cidr',
    'semver',
    'isQuantity',
    'join',
    'charAt',
    'indexOf',
    'lastIndexOf',
    'lowerAscii',
    'upperAscii',
  ],
  ...['replace', 'split', 'substring', 'trim', 'format'],
]);

/** What an operator or size() asks of its first operand; without it the text names the function. */
const arithmetic = ['int', 'uint', 'double'];
const timed = ['google.protobuf.Timestamp', 'google.protobuf.Duration'];
const ordered = ['bool', 'string', 'bytes', ...arithmetic, ...timed];
// Strings, timestamps and durations answer for themselves.
const receivers = ['string', ...timed];
const traits: Readonly<Record<string, readonly string[]>> = {
  '_+_': ['string', 'bytes', 'list', ...arithmetic, ...timed],
  '_-_': [...arithmetic, ...timed],
  '_*_': arithmetic,
  '_/_': arithmetic,
  '_%_': ['int', 'uint'],
  '-_': [...arithmetic, 'bool', 'google.protobuf.Duration'],
  '!_': [...arithmetic, 'bool', 'google.protobuf.Duration'],
  '_<_': ordered,
  '_<=_': ordered,
  '_>_': ordered,
  '_>=_': ordered,
  size: ['string', 'bytes', 'list', 'map'],
};

/** The API server's text for arguments that no overload takes. */
export function noOverload(name: string, values: readonly Value[]): CelError {
  if (told.has(name) || name.startsWith('sets.')) {
    return new CelError(`no such overload: ${name}(${values.map(typeName).join(', ')})`);
  }
  const first = typeName(values[0]);
  const trait = Object.hasOwn(traits, name) ? traits[name] : undefined;
  const named = trait !== undefined && !trait.includes(first) && !receivers.includes(first);
  return new CelError(named ? `no such overload: ${name}` : 'no such overload');
}
