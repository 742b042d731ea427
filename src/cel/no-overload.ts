// What the API server says when no overload takes the arguments of a call.
// Upstream: the dispatch of function declarations in cel-go, and the traits of its values.
import { CelError, typeName, type Value } from './value.ts';

/** Functions with one implementation for all types, which ask their first operand what it can do. */
const arithmetic = ['int', 'uint', 'double'];
const timed = ['google.protobuf.Timestamp', 'google.protobuf.Duration'];
const ordered = ['bool', 'string', 'bytes', ...arithmetic, ...timed];
const negated = ['int', 'double', 'bool', 'google.protobuf.Duration'];
const traits: Readonly<Record<string, readonly string[]>> = {
  '_+_': ['string', 'bytes', 'list', ...arithmetic, ...timed],
  '_-_': [...arithmetic, ...timed],
  '_*_': arithmetic,
  '_/_': arithmetic,
  '_%_': ['int', 'uint'],
  '-_': negated,
  '_<_': ordered,
  '_<=_': ordered,
  '_>_': ordered,
  '_>=_': ordered,
  matches: ['string'],
  size: ['string', 'bytes', 'list', 'map'],
  sort: ['list'],
  '@sortByAssociatedKeys': ['list'],
};
/** Values that answer for themselves. */
const receivers = ['string', ...timed];
/** These check their arguments themselves. */
const untold: ReadonlySet<string> = new Set([
  '!_',
  '@in',
  'type',
  'contains',
  'startsWith',
  'endsWith',
]);

/** `planned`: a pattern among the arguments is known at load, which makes it another kind of call. */
export function noOverload(name: string, values: readonly Value[], planned: boolean): CelError {
  if (planned) return new CelError('no such overload');
  const trait = Object.hasOwn(traits, name) ? traits[name] : undefined;
  if (trait !== undefined) {
    const first = typeName(values[0]);
    const named = !trait.includes(first) && !receivers.includes(first);
    return new CelError(named ? `no such overload: ${name}` : 'no such overload');
  }
  if (untold.has(name)) return new CelError('no such overload');
  return new CelError(`no such overload: ${name}(${values.map(typeName).join(', ')})`);
}
