// What is read, what is refused and where the fault is, and that no text of any shape or size does more than that.
import fc from 'fast-check';
import { test } from 'tap';
import { canonicalJson, getIn, type JsonValue } from '../../src/base/json.ts';
import type { Documents } from '../../src/yaml/document.ts';
import { readDocuments } from '../../src/yaml/read.ts';

/** `code@line:column`, sorted as they are reported. */
function faults({ faults }: Documents): string[] {
  return faults.map((f) => `${f.code}@${f.line}:${f.column}`);
}

function values({ documents }: Documents): string[] {
  return documents.map((d) => canonicalJson(d.value));
}

const refusals: readonly [string, string, readonly string[]][] = [
  ['a tab as indentation', 'a:\n\tb: 1', ['yaml-syntax@2:1']],
  ['a quote that is not closed: where it opens', 'a: 1\nb: "x\nc: 2\n', ['yaml-syntax@2:4']],
  ['a quote that is not closed, to the end', "a: 'x", ['yaml-syntax@1:4']],
  ['a quote whose last is doubled', "a: 'x''", ['yaml-syntax@1:4']],
  ['a quote whose last is escaped', 'a: "x\\"', ['yaml-syntax@1:4']],
  ['a bracket that is not closed', 'a: [1, 2\nb: 3', ['yaml-syntax@2:1']],
  ['a bracket too many', 'a: [1]]', ['yaml-syntax@1:7']],
  ['a comma missing', 'a: {b: 1 c: 2}', ['yaml-syntax@1:8']],
  ['a colon missing', 'a: 1\nb\nc: 2', ['yaml-syntax@2:1']],
  ['two colons in a line', 'a: b: c', ['yaml-syntax@1:4']],
  ['siblings not aligned', 'a:\n  b: 1\n c: 2', ['yaml-syntax@3:1']],
  ['a list beside a mapping', 'a: 1\n- b', ['yaml-syntax@2:1']],
  ['a reserved character', 'a: @b', ['yaml-syntax@1:4']],
  ['an unknown escape', 'a: "\\z"', ['yaml-syntax@1:5']],
  ['a control character', 'a: b\u0007', ['yaml-syntax@1:5']],
  ['a line break that only YAML 1.1 knows', 'a: 1 # \u2028b: 2', ['yaml-syntax@1:8']],
  ['text after a separator', 'a: 1\n--- b', ['yaml-syntax@2:5']],
  ['text after the end of a document', 'a: 1\n...\nb: 2', ['yaml-syntax@3:1']],
  ['a directive', '%YAML 1.2\n---\na: 1', ['yaml-syntax@1:1']],
  ['an infinite number', 'a: .inf', ['yaml-syntax@1:4']],
  ['no number', 'a: [1, .nan]', ['yaml-syntax@1:8']],
  ['an anchor that is nowhere', 'a: *x', ['yaml-syntax@1:4']],
  ['an anchor that comes later', 'a: *x\nb: &x 1', ['yaml-syntax@1:4']],
  ['an anchor inside itself', 'a: &x [1, *x]', ['yaml-syntax@1:11']],
  ['a merge of no mapping', 'a:\n  <<: 1', ['yaml-syntax@2:7']],
  ['a key twice', 'a: 1\nb: 2\na: 3', ['yaml-duplicate-key@3:1']],
  ['a key thrice', 'a: 1\na: 2\na: 3', ['yaml-duplicate-key@2:1', 'yaml-duplicate-key@3:1']],
  [
    'keys that become the same text',
    '1: a\n"1": b\n0x1: c',
    ['yaml-duplicate-key@2:1', 'yaml-duplicate-key@3:1'],
  ],
  ['a boolean key and its text', '{yes: 1, "true": 2}', ['yaml-duplicate-key@1:10']],
  [
    'a key twice beside a merge',
    'x: &x {a: 1}\nz:\n  a: 1\n  <<: *x\n  a: 2',
    ['yaml-duplicate-key@5:3'],
  ],
  ['__proto__ twice', '__proto__: 1\n__proto__: 2', ['yaml-duplicate-key@2:1']],
  ['a key twice in JSON', '{"a": 1,\n "a": 2}', ['yaml-duplicate-key@2:2']],
  ['a key twice in JSON, one escaped', '{"a": 1, "\\u0061": 2}', ['yaml-duplicate-key@1:10']],
  ['a mapping as a key', '{a: 1}: 2', ['yaml-key@1:1']],
  ['a list as a key', '? [a]\n: 2', ['yaml-key@1:3']],
  ['null as a key', '~: 1', ['yaml-key@1:1']],
  ['nothing as a key', ': 1', ['yaml-key@1:1']],
  ['a tag that does not fit', 'a: !!int x', ['yaml-tag@1:10']],
  ['a tag without its prefix', 'a: !e!x 1', ['yaml-tag@1:4']],
  ['binary that is no base64', 'a: !!binary "x"', ['yaml-tag@1:13']],
  ['binary that is no text', 'a: !!binary /w==', ['yaml-tag@1:13']],
  [
    'one bad document among good ones',
    'a: 1\n---\nb: [\n---\nc: 3\n---\nd: }',
    ['yaml-syntax@3:5', 'yaml-syntax@7:4'],
  ],
  [
    'every fault of a document',
    'a: !!int x\nb: *z\na: 1',
    ['yaml-tag@1:10', 'yaml-syntax@2:4', 'yaml-duplicate-key@3:1'],
  ],
];

