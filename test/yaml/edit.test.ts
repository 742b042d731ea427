// A document's text changed to another value: what is written where, what stays, and when it is refused instead.
import fc from 'fast-check';
import { test } from 'tap';
import { canonicalJson, getIn, type JsonValue } from '../../src/base/json.ts';
import { type Edit, edit } from '../../src/base/json-edit.ts';
import { editDocument } from '../../src/yaml/edit/edit.ts';
import { readDocuments } from '../../src/yaml/read.ts';
import { yamlText } from '../../src/yaml/write.ts';
import { gone, set } from '../fixtures/edits.ts';

function valueIn(text: string): JsonValue {
  const { documents, faults } = readDocuments(text, '');
  if (documents[0] === undefined || faults.length > 0) throw new Error(JSON.stringify(faults));
  return documents[0].value;
}

function edited(text: string, edits: readonly Edit[]) {
  const from = valueIn(text);
  return editDocument(text, from, edit(from, edits).value);
}

type Row = readonly [rule: string, before: string, edits: readonly Edit[], after: string];

const rows: readonly Row[] = [
  [
    'a scalar is replaced before its comment',
    'a: true   # why\n',
    [set(['a'], false)],
    'a: false   # why\n',
  ],
  ['a text keeps its double quotes', 'a: "x"\n', [set(['a'], 'y')], 'a: "y"\n'],
  ['and its single quotes', "a: 'x'\n", [set(['a'], "it's")], "a: 'it''s'\n"],
  [
    'a word that YAML 1.1 takes for a boolean is quoted',
    'a: x\n',
    [set(['a'], 'yes')],
    'a: "yes"\n',
  ],
  [
    'a field is added after the last one, behind its comment',
    'm:\n    b: 1 # last\n    # more\nz: 1\n',
    [set(['m', 'c'], { d: true })],
    'm:\n    b: 1 # last\n    c:\n      d: true\n    # more\nz: 1\n',
  ],
  [
    'after a nested one too',
    'm:\n  b:\n    - x: 1\n',
    [set(['m', 'c'], true)],
    'm:\n  b:\n    - x: 1\n  c: true\n',
  ],
  [
    'after a literal, whose last lines stay its own',
    'm:\n  b: |+\n    text\n\nz: 1\n',
    [set(['m', 'c'], true)],
    'm:\n  b: |+\n    text\n\n  c: true\nz: 1\n',
  ],
  ['at the end of a text without a line break', 'a: 1', [set(['b'], 2)], 'a: 1\nb: 2'],
  [
    'with the line breaks of the text',
    'a: 1\r\n',
    [set(['b'], { c: 2 })],
    'a: 1\r\nb:\r\n  c: 2\r\n',
  ],
  ['in an item of a list', '- a: 1\n- a: 2\n', [set([0, 'b'], 2)], '- a: 1\n  b: 2\n- a: 2\n'],
  ['a list of words is on one line', 'a: 1\n', [set(['b'], ['ALL'])], 'a: 1\nb: [ALL]\n'],
  [
    'inside braces it is on their line',
    'a: {b: 1} # c\n',
    [set(['a', 'c'], { d: [true] })],
    'a: {b: 1, c: {d: [true]}} # c\n',
  ],
  ['empty braces are filled', 'a: {}\n', [set(['a', 'b'], true)], 'a: {b: true}\n'],
  [
    'what is not written is filled below',
    'a:  # todo\nb: 1\n',
    [set(['a', 'c'], { d: 1 })],
    'a:  # todo\n  c:\n    d: 1\nb: 1\n',
  ],
  [
    'null is filled below',
    'a: null # todo\nb: 1\n',
    [set(['a', 'c'], true)],
    'a: # todo\n  c: true\nb: 1\n',
  ],
  ['or on its line', 'a: ~\nb: 1\n', [set(['a'], ['x'])], 'a: [x]\nb: 1\n'],
  [
    'a field is taken out with its line and comment',
    'a: 1\nb: 2 # b\n# c\nc: 3\n',
    [gone(['b'])],
    'a: 1\n# c\nc: 3\n',
  ],
  ['with all its lines', 'a: 1\nb:\n  - x\n  - |\n    y\nc: 3\n', [gone(['b'])], 'a: 1\nc: 3\n'],
  ['the last one too', 'a: 1\nb: 2', [gone(['b'])], 'a: 1'],
  [
    'the first of an item gives its dash to the next',
    '- a: 1\n  b: 2\n',
    [gone([0, 'a'])],
    '- b: 2\n',
  ],
  ['or to a comment', '- a: 1\n  # b\n  b: 2\n', [gone([0, 'a'])], '- # b\n  b: 2\n'],
  [
    'a field inside braces goes with its comma',
    'a: {b: 1, c: 2, d: 3}\n',
    [gone(['a', 'c']), gone(['a', 'b'])],
    'a: {d: 3}\n',
  ],
  ['an item goes with its line', 'a:\n- x # x\n# y\n- y\n', [gone(['a', 0])], 'a:\n# y\n- y\n'],
  ['an item of brackets with its comma', 'a: [x, y]\n', [gone(['a', 1])], 'a: [x]\n'],
  [
    'an item that is put at the end has a line',
    'a:\n  - x # x\n',
    [set(['a'], ['x', { b: 1 }])],
    'a:\n  - x # x\n  - b: 1\n',
  ],
  ['or a place in the brackets', 'a: [x]\n', [set(['a'], ['x', 'z'])], 'a: [x, z]\n'],
  [
    'what came by a merge is said again for this place',
    'b: &b {x: 1}\nc:\n  <<: *b\n  y: 1\n',
    [set(['c', 'x'], 2)],
    'b: &b {x: 1}\nc:\n  <<: *b\n  y: 1\n  x: 2\n',
  ],
  [
    'an anchor that nobody uses is no matter',
    'a: &a\n  b: 1\n',
    [set(['a', 'b'], 2)],
    'a: &a\n  b: 2\n',
  ],
  [
    'JSON on lines gets lines',
    '{\n\t"a": 1\n}\n',
    [set(['b'], { c: 'x' })],
    '{\n\t"a": 1,\n\t"b": {\n\t\t"c": "x"\n\t}\n}\n',
  ],
  [
    'JSON with spaces gets spaces',
    '{"a": {"b": 1}}',
    [set(['a', 'c'], { d: 1 })],
    '{"a": {"b": 1, "c": {"d": 1}}}',
  ],
  [
    'tight JSON stays tight',
    '{"a":{"b":1}}',
    [set(['a', 'c'], { d: 'x' })],
    '{"a":{"b":1,"c":{"d":"x"}}}',
  ],
  ['a key may have a slash', 'a:\n  b/c: x\n', [set(['a', 'b/c'], 'z')], 'a:\n  b/c: z\n'],
];

