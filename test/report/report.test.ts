// Reports: JSON text as JSON.stringify has it but with exact integers, findings to places, counts.
import fc from 'fast-check';
import { test } from 'tap';
import type { FieldPath } from '../../src/base/field-path.ts';
import { getIn, type JsonValue } from '../../src/base/json.ts';
import { jsonText } from '../../src/base/json-text.ts';
import { createTally } from '../../src/report/entry.ts';
import { formats } from '../../src/report/format.ts';
import { locate } from '../../src/report/locate.ts';
import { readDocuments } from '../../src/yaml/read.ts';
import { decisionOf, findingOf, resultOf } from '../fixtures/decisions.ts';

test('JSON text is that of JSON.stringify, at any indent', (t) => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.constantFrom(0, 2, 4), (made, indent) => {
      const value: JsonValue = JSON.parse(JSON.stringify(made));
      return jsonText(value, indent) === JSON.stringify(value, null, indent);
    }),
  );
  t.end();
});

test('integers beyond 2^53 keep their digits, and every key is kept', (t) => {
  t.equal(
    jsonText({ a: [9007199254740993n, -9223372036854775808n] }),
    '{"a":[9007199254740993,-9223372036854775808]}',
  );
  t.equal(
    jsonText(JSON.parse('{"__proto__":{"a":1},"constructor":2}')),
    '{"__proto__":{"a":1},"constructor":2}',
  );
  t.end();
});

const source = `kind: List
items:
  - metadata:
      annotations:
        a/b: slash
        a~b: tilde
        "0": digit
    list:
      - first
      - second: 2
`;
const item: FieldPath = ['items', 0];

const pointers: readonly [pointer: string, base: FieldPath, line: number, column: number][] = [
  ['', [], 1, 1],
  ['', item, 3, 5],
  ['/metadata/annotations/a~1b', item, 5, 14],
  ['/metadata/annotations/a~0b', item, 6, 14],
  ['/metadata/annotations/0', item, 7, 14],
  ['/list/0', item, 9, 9],
  ['/list/1/second', item, 10, 17],
  ['/list/7/second', item, 8, 5],
  ['/metadata/labels/app', item, 3, 5],
  ['/items/0/list/0', [], 9, 9],
];

test('a pointer leads to its field, or to the nearest parent that is there', (t) => {
  const [document] = readDocuments(source, 'm.yaml').documents;
  if (document === undefined) throw new Error('no document');
  for (const [pointer, basePath, line, column] of pointers) {
    const made = decisionOf({ results: [resultOf({ findings: [findingOf({ pointer })] })] });
    const { checked } = locate(made, { document, basePath, notes: [] });
    t.same(checked.results[0]?.findings[0]?.position, { file: 'm.yaml', line, column }, pointer);
  }
  const { checked, place } = locate(decisionOf(), { document, basePath: item, notes: ['n'] });
  t.same(checked.source, { file: 'm.yaml', document: 0, line: 3, notes: ['n'] });
  t.same(place, { file: 'm.yaml', line: 3, column: 5 });
  t.end();
});

test('a fault in a very long line is told without it', (t) => {
  const fault = { code: 'manifest-kind', message: 'm', file: 'f', line: 1, column: 1 } as const;
  const short = { ...fault, excerpt: 'a: b' };
  const long = { ...fault, excerpt: 'x'.repeat(100_000) };
  for (const name of ['json', 'jsonl']) {
    const report = formats.find((f) => f.name === name)?.create({ color: false, quiet: false });
    report?.begin();
    const summary = createTally().summary();
    const end =
      report?.end({ summary, faults: [short, long], rulesRun: 0, notVerified: 0, ran: true }) ?? '';
    t.match(end, 'a: b', name);
    t.ok(end.length < 2000, name);
  }
  t.end();
});

test('attempts are counted by verdict and warnings, errors and unknowns by result', (t) => {
  const tally = createTally();
  tally.add(decisionOf({ warnings: ['a', 'b'] }));
  tally.add(
    decisionOf({
      allowed: false,
      results: [
        resultOf({ evaluation: 'error' }),
        resultOf({ evaluation: 'error' }),
        resultOf({ evaluation: 'unknown' }),
        resultOf({ evaluation: 'skip' }),
        resultOf({ evaluation: 'pass', actions: [] }),
      ],
    }),
  );
  const want = { attempts: 2, allowed: 1, denied: 1, warned: 1, errors: 2, unknown: 1 };
  t.same(tally.summary(), want);
  t.equal(tally.rulesRun(), 3);
  t.end();
});

test('json is one document, whatever the number of decisions', (t) => {
  const format = formats.find(({ name }) => name === 'json');
  const [document] = readDocuments(source, 'm.yaml').documents;
  if (format === undefined || document === undefined) throw new Error('not there');
  const entry = locate(decisionOf(), { document, basePath: [], notes: [] });
  for (const many of [0, 1, 3]) {
    const report = format.create({ color: false, quiet: false });
    const tally = createTally();
    let text = report.begin();
    for (let n = 0; n < many; n += 1) text += report.decision(entry);
    text += report.end({
      summary: tally.summary(),
      faults: [],
      rulesRun: 0,
      notVerified: 0,
      ran: true,
    });
    const value: JsonValue = JSON.parse(text);
    t.equal(getIn(value, ['decisions', 'length']), undefined);
    t.same(
      getIn(value, ['decisions']),
      Array.from({ length: many }, () => entry.checked),
    );
    t.equal(text, `${JSON.stringify(value, null, 2)}\n`, 'indented as one document would be');
  }
  t.end();
});