test('a fault has its code, line and column, and takes only its own document away', (t) => {
  for (const [what, text, want] of refusals)
    t.same(faults(readDocuments(text, 'a.yaml')), want, what);
  t.same(values(readDocuments('a: 1\n---\nb: [\n---\nc: 3\n---\nd: }', 'a.yaml')), [
    '{"a":1}',
    '{"c":3}',
  ]);
  t.same(values(readDocuments('a: 1\na: 2\n', 'a.yaml')), []);
  t.end();
});

test('a fault shows its line and says what to do', (t) => {
  const [duplicate] = readDocuments('x: 0\nimage: a\r\nimage: b\r\n', 'pod.yaml').faults;
  t.match(duplicate, {
    file: 'pod.yaml',
    message: 'the key "image" is already there in line 2',
    excerpt: 'image: b',
    fix: 'keep one of them',
  });
  const [tab] = readDocuments('a:\n\tb: 1', 'x').faults;
  t.match(tab, {
    message: 'a tab is used as indentation',
    fix: 'indent with spaces',
    excerpt: '\tb: 1',
  });
  t.ok(readDocuments('a: "\u001b[31m\\z"', 'x').faults.every((f) => !f.message.includes('\u001b')));
  t.end();
});

const json: readonly [string, string, string, readonly string[], readonly string[]][] = [
  ['tabs between tokens', 'a.json', '{\n\t"a":\t[\t1\t]\n}', ['{"a":[1]}'], []],
  ['tabs, whatever the name', 'a.yaml', '{\n\t"a": 1\n}', ['{"a":1}'], []],
  [
    'values one after another',
    'a.json',
    '{"a":1}{"b":2}\n{"c":3}',
    ['{"a":1}', '{"b":2}', '{"c":3}'],
    [],
  ],
  ['YAML in a .json file', 'a.json', "{a: yes, 'b': 1,}", ['{"a":true,"b":1}'], []],
  [
    'numbers',
    'a.json',
    '[0, -0, 1e3, 1.50, 9007199254740993, 18446744073709551615]',
    ['[0,0,1000,1.5,9007199254740993,18446744073709552000]'],
    [],
  ],
  [
    'half of a surrogate pair, as Go reads it',
    'a.json',
    '["\\ud800", "\\ud83d\\ude00"]',
    ['["\uFFFD","😀"]'],
    [],
  ],
  ['text, not a number of YAML 1.1', 'a.json', '{"a":"0777"}', ['{"a":"0777"}'], []],
  ['__proto__', 'a.json', '{"__proto__":{"a":1}}', ['{"__proto__":{"a":1}}'], []],
  [
    'a fault in .json is told as JSON',
    'a.json',
    '{\n\t"a": 1\n\t"b": 2\n}',
    [],
    ['yaml-syntax@3:2'],
  ],
  ['an open string', 'a.json', '{\n\t"a": "b\n}', [], ['yaml-syntax@2:7']],
  ['an open brace', 'a.json', '{\n\t"a": 1', [], ['yaml-syntax@2:8']],
  ['a number beyond a double', 'a.json', '{"a": 1e999}', [], ['yaml-syntax@1:7']],
];

test('JSON is read as JSON where YAML would refuse it, with the same faults and places', (t) => {
  for (const [what, file, text, want, wrong] of json) {
    const read = readDocuments(text, file);
    t.same(values(read), want, what);
    t.same(faults(read), wrong, what);
  }
  t.end();
});

