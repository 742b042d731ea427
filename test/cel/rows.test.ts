// Every row of every library is run by some case of the corpus, so that no function is without Kubernetes' answer.
import { test } from 'tap';
import type { CelFunction } from '../../src/cel/function.ts';
import { libraries } from '../../src/cel/library/index.ts';
import { cases, object } from '../fixtures/cel/corpus.ts';
import { ours } from './ours.ts';

/** Rows that may only tell types and costs, where what they do is compiled in another way: the case that asks each. */
const compiledElsewhere: Readonly<Record<string, string>> = {
  '!_(bool): bool': '!true',
  '_<=_(int, int): bool': '2 <= 2',
  '_>=_(int, int): bool': '2 >= 3',
  'string.size(): int': '"abc".size()',
  'bytes.size(): int': 'b"abc".size()',
  'list<A>.size(): int': '[1].size()',
  'map<A, B>.size(): int': '{"a": 1}.size()',
  'list<A>.@sortByAssociatedKeys(list<uint>): list<A>': '[2u, 1u].sortBy(x, x)',
  'list<A>.@sortByAssociatedKeys(list<double>): list<A>': '[1.5, 0.5].sortBy(x, x)',
  'list<A>.@sortByAssociatedKeys(list<bool>): list<A>': '[true, false].sortBy(x, x)',
  'list<A>.@sortByAssociatedKeys(list<google.protobuf.Duration>): list<A>':
    '[duration("2s"), duration("1s")].sortBy(x, x)',
  'list<A>.@sortByAssociatedKeys(list<google.protobuf.Timestamp>): list<A>':
    '[timestamp("2021-01-01T00:00:00Z"), timestamp("2020-01-01T00:00:00Z")].sortBy(x, x)',
  'list<A>.@sortByAssociatedKeys(list<string>): list<A>': '["bb", "a", "ccc"].sortBy(s, s)',
  'list<A>.@sortByAssociatedKeys(list<bytes>): list<A>': '[b"b", b"a"].sortBy(x, x)',
  'optional_type<A>.orValue(A): A': 'optional.none().orValue(1)',
  'optional_type<A>.or(optional_type<A>): optional_type<A>':
    'optional.none().or(optional.of(1)).orValue(2)',
};

const rows = Object.values(libraries).flat();
const called = new Set<CelFunction>();

for (const row of rows) {
  const { implementation } = row;
  const counted: CelFunction['implementation'] = (...args) => {
    called.add(row);
    return implementation(...args);
  };
  Object.assign(row, { implementation: counted });
}

for (const each of cases) ours(each, object);

test('every overload of every function is run by a case that Kubernetes has answered', (t) => {
  t.ok(rows.length > 200);
  const missing = rows.filter((row) => !called.has(row)).map(({ text }) => text);
  t.same(
    missing.filter((text) => !Object.hasOwn(compiledElsewhere, text)),
    [],
  );
  const asked = new Set(cases.map(({ expression }) => expression));
  t.same(
    Object.values(compiledElsewhere).filter((expression) => !asked.has(expression)),
    [],
  );
  t.end();
});

test('no two rows are the same overload', (t) => {
  const texts = rows.map(({ text }) => text);
  t.same(
    texts.filter((text, i) => texts.indexOf(text) !== i),
    [],
  );
  t.end();
});
