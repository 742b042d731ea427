// The part of CUE that policies on attestations are mostly written in: nested fields that are equal to a value or compared
// with one. Whatever goes beyond it is not read, rather than read wrongly.
// Upstream: https://cuelang.org/docs/reference/spec, as far as the examples of sigstore/policy-controller use it.

export type Cue =
  | { readonly kind: 'struct'; readonly fields: readonly CueField[] }
  | { readonly kind: 'all'; readonly of: readonly Cue[] }
  | { readonly kind: 'literal'; readonly value: string | number | boolean }
  | { readonly kind: 'time'; readonly text: string }
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'compare'; readonly operator: string; readonly with: Cue };

export type CueField = { readonly name: string; readonly value: Cue };

/** Thrown inside and caught in `readCue` alone. */
class Beyond extends Error {}

/** undefined: there is something in it that is not read here. */
export function readCue(text: string): readonly CueField[] | undefined {
  try {
    const tokens = tokensOf(text);
    const fields = readFields(tokens, 'end');
    return tokens.next === tokens.all.length ? fields : undefined;
  } catch (cause) {
    if (cause instanceof Beyond) return undefined;
    throw cause;
  }
}

type Tokens = { readonly all: readonly string[]; next: number; depth: number };

const token =
  /\s*(?:\/\/[^\n]*|("(?:[^"\\\n]|\\["\\/nt])*"|[A-Za-z_$#][\w$]*|-?\d+(?:\.\d+)?|=~|!~|[<>!]=|[{}:,&<>().])|(\S))/gy;
const maxText = 16 * 1024;
const maxDepth = 32;

function tokensOf(text: string): Tokens {
  if (text.length > maxText) throw new Beyond();
  const all: string[] = [];
  for (const [whole, read, other] of text.matchAll(token)) {
    if (other !== undefined) throw new Beyond();
    // A line break ends a field, unless the line is empty.
    if (whole.includes('\n') && read !== undefined) all.push('\n');
    if (read !== undefined) all.push(read);
  }
  return { all, next: 0, depth: 0 };
}

function peek(tokens: Tokens): string {
  return tokens.all[tokens.next] ?? '';
}

function take(tokens: Tokens): string {
  const token = peek(tokens);
  tokens.next += 1;
  return token;
}

function expect(tokens: Tokens, ...wanted: readonly string[]): void {
  for (const each of wanted) if (take(tokens) !== each) throw new Beyond();
}

/** Reads what is one level deeper. */
function deeper<T>(tokens: Tokens, read: () => T): T {
  tokens.depth += 1;
  if (tokens.depth > maxDepth) throw new Beyond();
  const found = read();
  tokens.depth -= 1;
  return found;
}

function readFields(tokens: Tokens, until: '}' | 'end'): readonly CueField[] {
  const fields: CueField[] = [];
  for (;;) {
    while (peek(tokens) === '\n' || peek(tokens) === ',') tokens.next += 1;
    if (peek(tokens) === (until === 'end' ? '' : until)) break;
    if (until === 'end' && peek(tokens) === 'import') readImport(tokens);
    else fields.push(readField(tokens));
    if (!['\n', ',', '}', ''].includes(peek(tokens))) throw new Beyond();
  }
  return fields;
}

/** Only the package that `time.Parse` is in. */
function readImport(tokens: Tokens): void {
  expect(tokens, 'import', '"time"');
}

function readField(tokens: Tokens): CueField {
  const label = take(tokens);
  const name = label.startsWith('"') ? stringOf(label) : label;
  if (!label.startsWith('"') && !/^[A-Za-z]\w*$/.test(label)) throw new Beyond();
  expect(tokens, ':');
  if (tokens.all[tokens.next + 1] === ':')
    return { name, value: { kind: 'struct', fields: [deeper(tokens, () => readField(tokens))] } };
  return { name, value: readValue(tokens) };
}

function readValue(tokens: Tokens): Cue {
  const of = [readTerm(tokens)];
  while (peek(tokens) === '&') {
    tokens.next += 1;
    of.push(readTerm(tokens));
  }
  const [only] = of;
  return of.length === 1 && only !== undefined ? only : { kind: 'all', of };
}

const operators: ReadonlySet<string> = new Set(['<', '>', '<=', '>=', '!=', '=~', '!~']);

function readTerm(tokens: Tokens): Cue {
  const first = take(tokens);
  if (operators.has(first)) return { kind: 'compare', operator: first, with: readOperand(tokens) };
  if (first !== '{') {
    tokens.next -= 1;
    return readOperand(tokens);
  }
  const fields = deeper(tokens, () => readFields(tokens, '}'));
  expect(tokens, '}');
  return { kind: 'struct', fields };
}

function readOperand(tokens: Tokens): Cue {
  const first = take(tokens);
  if (first.startsWith('"')) return { kind: 'literal', value: stringOf(first) };
  if (/^-?\d/.test(first)) return { kind: 'literal', value: numberOf(first) };
  if (first === 'true' || first === 'false') return { kind: 'literal', value: first === 'true' };
  if (first === 'time') return readTime(tokens);
  // `null` and the names of types are no names of fields.
  if (/^[A-Za-z]\w*$/.test(first) && !words.has(first)) return { kind: 'name', name: first };
  throw new Beyond();
}

/** No digit may be lost. */
function numberOf(token: string): number {
  if (token.length > 15) throw new Beyond();
  return Number(token);
}

const words: ReadonlySet<string> = new Set(
  'null string bytes bool int float number len and or div mod quo rem if for let in import package'.split(
    ' ',
  ),
);

function readTime(tokens: Tokens): Cue {
  expect(tokens, '.', 'Parse', '(', 'time', '.', 'RFC3339', ',');
  const text = take(tokens);
  expect(tokens, ')');
  if (!text.startsWith('"')) throw new Beyond();
  return { kind: 'time', text: stringOf(text) };
}

/** The escapes that JSON has too. */
function stringOf(token: string): string {
  const read: unknown = JSON.parse(token);
  if (typeof read !== 'string') throw new Beyond();
  return read;
}
