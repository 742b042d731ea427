// Patterns that are run without an automaton say what RE2 says, and leave to it what they cannot tell.
import fc from 'fast-check';
import { RE2JS } from 're2js';
import { test } from 'tap';
import { plainPattern } from '../../src/cel/plain-pattern.ts';

const atoms = [
  ...[
    'a',
    'b',
    '0',
    '-',
    '.',
    ':',
    ' ',
    '\\.',
    '\\/',
    '\\$',
    '\\\\',
    '\\d',
    '\\w',
    '[a-b]',
    '[^a]',
  ],
  ...['[b-d-]', '[-a]', '[0-9]', '[^-.]', '[a\\-c]', '[.]', '[\\\\]', '[\\]]', '[+-.]', '\\(', 'é'],
  ...['(a)', '|', '[a-b-d]', '[]a]', '[[:alpha:]]', '\\s', '\\b', '*', '['],
];
const times = [
  '',
  '',
  '',
  '*',
  '+',
  '?',
  '{2}',
  '{1,3}',
  '{0,2}',
  '{2,}',
  '{0}',
  '*?',
  '{,2}',
  '**',
];

test('a pattern that needs no automaton matches as RE2 does', (t) => {
  const step = fc
    .tuple(fc.constantFrom(...atoms), fc.constantFrom(...times))
    .map((s) => s.join(''));
  const pattern = fc
    .tuple(fc.array(step, { minLength: 1, maxLength: 5 }), fc.constantFrom('', '$'))
    .map(([steps, end]) => `^${steps.join('')}${end}`);
  const text = fc.string({ unit: fc.constantFrom(...'aabbcd05-.:$\\() \né*_A/+]'), maxLength: 9 });
  const texts = fc.array(text, { minLength: 8, maxLength: 8 });
  let compared = 0;
  fc.assert(
    fc.property(pattern, texts, (source, tried) => {
      const plain = plainPattern(source);
      if (plain === undefined) return;
      const re2 = RE2JS.compile(source);
      for (const each of tried) {
        const said = plain(each);
        if (said === undefined) continue;
        compared++;
        if (said !== re2.matcher(each).find()) throw new Error(`${source} on ${each}`);
      }
    }),
    { numRuns: 3_000 },
  );
  t.ok(compared > 1_000);
  t.end();
});

test('a pattern whose next character does not tell how it goes on is left to RE2', (t) => {
  const left = [
    ...['a', 'a$', '^a*a', '^a?[a-c]', '^a{1,2}b?a', '^.*x', '^[a-z]+-?[a-z]', '^(a)$', '^a|b'],
    ...[
      '^(?i)a',
      '^a*?b',
      '^a{2}?',
      '^[^',
      '^[[:alpha:]]',
      '^\\s',
      '^\\pL',
      '^\\b',
      '^é',
      '^a{1001}',
      '^^a',
    ],
  ];
  for (const source of left) t.equal(plainPattern(source), undefined, source);
  const taken = [
    '^a',
    '^a$',
    '^a*b',
    '^[a-z0-9./-]+:[0-9.]+$',
    '^[^@]+@sha256:[a-f0-9]{64}$',
    '^v\\d+\\.\\d+$',
  ];
  for (const source of taken) t.type(plainPattern(source), 'function', source);
  t.equal(plainPattern('^a*b')?.('aé'), undefined, 'a text beyond ASCII');
  t.end();
});