test('integers are exact: numbers, or bigint where a double is not; zero has no sign', (t) => {
  const text =
    'a: 9007199254740993\nb: 9007199254740991\nc: -0\nd: -0.0\ne: 0x7fffffffffffffff\nf: 18446744073709551615';
  const want = {
    a: 9007199254740993n,
    b: 9007199254740991,
    c: 0,
    d: 0,
    e: 2n ** 63n - 1n,
    f: 2 ** 64,
  };
  t.strictSame(readDocuments(text, 'x').documents[0]?.value, want);
  for (const zero of ['a: -0', 'a: -0.0', '{"a": -0}', '{"a": -0.0}']) {
    const value = getIn(readDocuments(zero, 'x').documents[0]?.value, ['a']);
    t.ok(Object.is(value, 0), zero);
  }
  t.end();
});

test('keys like __proto__ are own properties, and nothing outside the document changes', (t) => {
  const text =
    '__proto__: {polluted: 1}\nconstructor: {prototype: {polluted: 1}}\nx: &x {__proto__: {polluted: 1}}\nz:\n  <<: *x';
  const value = readDocuments(text, 'x').documents[0]?.value as Record<string, JsonValue>;
  t.same(Object.keys(value), ['__proto__', 'constructor', 'x', 'z']);
  t.equal(Object.getPrototypeOf(value), Object.prototype);
  t.ok(Object.hasOwn(value['z'] as object, '__proto__'));
  t.equal(({} as { polluted?: unknown }).polluted, undefined);
  t.end();
});

const nest = (open: string, close: string, times: number): string =>
  open.repeat(times) + close.repeat(times);
const bomb = 'bcdefghij'
  .split('')
  .map((c, i) => `${c}: &${c} [${Array(9).fill(`*${'abcdefghij'[i]}`).join(', ')}]`)
  .join('\n');
const merges = Array.from({ length: 1000 }, (_, i) => `m${i}: {<<: *a}`).join('\n');
const wide = Array.from({ length: 1000 }, (_, i) => `k${i}: 1`).join(', ');
const steps = (n: number): string =>
  Array.from({ length: n }, (_, i) => `${' '.repeat(i)}a:`).join('\n');

const bounds: readonly [string, string, readonly string[]][] = [
  ['256 brackets', nest('[', ']', 256), []],
  ['257 brackets', nest('[', ']', 257), ['yaml-too-deep@1:257']],
  ['256 braces that are not JSON', `${'{a: '.repeat(256)}b${'}'.repeat(256)}`, []],
  [
    '257 braces that are not JSON',
    `${'{a: '.repeat(257)}b${'}'.repeat(257)}`,
    ['yaml-too-deep@1:1025'],
  ],
  ['256 levels by indentation', `${steps(256)} 1`, []],
  ['257 levels by indentation', `${steps(257)} 1`, ['yaml-too-deep@257:257']],
  ['a thousand levels by indentation', steps(1000), ['yaml-too-deep@257:257']],
  ['a hundred thousand dashes in a line', '- '.repeat(100_000), ['yaml-too-deep@1:513']],
  ['a million open brackets', '['.repeat(1_000_000), ['yaml-too-deep@1:257']],
  [
    'brackets in a comment, a quote and a literal',
    `a: 1 # ${'['.repeat(5000)}\nb: "${'['.repeat(5000)}"\nc: |\n  ${'{['.repeat(5000)}\nd: x${'{'.repeat(300)}\n`,
    [],
  ],
  [
    'an alias below 128 levels to 128 levels',
    `a: &x ${nest('[', ']', 128)}\nb: ${'['.repeat(127)}*x${']'.repeat(127)}`,
    [],
  ],
  [
    'an alias below 200 levels to 200 levels',
    `a: &x ${nest('[', ']', 200)}\nb: ${'['.repeat(200)}*x${']'.repeat(200)}`,
    ['yaml-too-deep@2:204'],
  ],
  ['a thousand merges of a thousand keys', `a: &a {${wide}}\n${merges}`, ['yaml-alias-limit']],
  ['nine times nine aliases', `a: &a [x, x, x, x, x, x, x, x, x]\n${bomb}`, ['yaml-alias-limit']],
  [
    'a large text by many aliases',
    `a: &a "${'x'.repeat(100_000)}"\nb: [${Array(100).fill('*a').join(', ')}]`,
    ['yaml-alias-limit'],
  ],
  ['a million tokens', '- \n'.repeat(600_000), ['yaml-too-large']],
  ['a million values of JSON', `[${'1,'.repeat(1_000_001)}1]`, ['yaml-too-large']],
  ['a hundred thousand documents', '---\n'.repeat(100_001), ['yaml-too-large@0:0']],
  ['sixteen megabytes', ' '.repeat(16 * 1024 * 1024 + 1), ['yaml-too-large@0:0']],
];

