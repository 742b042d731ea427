// Regular expressions in linear time: RE2 syntax by re2js. Constant ones are compiled at load.
import { RE2JS, RE2JSException } from 're2js';
import { maxPatterns } from './limits.ts';
import { type PlainPattern, plainPattern } from './plain-pattern.ts';
import { CelError } from './value.ts';

export class Pattern {
  readonly re2: RE2JS;
  readonly plain: PlainPattern | undefined;
  /** What a character of a text may take at most, in comparisons: each instruction is looked at, and slowly where many
   * are open at a time, as within a repeated group or where a match may start anywhere. */
  readonly weight: number;
  readonly #known = new Map<string, boolean>();

  constructor(source: string, re2: RE2JS) {
    this.re2 = re2;
    this.plain = plainPattern(source);
    const few = source.startsWith('^') && !manyOpen.test(source);
    this.weight = re2.programSize() * (few ? 0.5 : 2);
  }

  /** Whether it matches anywhere. Several variables of a policy ask the same of the same names, and the names come again. */
  matches(text: string): boolean {
    const before = this.#known.get(text);
    if (before !== undefined) return before;
    const found = this.re2.matcher(text).find();
    if (text.length > maxKnownLength) return found;
    if (this.#known.size >= maxKnown) this.#known.clear();
    this.#known.set(text, found);
    return found;
  }
}

/** How many texts a pattern remembers, and how long they may be. */
const [maxKnown, maxKnownLength] = [32, 512];

/** A repeated group, or a counted repetition behind one without end. */
const manyOpen = /\)[*+{]|[*+,].*\{/s;

/** A compiled pattern, or an error value. */
export function compilePattern(source: string): Pattern | CelError {
  const re2 = compileRe2(source);
  return re2 instanceof CelError ? re2 : new Pattern(source, re2);
}

function compileRe2(source: string): RE2JS | CelError {
  const unknown = unknownClass(source);
  if (unknown !== undefined) return invalid(`invalid character class range: \`${unknown}\``);
  try {
    return RE2JS.compile(source);
  } catch (cause) {
    if (!(cause instanceof RE2JSException)) throw cause;
    const why = cause.message.replace(/^error parsing regexp: /, '');
    const nameless = source.replace(token, (part) => (part.startsWith('(?') ? '(' : part));
    // Go lets two groups have one name; no name matters here.
    if (why.startsWith('duplicate') && nameless !== source) return compileRe2(nameless);
    return invalid(why.startsWith('trailing backslash') ? `${why}: \`\`` : why);
  }
}

const invalid = (why: string): CelError => new CelError(`error parsing regexp: ${why}`);

/** An escape, a class, or the start of a named group. */
const token = /\\[\s\S]|\[\^?\]?(?:\\[\s\S]|[^\]\\])*\]|\(\?P?<\w+>/g;
const className = /\\\\|\\[pP]\{\^?([^}]*)\}/g;
/** Names of classes that re2js has and the Go of the API server has not, beside those with an underscore. */
const unknownClasses: ReadonlySet<string> = new Set(
  'Alphabetic Dash Emoji Garay Lowercase Math Sidetic SignWriting Sunuwar Todhri Unknown Uppercase'.split(
    ' ',
  ),
);

function unknownClass(source: string): string | undefined {
  for (const [whole, name] of source.matchAll(className)) {
    if (name !== undefined && (name.includes('_') || unknownClasses.has(name))) return whole;
  }
  return undefined;
}

/** A bounded cache, one for each program: the oldest pattern leaves first. */
export function patternCache(): (source: string) => Pattern | CelError {
  const known = new Map<string, Pattern | CelError>();
  return (source) => {
    const cached = known.get(source);
    if (cached !== undefined) return cached;
    const made = compilePattern(source);
    const [oldest] = known.keys();
    if (known.size >= maxPatterns && oldest !== undefined) known.delete(oldest);
    known.set(source, made);
    return made;
  };
}
