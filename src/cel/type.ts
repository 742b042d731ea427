// Static types, and signatures as text: `list<A>.filter(A): list<A>`. `dyn` fits everywhere, both ways.
export type Type = { readonly name: string; readonly args: readonly Type[] };

export type Signature = {
  readonly name: string;
  readonly member: boolean;
  /** The receiver first, where there is one. */
  readonly params: readonly Type[];
  readonly result: Type;
};

const simple = new Map<string, Type>();

/** A type without arguments; one object for each name. */
export function type(name: string): Type {
  const known = simple.get(name) ?? { name, args: [] };
  simple.set(name, known);
  return known;
}

export const dyn = type('dyn');
export const bool = type('bool');
export const int = type('int');
export const string = type('string');
export const nullType = type('null_type');

export function listOf(item: Type): Type {
  return { name: 'list', args: [item] };
}
export function mapOf(key: Type, value: Type): Type {
  return { name: 'map', args: [key, value] };
}
export function optionalOf(item: Type): Type {
  return { name: 'optional_type', args: [item] };
}

export function showType({ name, args }: Type): string {
  return args.length === 0 ? name : `${name}(${args.map(showType).join(', ')})`;
}

/** What stands before a dot in a function's own name; anything else there is the type of a receiver. */
const namespaces: ReadonlySet<string> = new Set([
  'optional',
  'sets',
  'lists',
  'strings',
  'ip',
  'cidr',
  'format',
  'url',
]);

/** `name(int, string): bool`, or `string.name(int): bool` for a member. Our own tables only: a fault throws. */
export function parseSignature(text: string): Signature {
  const match = /^(?:([A-Za-z_.<>, ]+)\.)?([A-Za-z_@+\-*/%<>=!.[\]?]+)\((.*)\): (.+)$/.exec(text);
  if (match === null) throw new Error(`not a signature: ${text}`);
  const [, before, last = '', params = '', result = ''] = match;
  const qualified = before !== undefined && namespaces.has(before);
  const receiver = qualified ? undefined : before;
  const name = qualified ? `${before}.${last}` : last;
  const types = splitTypes(params).map(parseType);
  return {
    name,
    member: receiver !== undefined,
    params: receiver === undefined ? types : [parseType(receiver), ...types],
    result: parseType(result),
  };
}

function parseType(text: string): Type {
  const match = /^([A-Za-z_.0-9]+)(?:<(.*)>)?$/.exec(text.trim());
  if (match === null) throw new Error(`not a type: ${text}`);
  const [, name = '', args] = match;
  return args === undefined ? type(name) : { name, args: splitTypes(args).map(parseType) };
}

function splitTypes(text: string): string[] {
  const parts: string[] = [];
  let [depth, from] = [0, 0];
  for (let i = 0; i <= text.length; i++) {
    const c = text[i];
    if (c === '<') depth++;
    else if (c === '>') depth--;
    else if (i === text.length || (c === ',' && depth === 0)) {
      if (text.slice(from, i).trim() !== '') parts.push(text.slice(from, i));
      from = i + 1;
    }
  }
  return parts;
}

export type Bindings = Map<string, Type>;

const isVariable = (t: Type): boolean => t.name.length === 1 && t.name >= 'A' && t.name <= 'Z';

/** Whether `actual` may stand where `wanted` is asked for; type variables are bound as they are met. */
export function fits(wanted: Type, actual: Type, bound: Bindings): boolean {
  if (isVariable(wanted)) {
    const known = bound.get(wanted.name);
    // Of two, the more general one stands for both: dyn.
    if (known?.name === 'dyn') return true;
    if (known === undefined || actual.name === 'dyn') {
      bound.set(wanted.name, actual);
      return true;
    }
    return fits(known, actual, bound);
  }
  if (wanted.name === 'dyn' || actual.name === 'dyn') return true;
  if (isNullOf(wanted, actual) || isNullOf(actual, wanted)) return true;
  if (wanted.name !== actual.name) return false;
  return wanted.args.every((arg, i) => fits(arg, actual.args[i] ?? dyn, bound));
}

/** null stands where a message may: a struct, a timestamp, a duration, an opaque value. Their names have dots. */
function isNullOf(a: Type, b: Type): boolean {
  return a.name === 'null_type' && b.name.includes('.');
}

/** A result type with what its variables were bound to. */
export function bindType(t: Type, bound: Bindings): Type {
  if (isVariable(t)) return bound.get(t.name) ?? dyn;
  return t.args.length === 0
    ? t
    : { name: t.name, args: t.args.map((arg) => bindType(arg, bound)) };
}

/** The one type of several branches or items; undefined when they do not agree. */
export function join(types: readonly Type[]): Type | undefined {
  let joined: Type | undefined;
  for (const each of types) {
    if (joined === undefined || joined.name === each.name)
      joined = joined === undefined ? each : merge(joined, each);
    else if (joined.name === 'dyn' || each.name === 'dyn') joined = dyn;
    else if (isNullOf(each, joined)) continue;
    else if (isNullOf(joined, each)) joined = each;
    else return undefined;
    if (joined === undefined) return undefined;
  }
  return joined ?? dyn;
}

function merge(a: Type, b: Type): Type | undefined {
  if (a.args.length === 0) return a;
  const args = a.args.map((arg, i) => join([arg, b.args[i] ?? dyn]));
  return args.every((arg) => arg !== undefined) ? { name: a.name, args } : undefined;
}
