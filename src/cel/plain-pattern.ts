// Regular expressions that need no automaton: `^`, then classes and characters one after the other, each with or without a
// repetition, where the next character always tells which of them goes on. One pass over the text, no way back.
// Most patterns of policies are such; all others, and all text beyond ASCII, are for RE2.

/** One class or character, and how often it comes. */
type Step = { readonly set: Uint8Array; readonly min: number; readonly max: number };

/** undefined: this text is for RE2. */
export type PlainPattern = (text: string) => boolean | undefined;

const part =
  /\[(\^?)((?:[\w ./:@,;=+%&!#~<>"'-]|\\[.\-/:+*?()|[\]{}^$\\])+)\]|\\([.\-/+*?()|[\]{}^$\\dw])|([\w ./:@,;=%&!#~<>"'-])/y;
const repetition = /([?*+]|\{(\d{1,3})(?:(,)(\d{1,3})?)?\})/y;

/** undefined: the pattern is for RE2. */
export function plainPattern(source: string): PlainPattern | undefined {
  const toEnd = source.endsWith('$') && !source.endsWith('\\$');
  const steps = source.startsWith('^')
    ? stepsOf(source.slice(1, toEnd ? -1 : undefined))
    : undefined;
  if (steps === undefined || !steps.every((_, i) => tells(steps, i))) return undefined;
  return (text) => run(steps, toEnd, text);
}

function stepsOf(source: string): readonly Step[] | undefined {
  const steps: Step[] = [];
  for (let at = 0; at < source.length; ) {
    part.lastIndex = at;
    const [whole, not, members, escaped, plain] = part.exec(source) ?? [];
    if (whole === undefined) return undefined;
    at += whole.length;
    const set =
      members === undefined
        ? setOf(escaped ?? plain ?? '', escaped !== undefined)
        : classOf(members);
    if (set === undefined) return undefined;
    repetition.lastIndex = at;
    const [times = '', sign = '', least, comma, most] = repetition.exec(source) ?? [];
    at += times.length;
    const [min, max] = bounds(sign, least, comma, most);
    if (min > max || (source[at] === '?' && times !== '')) return undefined;
    steps.push({ set: not === '^' ? set.map((is) => 1 - is) : set, min, max });
  }
  return steps;
}

function bounds(
  sign: string,
  least?: string,
  comma?: string,
  most?: string,
): readonly [number, number] {
  const min = least === undefined ? Number(sign === '' || sign === '+') : Number(least);
  if (sign === '') return [1, 1];
  if (sign === '?') return [0, 1];
  if (least === undefined || (comma !== undefined && most === undefined)) return [min, Infinity];
  return [min, comma === undefined ? min : Number(most)];
}

const digits = '0123456789';
const letters = 'abcdefghijklmnopqrstuvwxyz';

function setOf(characters: string, escaped: boolean): Uint8Array {
  const set = new Uint8Array(128);
  let all = characters;
  if (!escaped && characters === '.') return new Uint8Array(128).fill(1).fill(0, 10, 11);
  if (escaped && characters === 'd') all = digits;
  if (escaped && characters === 'w') all = `${digits}${letters}${letters.toUpperCase()}_`;
  for (const each of all) set[each.charCodeAt(0)] = 1;
  return set;
}

/** What stands between brackets: characters and ranges of them. */
function classOf(members: string): Uint8Array | undefined {
  const set = new Uint8Array(128);
  const tokens = members.match(/\\?[\s\S]/g) ?? [];
  const code = (i: number): number => tokens[i]?.replace(/^\\/, '').charCodeAt(0) ?? 0;
  for (let i = 0; i < tokens.length; i++) {
    const isRange = tokens[i + 1] === '-' && i + 2 < tokens.length;
    const last = isRange ? i + 2 : i;
    // A range that ends before it starts is RE2's to refuse; `a-b-c` is its to read.
    if (code(last) < code(i) || (isRange && tokens[last + 1] === '-' && last + 2 < tokens.length))
      return undefined;
    for (let c = code(i); c <= code(last); c++) set[c] = 1;
    i = last;
  }
  return set;
}

/** Where a step may come once more or not, no step that may follow takes one of its characters. */
function tells(steps: readonly Step[], at: number): boolean {
  const { set, min, max } = steps[at] ?? { set: new Uint8Array(0), min: 1, max: 1 };
  if (min === max) return true;
  for (const next of steps.slice(at + 1)) {
    if (next.set.some((is, c) => is === 1 && set[c] === 1)) return false;
    if (next.min > 0) return true;
  }
  return true;
}

function run(steps: readonly Step[], toEnd: boolean, text: string): boolean | undefined {
  let at = 0;
  for (const { set, min, max } of steps) {
    let times = 0;
    while (times < max && at < text.length) {
      const c = text.charCodeAt(at);
      if (c > 127) return undefined;
      if (set[c] === 0) break;
      times++;
      at++;
    }
    if (times < min) return false;
  }
  return !toEnd || at === text.length;
}
