// The same values as kubectl: a corpus that its own Go libraries have read (test/differential/yaml makes the golden file).
// Where we differ on purpose, or cannot do better, stands here with its reason; a difference that is gone must leave the list.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'tap';
import { canonicalJson, get, isArray, type JsonValue } from '../../src/base/json.ts';
import { parseJson } from '../../src/yaml/json.ts';
import { readDocuments } from '../../src/yaml/read.ts';
import { goSays, whyNotGo } from '../differential/go.ts';

const goldenFile = join(import.meta.dirname, '../fixtures/yaml/golden.json');
const bytes = readFileSync(goldenFile);
const parsed = parseJson(bytes, { maxBytes: bytes.length, maxDepth: 256 });
const golden = parsed.ok ? parsed.value : null;

type Case = { readonly yaml: string; readonly want: string };
const refused = 'refused';

/** The documents of a text as canonical JSON, or `refused`. */
function read(yaml: string): string {
  const { documents, faults } = readDocuments(yaml, 'case.yaml');
  return faults.length > 0 ? refused : documents.map((d) => canonicalJson(d.value)).join('\n');
}

/** What Go made of it; kubectl passes over documents that are null. */
function cases(list: string): readonly Case[] {
  const all = get(golden, list);
  return (isArray(all) ? all : []).map((each) => {
    const documents = get(each, 'documents') ?? [get(each, 'json') ?? null];
    const values = (isArray(documents) ? documents : []).filter((d: JsonValue) => d !== null);
    const failed = get(each, 'error') !== undefined;
    return {
      yaml: String(get(each, 'yaml')),
      want: failed ? refused : values.map(canonicalJson).join('\n'),
    };
  });
}

/** Reason: texts (with LF) that we refuse although Go takes them. */
const stricter: Readonly<Record<string, readonly string[]>> = {
  'a file is split at every line that begins with ---, and kubectl refuses text there': [
    ...['--- a', '--- {a: 1}', '--- |\n x', '----', '---a: 1'],
    ...['%YAML 1.1\n---\na: 1', '%TAG ! tag:yaml.org,2002:\n---\na: !int 5'],
    "%TAG !e! tag:yaml.org,2002:\n---\na: !e!int '5'",
  ],
  'Go stops at the end of the first document, and what follows is silently lost': [
    ...[' a: 1\nb: 2', 'a: 1\n...\nb: 2', 'a\n: b', 'a\n  : b', '"a"\n: b'],
    ...['[]]', '[], b]', '[a]]', '[a], b]', '{k: }}', '{k: a}}', '{}: k}'],
    ...['&x ]: a\nb: *x', '&x }: a\nb: *x', '!!str ]: a', '!!str }: a', '!!str !: a'],
  ],
  'YAML 1.1 and 1.2 read this differently': [
    ...['[a:]', '{a:}', '[a:,b]', '[?a]', '[?a, b]', '{?a: b}', '{?a: k}'],
    ...['[!foo, 1]', '[!, b]', '[!!str , 1]', 'a: "b\\\n\n  c"'],
  ],
  'a carriage return alone, or U+2028, breaks a line there': [
    ...[
      'a: 1\r',
      'a: 1\rb: 2',
      "a: 'x\ry'",
      'a: |\r  x\r',
      "a: 'b\u2028c'",
      'a: |\n  b\u2028  c\n',
    ],
  ],
  'YAML 1.2 wants indentation inside quotes and brackets, and a space before a comment': [
    ...["a: 'a\nb'", "a: 'a\n'", "a: 'a\n\tb'", 'a: "a\nb"', 'a: "a\n\tb"'],
    ...['a: [\n1,\n2\n]', 'a: [\n\t1\n]', 'a: |# c\n  x', "a: '1'#c", 'a: [1]#c'],
  ],
  'the package does not know this form': [
    ...['[-]', '[-, b]', '{k: -}', 'a: "\\\'"', 'a: !foo,b 5', 'a: !foo[ 5'],
  ],
  'a text in brackets is read as JSON, where a number cannot be so large': [
    ...['[1e400]', '[-1e400]', '[1e400, b]', '[-1e400, b]'],
  ],
  'JSON and YAML documents need a --- between them': ['{"a":1}\nb: 2'],
};

/** Reason: texts that we take although Go refuses them; no value is at stake that Kubernetes could see. */
const laxer: Readonly<Record<string, readonly string[]>> = {
  'a tab where YAML 1.1 wants spaces': [
    ...['-\ta', '- \ta', '\t', 'a: 1\n\t\nb: 2', 'a: 1\n\t# c\nb: 2', 'a: |\n  \tx'],
  ],
  'a key over two lines in braces': ['{a\n b: 1}'],
  'an end of a document that never began': ['...'],
  'an empty tag': ['a: !<> 5'],
};

/** Reason: texts of which we make another value. */
const different: Readonly<Record<string, readonly string[]>> = {
  'a block scalar as a whole document, not indented: no manifest is one': ['|\nx'],
};

/** Data under !!binary that is no text: Go puts U+FFFD for each byte of it, we refuse it. */
const isBinary = ({ yaml, want }: Case): boolean =>
  yaml.includes('!!binary') && want.includes('\uFFFD');

const known = new Set([stricter, laxer, different].flatMap((table) => Object.values(table).flat()));

for (const list of ['texts', 'streams']) {
  test(`${list} of the golden file are read as kubectl reads them, but for the differences listed`, (t) => {
    const all = cases(list);
    t.ok(all.length >= (list === 'texts' ? 10_000 : 60), `${all.length} cases`);
    for (const each of all) {
      const got = read(each.yaml);
      const isKnown = known.has(each.yaml.replaceAll('\r\n', '\n')) || isBinary(each);
      // One assertion for each of ten thousand cases would take longer than the reading.
      const text = JSON.stringify(each.yaml);
      if (!isKnown && got !== each.want) t.equal(got, each.want, text);
      if (isKnown && got === each.want) t.fail(`this no longer differs: ${text}`);
    }
    t.end();
  });
}

test('every listed difference is a case of the golden file, and of the kind that it is listed as', (t) => {
  const wants = new Map([...cases('texts'), ...cases('streams')].map((c) => [c.yaml, c.want]));
  const kinds = [
    [stricter, (got: string, want: string | undefined) => got === refused && want !== refused],
    [laxer, (got: string, want: string | undefined) => got !== refused && want === refused],
    [different, (got: string, want: string | undefined) => got !== refused && want !== refused],
  ] as const;
  for (const [table, holds] of kinds) {
    for (const text of Object.values(table).flat()) {
      const want = wants.get(text);
      if (want === undefined || !holds(read(text), want)) t.fail(JSON.stringify(text));
    }
  }
  t.end();
});

test('the golden file is what the Go libraries make today', { skip: whyNotGo }, (t) => {
  t.ok(
    goSays('yaml') === bytes.toString('utf8'),
    'unchanged; else: make it anew and read the difference',
  );
  t.end();
});
