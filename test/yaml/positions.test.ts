// Where every field stands: what `check` puts before each finding, and what an editor jumps to.
import { test } from 'tap';
import type { FieldPath } from '../../src/base/field-path.ts';
import { getIn } from '../../src/base/json.ts';
import type { SourceDocument } from '../../src/yaml/document.ts';
import { readDocuments } from '../../src/yaml/read.ts';

const pod = `apiVersion: v1
kind: Pod
metadata: {name: web, labels: {"app": 'x'}}
spec:
  hostNetwork: true
  hostPID:   true # why
  containers:
  - name: a
    image: "reg/a:1"
    args: [--x, "-y", {k: v}]
    securityContext:
      privileged: true
  -
    name: b
    ports:
    - containerPort: 80
  initContainers: []
  nodeName:
    far
  tolerations:
    [a, b]
  empty:
  quoted: "a
    b"
`;

/** The only document of a text. */
function only(text: string, file = 'pod.yaml'): SourceDocument {
  const { documents, faults } = readDocuments(text, file);
  const [document] = documents;
  if (document === undefined || documents.length !== 1) {
    throw new Error(`${JSON.stringify(text)}: ${documents.length} ${JSON.stringify(faults)}`);
  }
  return document;
}

function at(document: SourceDocument, path: FieldPath): string {
  const { line, column } = document.position(path);
  return `${line}:${column}`;
}

const inPod: readonly [string, FieldPath, string][] = [
  ['the document', [], '1:1'],
  ['a value on the line of its key', ['kind'], '2:7'],
  ['a value behind more spaces', ['spec', 'hostPID'], '6:14'],
  ['a value in block style below its key: the key', ['spec'], '4:1'],
  ['a list below its key: the key', ['spec', 'containers'], '7:3'],
  ['an item: where its value starts', ['spec', 'containers', 0], '8:5'],
  ['an item below its dash', ['spec', 'containers', 1], '14:5'],
  ['a field of an item', ['spec', 'containers', 0, 'image'], '9:12'],
  ['a mapping in an item', ['spec', 'containers', 0, 'securityContext'], '11:5'],
  ['deep down', ['spec', 'containers', 0, 'securityContext', 'privileged'], '12:19'],
  ['a mapping in braces', ['metadata'], '3:11'],
  ['a field in braces', ['metadata', 'labels', 'app'], '3:39'],
  ['an item in brackets', ['spec', 'containers', 0, 'args', 1], '10:17'],
  ['a field in braces in brackets', ['spec', 'containers', 0, 'args', 2, 'k'], '10:27'],
  ['an empty list', ['spec', 'initContainers'], '17:19'],
  ['a scalar below its key', ['spec', 'nodeName'], '19:5'],
  ['a list in brackets below its key', ['spec', 'tolerations'], '21:5'],
  ['a key without a value: the key', ['spec', 'empty'], '22:3'],
  ['a quoted scalar over two lines', ['spec', 'quoted'], '23:11'],
  ['a missing field: its parent', ['spec', 'hostIPC'], '4:1'],
  ['a missing field of an item', ['spec', 'containers', 0, 'command'], '8:5'],
  ['missing fields below a missing field', ['spec', 'containers', 1, 'a', 0, 'b'], '14:5'],
  ['an item past the end', ['spec', 'containers', 7], '7:3'],
  ['an index into a mapping', ['spec', 0], '4:1'],
  ['a field of a scalar', ['kind', 'x'], '2:7'],
  ['a name that every object inherits', ['constructor'], '1:1'],
];

test('a field stands where its value starts, or at its key, or at its nearest parent', (t) => {
  const document = only(pod);
  for (const [what, path, want] of inPod) t.equal(at(document, path), want, what);
  t.equal(document.lineAt(5), '  hostNetwork: true');
  t.equal(document.lineAt(999), '');
  t.end();
});

