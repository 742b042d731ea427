// Random expressions over the object of the corpus: most of them well typed, of every operator, macro and function
// that the tables have. A tape of numbers decides; where it ends, only leaves follow, so that a shorter tape is simpler.
import fc from 'fast-check';
import { libraries } from '../../src/cel/library/index.ts';
import {
  bool,
  dyn,
  int,
  listOf,
  mapOf,
  optionalOf,
  type Signature,
  string,
  type Type,
  type,
} from '../../src/cel/type.ts';
import { leaves, texts } from './leaves.ts';

const time = type('google.protobuf.Timestamp');
const span = type('google.protobuf.Duration');
const plain = [bool, int, string, type('uint'), type('double'), type('bytes'), time, span, dyn];
const opaque = [
  'kubernetes.Quantity',
  'net.IP',
  'net.CIDR',
  'kubernetes.URL',
  'kubernetes.Semver',
].map(type);
const kinds: readonly Type[] = [
  ...plain,
  ...opaque,
  ...plain.flatMap((each) => [listOf(each), optionalOf(each), mapOf(string, each)]),
];

const hidden = /authorization|@|kubernetes\.NamedFormat$/;
const rows: readonly Signature[] = Object.values(libraries)
  .flat()
  .filter(({ text }) => !hidden.test(text.replace('@in', 'in')));

type Local = { readonly name: string; readonly type: Type };
type Bound = Map<string, Type>;

class Writer {
  readonly #tape: readonly number[];
  readonly #locals: Local[] = [];
  #at = 0;
  #names = 0;

  constructor(tape: readonly number[]) {
    this.#tape = tape;
  }

  expression(wanted: Type, depth: number): string {
    const of = this.#pick(40) === 1 ? this.#one(kinds) : wanted;
    if (depth <= 0 || this.#at >= this.#tape.length || this.#pick(4) === 0) return this.#leaf(of);
    const makers = [
      () => this.#call(of, depth),
      () => this.#call(of, depth),
      () => this.#special(of, depth),
      () => this.#literal(of, depth),
    ];
    return this.#one(makers)();
  }

  /** 0 where the tape has ended. */
  #pick(count: number): number {
    return (this.#tape[this.#at++] ?? 0) % count;
  }

  #one<T>(all: readonly T[]): T {
    const found = all[this.#pick(all.length)];
    if (found === undefined) throw new Error('nothing to choose from');
    return found;
  }

  #leaf(of: Type): string {
    const known = this.#locals.filter(({ type }) => type.name === of.name || type.name === 'dyn');
    if (known.length > 0 && this.#pick(2) === 1) return this.#one(known).name;
    const [item = dyn, value = dyn] = of.args;
    switch (of.name) {
      case 'list':
        return this.#pick(3) === 1 ? 'object.spec.list' : `[${this.#leaf(item)}]`;
      case 'map':
        return `{${this.#leaf(keyed(item))}: ${this.#leaf(value)}}`;
      case 'optional_type':
        return this.#pick(3) === 1 ? 'optional.none()' : `optional.of(${this.#leaf(item)})`;
      case 'string':
        return this.#pick(4) === 1 ? this.#one(leaves['string'] ?? texts) : this.#one(texts);
      default:
        return this.#one(leaves[of.name] ?? leaves['dyn'] ?? ['object']);
    }
  }

  #call(of: Type, depth: number): string {
    const fitting = rows.filter(
      ({ result }) => of.name === 'dyn' || result.name === of.name || result.name.length === 1,
    );
    const { name, member, params, result } = this.#one(fitting);
    const bound: Bound = new Map(
      result.name.length === 1 ? [[result.name, of]] : bindings(result, of),
    );
    const args = params.map((param) => this.expression(this.#filled(param, bound), depth - 1));
    return written(name, member, args);
  }

  /** A parameter with its variables bound; what is not bound yet becomes any type. */
  #filled({ name, args }: Type, bound: Bound): Type {
    if (name.length > 1)
      return args.length === 0
        ? type(name)
        : { name, args: args.map((arg) => this.#filled(arg, bound)) };
    const known = bound.get(name) ?? this.#one(plain);
    bound.set(name, known);
    return known;
  }

  #literal(of: Type, depth: number): string {
    const [item = dyn, value = dyn] = of.args;
    const count = this.#pick(4);
    const many = (make: () => string): string => Array.from({ length: count }, make).join(', ');
    const optional = (each: Type) =>
      this.#pick(6) === 1 ? (['?', optionalOf(each)] as const) : (['', each] as const);
    if (of.name === 'list') {
      return `[${many(() => {
        const [mark, each] = optional(item);
        return mark + this.expression(each, depth - 1);
      })}]`;
    }
    if (of.name !== 'map') return this.#special(of, depth);
    // One entry at most: where there are more, Go walks them in an order of its own each time.
    if (count === 0) return '{}';
    const [mark, each] = optional(value);
    return `{${mark}${this.#leaf(keyed(item))}: ${this.expression(each, depth - 1)}}`;
  }

  /** What has a syntax of its own. */
  #special(of: Type, depth: number): string {
    const sub = (each: Type) => this.expression(each, depth - 1);
    const forms = [
      () => `(${sub(bool)} ? ${sub(of)} : ${sub(of)})`,
      () => `dyn(${sub(of)})`,
      () => `${sub(listOf(of))}[${sub(int)}]`,
      () => `${sub(mapOf(string, of))}[${sub(string)}]`,
      () => `${sub(optionalOf(of))}.orValue(${sub(of)})`,
      ...(this.#own(of, depth) ?? []),
    ];
    return this.#one(forms)();
  }

  #own(of: Type, depth: number): (() => string)[] | undefined {
    const sub = (each: Type) => this.expression(each, depth - 1);
    const [item = dyn] = of.args;
    switch (of.name) {
      case 'bool':
        return [
          () => `(${sub(bool)} && ${sub(bool)})`,
          () => `(${sub(bool)} || ${sub(bool)})`,
          () => `(${sub(dyn)} ${this.#one(['==', '!=', '<', '>=', 'in'])} ${sub(dyn)})`,
          ...['all', 'exists', 'exists_one'].map((name) => () => this.#macro(name, depth, bool)),
          ...['all', 'exists', 'existsOne'].map(
            (name) => () => this.#macroOfTwo(name, depth, bool),
          ),
          () => `has(${this.#one(paths)})`,
          () => `has(${sub(mapOf(string, dyn))}.${this.#one(fields)})`,
        ];
      case 'list':
        return [
          () => this.#macro('map', depth, item),
          () => this.#macro('filter', depth, bool),
          () => this.#macro('sortBy', depth, int),
          () => this.#macroOfTwo('transformList', depth, item),
        ];
      case 'map':
        return [() => this.#macroOfTwo('transformMap', depth, of.args[1] ?? dyn)];
      case 'optional_type':
        return [
          () =>
            `${this.#one(['object.spec', 'object', 'object.metadata.labels'])}.?${this.#one(fields)}`,
          () => `${sub(mapOf(string, item))}[?${sub(string)}]`,
          () => `${sub(listOf(item))}[?${sub(int)}]`,
          () => this.#onOptional('optMap', depth, item),
          () => this.#onOptional('optFlatMap', depth, of),
        ];
      case 'dyn':
        return [() => `${sub(dyn)}.${this.#one(fields)}`, () => `${sub(dyn)}[${sub(dyn)}]`];
      default:
        return undefined;
    }
  }

  #macro(name: string, depth: number, body: Type): string {
    const item = this.#one(plain);
    const range = this.expression(listOf(item), depth - 1);
    return this.#within([item], ([v]) => {
      const test =
        name === 'map' && this.#pick(4) === 1 ? `${this.expression(bool, depth - 2)}, ` : '';
      return `${range}.${name}(${v}, ${test}${this.expression(body, depth - 2)})`;
    });
  }