for (const [rule, before, edits, after] of rows) {
  test(`edit: ${rule}`, (t) => {
    t.same(edited(before, edits), { ok: true, value: after });
    t.end();
  });
}

const refused: readonly (readonly [string, string, readonly Edit[], RegExp])[] = [
  [
    'an alias shares the field',
    'a: &x {b: 1}\nc: *x\n',
    [set(['c', 'b'], 2)],
    /^c\.b: the anchor "x" shares it/,
  ],
  [
    'the anchor is used elsewhere',
    'a: &x {b: 1}\nc: *x\n',
    [set(['a', 'b'], 2)],
    /^a\.b: the anchor "x" shares it/,
  ],
  [
    'a parent of it is shared',
    'a: &x\n  b: {c: 1}\nd: *x\n',
    [set(['a', 'b', 'c'], 2)],
    /"x" shares it/,
  ],
  [
    'a merge brought its parent',
    'a: &x {b: {c: 1}}\nd:\n  <<: *x\n',
    [set(['d', 'b', 'c'], 2)],
    /comes from a merge/,
  ],
  [
    'a merge brought what is to go',
    'a: &x {b: 1}\nd:\n  <<: *x\n  e: 1\n',
    [gone(['d', 'b'])],
    /would not read as what was meant/,
  ],
  ['an alias needs what is to go', 'a: &x 1\nb: *x\nc: 1\n', [gone(['a'])], /would not read/],
];

