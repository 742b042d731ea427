// The smallest room: text that is safe to print, paths, own properties, canonical JSON.
import { test } from 'tap';
import { parseDigest } from '../../src/base/brand.ts';
import { byPlace, formatDiagnostic } from '../../src/base/diagnostic.ts';
import { formatPath, toPointer } from '../../src/base/field-path.ts';
import { canonicalJson, get, getIn, setOwn } from '../../src/base/json.ts';
import { count, cut, joinQuote, printable, quote } from '../../src/base/text.ts';

test('a field path is written as Kubernetes writes it, and as a JSON pointer', (t) => {
  const rows = [
    [[], '', ''],
    [['spec', 'containers', 0, 'image'], 'spec.containers[0].image', '/spec/containers/0/image'],
    [['metadata', 'labels', 'a.b/c~d'], 'metadata.labels["a.b/c~d"]', '/metadata/labels/a.b~1c~0d'],
    [['data', ''], 'data[""]', '/data/'],
  ] as const;
  for (const [path, text, pointer] of rows) {
    t.equal(formatPath(path), text);
    t.equal(toPointer(path), pointer);
  }
  t.end();
});

test('nothing that moves a cursor, reorders or breaks a line is printed', (t) => {
  t.equal(
    printable('a\u001b[31mb\nc\u0085d\u202Ee\u2028f\u200Bg\uFEFF'),
    'a\\u001b[31mb\\u000ac\\u0085d\\u202ee\\u2028f\\u200bg\\ufeff',
  );
  const hidden: readonly (readonly [string, string])[] = [
    ['a\u061cb', 'a\\u061cb'],
    ['a\u180eb', 'a\\u180eb'],
    ['a\u00adb\u3164', 'a\\u00adb\\u3164'],
    ['a\u{e0001}\u{e007f}b', 'a\\udb40\\udc01\\udb40\\udc7fb'],
    ['a\ufe0fb\u{e0100}', 'a\\ufe0fb\\udb40\\udd00'],
    ['a\ufff9b\u2029', 'a\\ufff9b\\u2029'],
  ];
  for (const [text, shown] of hidden) {
    t.equal(printable(text), shown);
    t.equal(JSON.parse(`"${shown}"`), text, 'the escapes mean the same');
  }
  for (const text of ['名前 ok é', '❤\ufe0f 葛\u{e0100} 👍🏽', 'ت\u0600 कि'])
    t.equal(printable(text), text);
  t.equal(quote('we"b\n'), '"we\\"b\\n"');
  t.equal(quote('\u202Eevil'), '"\\u202eevil"');
  t.equal(joinQuote(['a', 'b']), '"a", "b"');
  t.end();
});

test('counts and cuts', (t) => {
  t.equal(count(1, 'rule'), '1 rule');
  t.equal(count(0, 'policy', 'policies'), '0 policies');
  t.equal(cut('abcdef', 6), 'abcdef');
  t.equal(cut('abcdef', 4), 'abc…');
  t.equal(cut('ab😀d', 4), 'ab…', 'never half a surrogate pair');
  t.end();
});

test('only own properties are found, whatever the key is called', (t) => {
  const value = JSON.parse('{"__proto__":{"a":1},"constructor":2}');
  t.same(get(value, '__proto__'), { a: 1 });
  t.equal(get(value, 'constructor'), 2);
  t.equal(get({}, 'constructor'), undefined);
  t.equal(get([], 'length'), undefined);
  t.equal(getIn({ a: [{ b: 1 }] }, ['a', 0, 'b']), 1);
  t.equal(getIn({ a: [{ b: 1 }] }, ['a', 'length']), undefined);
  t.equal(getIn({ a: 'text' }, ['a', 0]), undefined);
  const made = {};
  setOwn(made, '__proto__', 1);
  t.same(Object.keys(made), ['__proto__']);
  t.equal(Object.getPrototypeOf(made), Object.prototype);
  t.end();
});

test('canonical JSON sorts keys and keeps integers exact', (t) => {
  t.equal(
    canonicalJson({ b: [1, null, 'x'], a: 9007199254740993n }),
    '{"a":9007199254740993,"b":[1,null,"x"]}',
  );
  t.equal(canonicalJson(JSON.parse('{"b":1,"__proto__":2}')), '{"__proto__":2,"b":1}');
  t.end();
});

test('a digest has one spelling', (t) => {
  const hex = 'a'.repeat(64);
  t.equal(parseDigest(`sha256:${hex}`), `sha256:${hex}`);
  for (const bad of [
    hex,
    `sha256:${hex.toUpperCase()}`,
    `sha256:${hex}a`,
    `sha512:${hex}`,
    `sha256:${hex}\n`,
  ]) {
    t.equal(parseDigest(bad), undefined, bad);
  }
  t.end();
});

test('a diagnostic names the place, shows the line with a caret, and the fix', (t) => {
  const at = {
    code: 'policy-field',
    message: 'unknown field "spce"',
    file: 'a.yaml',
    line: 3,
    column: 3,
  } as const;
  t.equal(
    formatDiagnostic({ ...at, excerpt: '  spce: 1', fix: 'did you mean "spec"?' }),
    'a.yaml:3:3: policy-field: unknown field "spce"\n      spce: 1\n      ^\n    fix: did you mean "spec"?',
  );
  t.equal(
    formatDiagnostic({ ...at, line: 0, column: 0, excerpt: 'x' }),
    'a.yaml: policy-field: unknown field "spce"',
  );
  const long = formatDiagnostic({
    ...at,
    column: 501,
    excerpt: `${'x'.repeat(500)}y${'x'.repeat(500)}`,
  });
  const [, excerpt = '', caret = ''] = long.split('\n');
  t.equal(excerpt[caret.indexOf('^')], 'y', 'the caret stands under the fault of a long line');
  t.ok(excerpt.length < 200);
  t.end();
});

test('diagnostics are sorted by file, line and column', (t) => {
  const d = (file: string, line: number, column: number) =>
    ({ code: 'yaml-syntax', message: '', file, line, column }) as const;
  const sorted = [d('b', 1, 1), d('a', 10, 1), d('a', 2, 9), d('a', 2, 3)].sort(byPlace);
  t.same(
    sorted.map((x) => `${x.file}${x.line}.${x.column}`),
    ['a2.3', 'a2.9', 'a10.1', 'b1.1'],
  );
  t.end();
});