  #macroOfTwo(name: string, depth: number, body: Type): string {
    const item = this.#one(plain);
    const range = this.expression(listOf(item), depth - 1);
    return this.#within(
      [int, item],
      ([i, v]) => `${range}.${name}(${i}, ${v}, ${this.expression(body, depth - 2)})`,
    );
  }

  #onOptional(name: string, depth: number, body: Type): string {
    const item = this.#one(plain);
    const of = this.expression(optionalOf(item), depth - 1);
    return this.#within(
      [item],
      ([v]) => `${of}.${name}(${v}, ${this.expression(body, depth - 2)})`,
    );
  }

  #within(types: readonly Type[], body: (names: readonly string[]) => string): string {
    const names = types.map(() => `v${this.#names++}`);
    this.#locals.push(...types.map((each, i) => ({ name: names[i] ?? '', type: each })));
    const made = body(names);
    this.#locals.length -= types.length;
    return made;
  }
}

const fields = ['spec', 'i', 's', 'list', 'map', 'k', 'nope', 'constructor', 'a'];
const paths = [
  'object.spec.i',
  'object.spec.nope',
  'object.nope.x',
  'object.spec.map.k',
  'object.spec.s.x',
  'request.name',
  'request.subResource',
];

/** Kubernetes takes keys of other types too, in maps that no JSON can hold: listed as a difference. */
const keyed = (of: Type): Type => (['bool', 'int', 'uint', 'dyn'].includes(of.name) ? of : string);

/** What the variables of a result are, so that it becomes the wanted type. */
function bindings(result: Type, of: Type): readonly (readonly [string, Type])[] {
  return result.args.flatMap((arg, i) => {
    const wanted = of.args[i] ?? dyn;
    return arg.name.length === 1 ? [[arg.name, wanted] as const] : bindings(arg, wanted);
  });
}

function written(name: string, member: boolean, args: readonly string[]): string {
  const [first = '', ...rest] = args;
  const operator = /^_?(.*?)_$|^@(in)$/.exec(name);
  if (operator !== null) {
    const sign = operator[1] ?? operator[2] ?? '';
    return args.length === 1
      ? `${sign}(${first})`
      : `(${first} ${sign.replace(/^_/, '')} ${rest[0]})`;
  }
  if (!member) return `${name}(${args.join(', ')})`;
  return `${/^[-\d]/.test(first) ? `(${first})` : first}.${name}(${rest.join(', ')})`;
}

/** The tape is long and without a liking for small numbers: most trees are of some size. */
export const expressions: fc.Arbitrary<string> = fc
  .noBias(fc.array(fc.nat(0xffff), { minLength: 20, maxLength: 160, size: 'max' }))
  .map(([first = 0, ...tape]) =>
    new Writer(tape).expression(kinds[first % kinds.length] ?? dyn, 4),
  );