for (const [rule, text, edits, why] of refused) {
  test(`edit: refused where ${rule}`, (t) => {
    const made = edited(text, edits);
    t.notOk(made.ok);
    t.match(made.ok ? '' : made.error, why);
    t.end();
  });
}

const word = fc.constantFrom('a', 'b', 'c', 'true', 'x/y', 'ALL');
const { value: tree } = fc.letrec<{ value: JsonValue }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom<JsonValue[]>(true, false, 0, 7, 'x', 'two words', 'yes', '', 'a: b', '# no'),
    fc.array(tie('value'), { minLength: 1, maxLength: 3 }),
    fc.dictionary(word, tie('value'), { minKeys: 1, maxKeys: 4, noNullPrototype: true }),
  ),
}));
const root = fc.dictionary(word, tree, { minKeys: 2, maxKeys: 4, noNullPrototype: true });

/** Every way to a field or an item of a value. */
function pathsOf(value: JsonValue, path: Edit['path'] = []): readonly Edit['path'][] {
  if (typeof value !== 'object' || value === null) return [path];
  const steps = Array.isArray(value) ? [...value.keys()] : Object.keys(value);
  return [path, ...steps.flatMap((step) => pathsOf(getIn(value, [step]) ?? null, [...path, step]))];
}

const comment = (text: string): string =>
  text
    .split('\n')
    .map((line, i) => (/^ *[\w/"-].*(?:[\w"\]}]|:)$/.test(line) ? `${line}  # ${i}` : line))
    .join('\n');
const styles: readonly ((value: JsonValue) => string)[] = [
  (value) => yamlText([Object(value)]),
  (value) => comment(yamlText([Object(value)])),
  (value) => yamlText([Object(value)]).replaceAll('\n', '\r\n'),
  (value) => JSON.stringify(value),
  (value) => `${JSON.stringify(value, null, 2)}\n`,
  (value) => JSON.stringify(value, null, '\t'),
];

test('a changed text reads as what was meant, or there is none; nearly always there is one', (t) => {
  let [all, done] = [0, 0];
  const index = fc.nat();
  fc.assert(
    fc.property(
      root,
      index,
      index,
      fc.option(tree, { nil: undefined }),
      (from, style, at, value) => {
        const text = styles[style % styles.length]?.(from) ?? '';
        const paths = pathsOf(from).filter((path) => path.length > 0);
        const path = paths[at % paths.length] ?? [];
        const to = edit(from, [{ path, value }]).value;
        all += 1;
        const made = editDocument(text, from, to);
        if (!made.ok) return true;
        done += 1;
        return canonicalJson(valueIn(made.value)) === canonicalJson(to);
      },
    ),
    { numRuns: 1_500 },
  );
  t.ok(done / all > 0.7, `${done} of ${all}`);
  t.end();
});

test('what is added leaves every byte that was there, and what is removed adds none', (t) => {
  fc.assert(
    fc.property(root, fc.nat(), fc.nat(), (from, style, at) => {
      const text = styles[style % styles.length]?.(from) ?? '';
      const maps = pathsOf(from).filter((path) => {
        const value = getIn(from, path);
        return typeof value === 'object' && !Array.isArray(value);
      });
      const path = [...(maps[at % maps.length] ?? []), 'new'];
      const to = edit(from, [{ path, value: { deep: ['x'] } }]).value;
      const made = editDocument(text, from, to);
      if (!made.ok) throw new Error(made.error);
      const back = editDocument(made.value, to, from);
      return isWithin(text, made.value) && back.ok && back.value === text;
    }),
    { numRuns: 600 },
  );
  t.end();
});

/** `long` is `short` with one stretch put in. */
function isWithin(short: string, long: string): boolean {
  let head = 0;
  while (head < short.length && short[head] === long[head]) head += 1;
  return long.endsWith(short.slice(head));
}
