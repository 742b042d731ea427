// JSON out: members in the order that they have, integers beyond 2^53 digit for digit.
import { isObject } from './json.ts';

/** `indent`: spaces for each level, 0 for one line. `base`: spaces that every line but the first begins with.
 * Members that are undefined are left out. */
export function jsonText(value: unknown, indent = 0, base = 0): string {
  if (indent === 0) {
    try {
      return JSON.stringify(value);
    } catch (cause) {
      // Only a bigint is refused here: bounded values have no cycles.
      if (!(cause instanceof TypeError)) throw cause;
    }
  }
  return write(value, { indent, at: base });
}

type Place = { readonly indent: number; readonly at: number };

function write(value: unknown, place: Place): string {
  if (typeof value === 'bigint') return value.toString();
  const inside = { ...place, at: place.at + place.indent };
  if (Array.isArray(value)) {
    return block(
      '[',
      value.map((item) => write(item ?? null, inside)),
      ']',
      place,
    );
  }
  if (!isObject(value)) return JSON.stringify(value);
  const colon = place.indent === 0 ? ':' : ': ';
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .map(([key, member]) => `${JSON.stringify(key)}${colon}${write(member, inside)}`);
  return block('{', members, '}', place);
}

function block(
  open: string,
  members: readonly string[],
  close: string,
  { indent, at }: Place,
): string {
  if (members.length === 0) return open + close;
  const lineBreak = (spaces: number): string => (indent === 0 ? '' : `\n${' '.repeat(spaces)}`);
  const inner = lineBreak(at + indent);
  return `${open}${inner}${members.join(`,${inner}`)}${lineBreak(at)}${close}`;
}
