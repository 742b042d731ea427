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
  const match = /^(?:([A-Za-z_.<>, ]+)\.)?([A-Za-z0-9_@+\-*/%<>=!.[\]?]+)\((.*)\): (.+)$/.exec(
    text,
  );
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

export function parseType(text: string): Type {
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

/** A variable of a signature: `A`. */
export function isVariable({ name }: Type): boolean {
  return name.length === 1 && name >= 'A' && name <= 'Z';
}

const branch: Type = { name: 'A', args: [] };
export const ternary: Signature = {
  name: '_?_:_',
  member: false,
  params: [bool, branch, branch],
  result: branch,
};
