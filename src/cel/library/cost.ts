// What calls cost, in the API server's units. Those of `named` are charged by the name of the function, those of
// `typed` only where the static types single out one overload (else 1). Upstream: runtimecost.go and ext/costs.go of
// cel-go, k8s.io/apiserver/pkg/cel/library/cost.go.
import type { IpAddress, IpNetwork } from '../../k8s/ip-address.ts';
import type { Cost, CostOf } from '../function.ts';
import {
  CelMap,
  isMap,
  keysOf,
  lookup,
  Opaque,
  Optional,
  sizeOfMap,
  type Value,
} from '../value.ts';
import { codePoints } from './text.ts';

const perCharacter = 0.1;
const perPatternCharacter = 0.25;
const list = 10;
const object = 40;

/** What the API server takes as the size of a value: characters, bytes, items; 1 for anything else. */
export function sizeOf(value: Value): number {
  if (typeof value === 'string') return codePoints(value);
  if (typeof value !== 'object' || value === null) return 1;
  if (Array.isArray(value) || value instanceof Uint8Array) return value.length;
  if (value instanceof Opaque) return sizeOfOpaque(value);
  return isMap(value) ? sizeOfMap(value) : 1;
}

function sizeOfOpaque({ type, value }: Opaque): number {
  if (type === 'net.IP') return (value as IpAddress).family === 4 ? 4 : 16;
  return type === 'net.CIDR' ? Math.ceil((value as IpNetwork).length / 8) : 1;
}

/** As sizeOf, but an optional has the size of what it holds: so it is for operators. */
export function sizeOfOperand(value: Value): number {
  return value instanceof Optional && value.value !== undefined
    ? sizeOfOperand(value.value)
    : sizeOf(value);
}

/** Of a whole tree: bytes of texts, 1 for each other leaf. */
function treeCost(value: Value): number {
  if (typeof value === 'string') return Math.floor(Buffer.byteLength(value) * perCharacter);
  if (value instanceof Uint8Array) return Math.floor(value.length * perCharacter);
  let total = 0;
  if (Array.isArray(value)) {
    for (const item of value) total += treeCost(item);
    return total;
  }
  if (!(value instanceof CelMap) && !isMap(value)) return 1;
  for (const key of keysOf(value)) total += treeCost(key) + treeCost(lookup(value, key));
  return total;
}

/** Of a call that looks at nothing large, or of which the static types tell too little. */
export const flat: CostOf = () => 1;

const named = (words: string, of: CostOf): Cost => ({ words, of, unresolved: of });
const typed = (words: string, of: CostOf): Cost => ({ words, of, unresolved: flat });
const scan = (size: number): number => Math.ceil(size * perCharacter);
/** Both rounded up; the 1 keeps an empty text from making a pattern free. */
const match = (text: number, pattern: number): number =>
  Math.ceil((1 + text) * perCharacter) * Math.ceil(pattern * perPatternCharacter);

export const one: Cost = named('1', flat);
export const authorization: Cost = named('350,000', () => 350_000);

/** One argument is read once, from its start to its end. */
export const traverse = (arg: number): Cost =>
  named(`0.1 × size of ${argument(arg)}`, (args) => scan(sizeOf(args[arg])));
export const traverseTwice = (arg: number): Cost =>
  named(`0.2 × size of ${argument(arg)}`, (args) => Math.ceil(sizeOf(args[arg]) * 2 * 0.1));
export const traverseTree: Cost = named('0.1 × its bytes, 1 × each other value in it', ([tree]) =>
  treeCost(tree),
);
export const resultTwice: Cost = named('0.2 × size of the result', (_, result) =>
  Math.ceil(sizeOf(result) * 2 * perCharacter),
);
export const find: Cost = named(
  '0.1 × size of the text × 0.25 × size of the pattern',
  ([text, pattern]) => match(sizeOf(text), sizeOf(pattern)),
);
/** Of a network; `parses`: the other one is a text, which only the overload tells. */
export const containsIp = (parses: boolean): Cost =>
  network('0.2 × bytes of the prefix', parses, (size) => scan(2 * size));
export const containsCidr = (parses: boolean): Cost =>
  network('1, and 0.3 × bytes of the prefix', parses, (size) => scan(2 * size) + scan(size) + 1);

function network(words: string, parses: boolean, of: (size: number) => number): Cost {
  const unresolved: CostOf = ([net]) => of(sizeOf(net));
  if (!parses) return { words, of: unresolved, unresolved };
  return {
    words: `${words}, and 0.1 × size of the text`,
    of: ([net, text]) => of(sizeOf(net)) + scan(sizeOf(text)),
    unresolved,
  };
}

/** A name's format: as a pattern of so many characters. */
export const format = (sizeOfFormat: (format: Value) => number | undefined): Cost =>
  named('0.1 × size of the text × 0.25 × size of the format', ([form, text]) => {
    const size = sizeOfFormat(form);
    return size === undefined ? 1 : match(sizeOf(text), size);
  });
export const selector: Cost = named('10, and 25.1 × size of the selector', ([, text]) => {
  const size = sizeOf(text);
  return list + scan(size) + Math.ceil(size * 0.5) * (list + object);
});

export const typedTraverse = (arg: number): Cost =>
  typed(`0.1 × size of ${argument(arg)}`, (args) => scan(sizeOfOperand(args[arg])));
export const typedMatch: Cost = typed(find.words, ([text, pattern]) =>
  match(sizeOfOperand(text), sizeOfOperand(pattern)),
);
export const contains: Cost = typed(
  '0.1 × size of the text × 0.1 × size of the part',
  ([text, part]) => scan(sizeOfOperand(text)) * scan(sizeOfOperand(part)),
);
export const items: Cost = typed('1 × size of the list', ([, of]) => sizeOfOperand(of));
export const shorter: Cost = typed('0.1 × size of the shorter', ([a, b]) =>
  scan(Math.min(sizeOfOperand(a), sizeOfOperand(b))),
);
export const both: Cost = typed('0.1 × size of both', ([a, b]) =>
  scan(sizeOfOperand(a) + sizeOfOperand(b)),
);

/** Functions that make a list: 1 for the call, 10 for the list. */
const making = (size: number, factor = 1): number =>
  Math.floor(size * (factor < 0 ? 1 : factor)) + 1 + list;
export const makeList: Cost = typed('11, and 1 × size of the result', (_, result) =>
  making(sizeOf(result)),
);
export const flatten: Cost = typed('11, and depth × size of the list', ([of, depth = 1]) =>
  making(sizeOf(of), Number(depth)),
);
/** Every item is held against every other. */
export const comparePairs = (arg: number): Cost =>
  typed('11, and 2 (texts: 2.1) × size × size', (args) => {
    const of = args[arg];
    if (!Array.isArray(of)) return 1;
    const texts = typeof of[0] === 'string' || of[0] instanceof Uint8Array;
    return making(of.length * of.length, of.length > 0 && texts ? 2.1 : 2);
  });
export const product = (factor: 1 | 2): Cost =>
  typed(
    `1, and ${factor} × size × size of the other`,
    ([a, b]) => 1 + sizeOf(a) * sizeOf(b) * factor,
  );

function argument(at: number): string {
  return at === 0 ? 'the first argument' : 'the second argument';
}