test('depth, size and what aliases make are bounded, and only true nesting counts as depth', (t) => {
  for (const [what, text, want] of bounds) {
    const read = readDocuments(text, 'x');
    // Some bounds are passed more than once; where, is of no matter.
    const got = want[0]?.includes('@')
      ? faults(read)
      : [...new Set(read.faults.map((f) => f.code))];
    t.same(got, want, what);
    t.equal(read.documents.length, want.length === 0 ? 1 : 0, what);
  }
  t.end();
});

test('what the yaml package alone would take minutes for is read', (t) => {
  const keys = Array.from({ length: 20_000 }, (_, i) => `key${i}: ${i}`).join('\n');
  t.same(readDocuments(`${keys}\n`, 'x').documents[0]?.position(['key19999']), {
    line: 20_000,
    column: 11,
  });
  const many = readDocuments('a: {b: 1}\n---\n'.repeat(5000), 'x').documents;
  t.same([many.length, many.at(-1)?.index, many.at(-1)?.line], [5000, 4999, 9999]);
  const block = readDocuments(`a: |\n${'  some text\n'.repeat(100_000)}`, 'x').documents[0];
  t.same(block?.positionInScalar(['a'], 10 * 99_999), { line: 100_001, column: 3 });
  t.end();
});

test('deep nests, again and again, leave the process alive', (t) => {
  for (let i = 0; i < 100; i++) {
    const text = nest(i % 2 === 0 ? '[' : '{a: ', i % 2 === 0 ? ']' : '}', 900 + i);
    t.same([...new Set(readDocuments(text, 'x').faults.map((f) => f.code))], ['yaml-too-deep']);
  }
  t.end();
});

test('values that come through an alias are shared, not copied', (t) => {
  const value = readDocuments('a: &a {b: 1}\nc: *a', 'x').documents[0]?.value as Record<
    string,
    JsonValue
  >;
  t.equal(value['a'], value['c']);
  t.end();
});

test('any JSON value is read back as it was, as JSON and as YAML', (t) => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 6 }), fc.constantFrom('', '\t', '  '), (value, indent) => {
      const text = JSON.stringify(value, null, indent);
      const want = value === null ? [] : [canonicalJson(JSON.parse(text.toWellFormed()))];
      const read = readDocuments(text, 'x.json');
      return read.faults.length === 0 && values(read).join() === want.join();
    }),
    { numRuns: 300 },
  );
  t.end();
});

/** Pieces that mean something to YAML, so that random texts get further than their first line. */
const piece = fc.constantFrom(
  ...[
    'a',
    'b: ',
    '- ',
    '? ',
    ': ',
    '\n',
    '\n  ',
    '\n    ',
    '[',
    ']',
    '{',
    '}',
    ', ',
    '"',
    "'",
    '|\n',
    '>-\n',
    '# c',
    '&x ',
    '*x',
    '!!str ',
  ],
  ...[
    '<<: ',
    '---\n',
    '...\n',
    '%',
    '@',
    '\t',
    '\r\n',
    '\r',
    '\\',
    '\u0000',
    '\u0002',
    '\u2028',
    '\uFEFF',
    '\uD800',
    '😀',
    '0x',
    '1_0',
    '~',
    'yes',
  ],
);

test('no text makes the reader throw, and every fault and document stands inside the text', (t) => {
  const text = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 60 }),
    fc.array(piece, { maxLength: 40 }).map((pieces) => pieces.join('')),
  );
  fc.assert(
    fc.property(text, (given) => {
      const { documents, faults } = readDocuments(given, 'x');
      const lines = given.split('\n').length;
      const places = [...faults, ...documents.map((d) => d.position([]))];
      for (const document of documents) {
        canonicalJson(document.value);
        document.positionInScalar([], 3);
      }
      return places.every((p) => p.line >= 1 && p.line <= lines && p.column >= 1);
    }),
    { numRuns: 3000 },
  );
  t.end();
});
