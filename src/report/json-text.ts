// JSON out: members in the order that they have, integers beyond 2^53 digit for digit.
import { isArray, isObject, type JsonValue } from '../base/json.ts';

/** `indent`: spaces for each level, 0 for one line. `base`: spaces that every line but the first begins with. */
export function jsonText(value: JsonValue, indent = 0, base = 0): string {
  const lineBreak = (spaces: number): string => (indent === 0 ? '' : `\n${' '.repeat(spaces)}`);
  const colon = indent === 0 ? ':' : ': ';
  const block = (open: string, members: readonly string[], close: string, at: number): string => {
    if (members.length === 0) return open + close;
    const inner = lineBreak(at + indent);
    return `${open}${inner}${members.join(`,${inner}`)}${lineBreak(at)}${close}`;
  };
  const write = (part: JsonValue, at: number): string => {
    if (typeof part === 'bigint') return part.toString();
    const inside = at + indent;
    if (isArray(part)) {
      const items = part.map((item) => write(item, inside));
      return block('[', items, ']', at);
    }
    if (isObject(part)) {
      const members = Object.entries(part).map(
        ([key, member]) => `${JSON.stringify(key)}${colon}${write(member, inside)}`,
      );
      return block('{', members, '}', at);
    }
    return JSON.stringify(part);
  };
  return write(value, base);
}