test('line breaks of Windows, a byte order mark and documents before it change nothing', (t) => {
  const crlf = only(pod.replaceAll('\n', '\r\n'));
  for (const [what, path, want] of inPod) t.equal(at(crlf, path), want, `CRLF: ${what}`);
  t.equal(crlf.lineAt(5), '  hostNetwork: true');
  const marked = only(`\uFEFF${pod}`);
  for (const [what, path, want] of inPod) t.equal(at(marked, path), want, `BOM: ${what}`);
  const third = readDocuments(`a: 1\n---\n# nothing\n---\nb: 2\n---\n\n${pod}`, 'x').documents[2];
  t.equal(third?.index, 2, 'documents that hold nothing do not count');
  t.equal(third?.line, 8);
  t.same(third?.position(['spec', 'hostNetwork']), { line: 12, column: 16 });
  t.end();
});

const elsewhere: readonly [string, string, FieldPath, string][] = [
  ['columns count UTF-16 units', 'a: {😀: "é", b: 1}', ['a', 'b'], '1:17'],
  ['a key with emoji before it', '"😀": {b: 1}', ['😀', 'b'], '1:11'],
  ['an alias: where it stands', 'x: &x {a: {b: 1}}\nz: *x', ['z'], '2:4'],
  ['below an alias: where the alias stands', 'x: &x {a: {b: 1}}\nz: *x', ['z', 'a', 'b'], '2:4'],
  [
    'a merged field: where the alias stands',
    'x: &x {a: 1}\nz:\n  <<: *x\n  b: 2',
    ['z', 'a'],
    '3:7',
  ],
  ['below a merged field', 'x: &x {a: {b: 1}}\nz:\n  <<: *x', ['z', 'a', 'b'], '3:7'],
  ['a field set after a merge', 'x: &x {a: 1}\nz:\n  <<: *x\n  a: 2', ['z', 'a'], '4:6'],
  ['a field overridden by a merge', 'x: &x {a: 1}\nz:\n  a: 2\n  <<: *x', ['z', 'a'], '4:7'],
  ['a field merged from braces', 'z:\n  <<: {a: 1}', ['z', 'a'], '2:11'],
  ['an anchor before a value', 'a: &x 1', ['a'], '1:7'],
  ['an anchor before a block', 'a: &x\n  b: 1', ['a'], '1:1'],
  ['a tag before a value', 'a: !!str 1', ['a'], '1:10'],
  ['an alias as a list item', '- &x a\n- *x', [1], '2:3'],
  ['a literal', 'a: |\n  x', ['a'], '1:4'],
  ['a literal in a list', '- |\n  x', [0], '1:3'],
  ['an empty item', 'a:\n-\n- b', ['a', 1], '3:3'],
  ['a key in quotes', '"a b": 1', ['a b'], '1:8'],
  ['a key that is a number', '8080: x', ['8080'], '1:7'],
  ['a key behind a question mark', '? a\n: b', ['a'], '2:3'],
  ['a key named __proto__', '__proto__: {a: 1}', ['__proto__', 'a'], '1:16'],
  ['a comment before the document', '# c\n\na: 1', [], '3:1'],
  ['an indented document', '  a: 1\n  b: 2', ['b'], '2:6'],
  ['JSON', '{\n\t"a": {\n\t\t"b": [1, 2]\n\t}\n}', ['a', 'b', 1], '3:12'],
  ['a missing field in JSON', '{\n\t"a": {\n\t\t"b": 1\n\t}\n}', ['a', 'c'], '2:7'],
  ['JSON, a value on the line after its key', '{"a":\n  {"b": 1}}', ['a'], '2:3'],
];

test('positions in aliases, merges, quotes, JSON and other forms', (t) => {
  for (const [what, text, path, want] of elsewhere) t.equal(at(only(text), path), want, what);
  t.end();
});

