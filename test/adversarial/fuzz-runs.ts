// How often the fuzzers run: 20,000 times in all, SEKISHO_RUNS times where that is set, shared out among the properties.
// And what they all begin with: texts and values that are nearly right.
import fc from 'fast-check';
import tap from 'tap';
import { type JsonValue, setOwn } from '../../src/base/json.ts';

const total = Number(process.env['SEKISHO_RUNS'] ?? 20_000);

/** The runs of a property that has so many hundredths of all. */
export function runsOf(percent: number): fc.Parameters<unknown> {
  return { numRuns: Math.max(1, Math.ceil((total * percent) / 100)) };
}

/** A soak takes as long as it takes: run the files with node itself, tap's runner has a limit of its own. */
const soaks = total > 20_000;
export const patient = soaks ? { timeout: 0 } : {};
if (soaks) tap.setTimeout(0);

/** Keys and words that a careless reader trips over. */
export const words: readonly string[] = [
  '__proto__',
  'constructor',
  'toString',
  'hasOwnProperty',
  '',
  'name',
  'spec',
  'containers',
  'image',
  'hostNetwork',
  'true',
  'null',
  '~',
  'yes',
  '0',
  '-0',
  '0x0',
  '1e3',
  '.inf',
  '<<',
  '\u2028',
  '\ud800',
  '\u001b[31m',
  '\u202e',
];

const scalar = fc.oneof(
  fc.constantFrom<JsonValue[]>(null, true, false, 0, -0, 1, -1, 2 ** 53, 1e300, 0.1),
  fc.constantFrom(...words),
  fc.string({ maxLength: 12, unit: 'binary' }),
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
);
const key = fc.oneof(fc.constantFrom(...words), fc.string({ maxLength: 6, unit: 'binary' }));

/** Any JSON value without integers that a double cannot hold. */
export const anything: fc.Arbitrary<JsonValue> = fc.letrec<{ value: JsonValue }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 5, withCrossShrink: true },
    scalar,
    fc.array(tie('value'), { maxLength: 4 }),
    fc.array(fc.tuple(key, tie('value')), { maxLength: 4 }).map((entries) => {
      const object: Record<string, JsonValue> = {};
      for (const [name, value] of entries) setOwn(object, name, value);
      return object;
    }),
  ),
})).value;

/** Pieces that break, nest, end or repeat a text. */
const pieces = [
  ...[
    '{',
    '}',
    '[',
    ']',
    '"',
    "'",
    ':',
    ',',
    '\\',
    '\n',
    '\r',
    '\t',
    ' ',
    '  ',
    '#',
    '-',
    '- ',
    '? ',
    '&a ',
    '*a',
  ],
  ...[
    '|',
    '>',
    '|+2',
    '!',
    '!!',
    '!!binary ',
    '%',
    '@',
    '`',
    '---\n',
    '...\n',
    '<<: ',
    '\ufeff',
    '\u0000',
    '\u0085',
  ],
  ...[
    '\u2028',
    '\ud800',
    '\\u0000',
    '\\ud800',
    '9007199254740993',
    '1e999',
    '-',
    '0',
    'e',
    '.',
    '[[[[',
    '{"a":',
  ],
];

type Edit = { readonly at: number; readonly cut: number; readonly piece: string };

const edit: fc.Arbitrary<Edit> = fc.record({
  at: fc.nat(),
  cut: fc.oneof(fc.constant(0), fc.nat(3), fc.nat(200)),
  piece: fc.oneof(
    fc.constant(''),
    fc.constantFrom(...pieces, ...words),
    fc.string({ maxLength: 3, unit: 'binary' }),
  ),
});

/** One of the texts, cut and patched in up to five places. */
export function nearly(texts: readonly string[]): fc.Arbitrary<string> {
  return fc
    .tuple(fc.constantFrom(...texts), fc.array(edit, { maxLength: 5 }))
    .map(([text, edits]) => edits.reduce(edited, text));
}

function edited(text: string, { at, cut, piece }: Edit): string {
  const start = at % (text.length + 1);
  return text.slice(0, start) + piece + text.slice(start + cut);
}