/** Each holds an X in the text at `a`: its place in the value must lead to its place in the source. */
const marked: readonly [string, string][] = [
  ['plain', 'a: some X text'],
  ['plain over lines', 'a: some\n  more\n\n  and X'],
  ['plain over lines of Windows', 'a: some\r\n  more\r\n\r\n  and X'],
  ['plain, at its end', 'a: some X'],
  ['single quotes', "a: 'some X text'"],
  ['single quotes, doubled before', "a: 'it''s ''X'"],
  ['single quotes over lines', "a: 'it\n  is  \n\n\n  an X'"],
  ['double quotes', 'a: "X"'],
  ['double quotes, escapes before', 'a: "\\t\\"\\\\\\x41\\u00e9\\U0001F600\\e X"'],
  ['double quotes, astral characters before', 'a: "😀é X"'],
  ['double quotes over lines', 'a: "one\n  two\n\n  X"'],
  ['double quotes, an escaped break', 'a: "one\\\n   two\\\n  \\ X"'],
  ['double quotes, spaces before a break', 'a: "one   \n  X"'],
  ['double quotes in JSON', '{"a": "\\n\\u0041X"}'],
  ['literal', 'a: |\n  one\n  two X'],
  ['literal, first line', 'a: |\n  X'],
  ['literal, more indented', 'a: |\n  one\n     two\n\n   X'],
  ['literal with an indentation indicator', 'a: |2\n     one\n   X'],
  ['literal, deep', 'a: |-\n        one\n        two(X)\n'],
  ['literal of Windows', 'a: |\r\n  one\r\n\r\n  two X\r\n'],
  ['literal, blank lines first', 'a: |\n\n\n  one X'],
  ['literal, kept', 'a: |+\n  one X\n\n'],
  ['literal with a comment', 'a: | # c X\n  one X'],
  ['folded', 'a: >\n  one\n  two X'],
  ['folded, paragraphs', 'a: >-\n  one\n\n  two\n  three X\n\n'],
  ['folded, more indented', 'a: >\n  one\n    two\n    X\n  three'],
  ['folded of Windows', 'a: >\r\n  one\r\n  two X\r\n'],
  ['a key before it', '"X": 1\na: one X'],
  ['tagged', 'a: !!str one X'],
  ['anchored', 'a: &x one X'],
];

test('an offset in a text leads to the same character in the source', (t) => {
  for (const [what, text] of marked) {
    const document = only(text);
    const value = String(getIn(document.value, ['a']));
    const index = text.lastIndexOf('X');
    const before = text.slice(0, index).split('\n');
    const want = { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
    t.same(document.positionInScalar(['a'], value.indexOf('X')), want, what);
  }
  t.end();
});

const elsewhereInText: readonly [string, string, FieldPath, number, string][] = [
  ['offset 0 is the first character', 'a: "b"', ['a'], 0, '1:5'],
  ['past the end is clamped', 'a: "b"', ['a'], 99, '1:6'],
  ['past the end of a plain text', 'a: bc', ['a'], 99, '1:6'],
  ['before the start is clamped', 'a: bc', ['a'], -5, '1:4'],
  ['past the end of a literal', 'a: |\n  bc\nd: 1', ['a'], 99, '3:1'],
  ['inside a run of spaces', 'a: "b    c"', ['a'], 3, '1:8'],
  ['inside a fold', 'a: "b  \n\n\n  c"', ['a'], 2, '1:6'],
  ['a break in a literal', 'a: |\n  bc\n  d', ['a'], 2, '2:5'],
  ['a break that is folded', 'a: >\n  bc\n  d', ['a'], 2, '2:5'],
  ['an empty text', "a: ''", ['a'], 0, '1:5'],
  ['no text: its position', 'a: 1234', ['a'], 2, '1:4'],
  ['no such field: its parent', 'a: {b: c}', ['a', 'x'], 1, '1:4'],
  ['a missing part of a text', 'a: bcd', ['a', 'x'], 2, '1:4'],
  ['an alias: where it stands', 'x: &x bcd\na: *x', ['a'], 2, '2:4'],
];

test('offsets that lead nowhere lead to the nearest place', (t) => {
  for (const [what, text, path, offset, want] of elsewhereInText) {
    const { line, column } = only(text).positionInScalar(path, offset);
    t.equal(`${line}:${column}`, want, what);
  }
  t.end();
});
