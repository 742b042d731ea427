// cel-spec's own tests: every one that needs no protobuf messages, in the files about what Kubernetes' environment has.
// What does not hold is listed with its reason; what begins to hold must leave its list.
import { readFileSync } from 'node:fs';
import { test } from 'tap';
import { idOf } from '../fixtures/cel/case.ts';
import { exceptions, mixed } from '../fixtures/cel/conformance-exceptions.ts';
import { cases } from '../fixtures/cel/corpus.ts';
import { differences } from '../fixtures/cel/differences.ts';
import { covered, type SpecTest, specTests } from '../fixtures/cel/spec.ts';
import { plain } from './plain.ts';
import { run, typeText, wanted } from './spec-run.ts';

/** Why the test does not hold; undefined when it does. */
function failure(of: SpecTest, dynamic: boolean): string | undefined {
  const ran = run(of, dynamic);
  if (ran.kind === 'refused') {
    return of.error && ran.code === 'cel-type' ? undefined : `refused: ${ran.code}: ${ran.message}`;
  }
  const { outcome, type } = ran;
  if (of.type !== undefined && type !== typeText(of.type)) return `type ${type}`;
  if (of.error)
    return outcome.kind === 'error' ? undefined : `no error: ${JSON.stringify(outcome)}`;
  if (of.value === undefined) return undefined;
  if (outcome.kind !== 'value') return JSON.stringify(outcome);
  const [found, value] = [plain(outcome.value), wanted(of.value)].map((each) =>
    JSON.stringify(each),
  );
  return found === value ? undefined : `ours ${found}; theirs ${value}`;
}

/** As written, and where that may not be, with dynamic literals. */
const failed = (of: SpecTest): string | undefined =>
  failure(of, of.unchecked || mixed.includes(of.name));

const results = specTests.map((of) => ({ of, why: failed(of) }));
const inScope = results.filter(({ of }) => covered.has(of.file));

test('the files are there as they were counted', (t) => {
  t.equal(inScope.length, 1388);
  t.equal(new Set(specTests.map(({ name }) => name)).size, specTests.length);
  t.end();
});

test('every test of cel-spec in scope holds, but for those that are listed with a reason', (t) => {
  const missed = inScope.filter(({ of, why }) => why !== undefined && !exceptions.has(of.name));
  t.same(
    missed.map(({ of, why }) => [of.name, of.expression, why]),
    [],
  );
  t.end();
});

test('a listed test that holds must leave the list', (t) => {
  const failing = new Set(inScope.filter(({ why }) => why !== undefined).map(({ of }) => of.name));
  t.same(
    [...exceptions.keys()].filter((name) => !failing.has(name)),
    [],
  );
  t.end();
});

test('literals of mixed types are refused as they are written, as Kubernetes refuses them', (t) => {
  const byName = new Map(specTests.map((of) => [of.name, of]));
  for (const name of mixed) {
    const of = byName.get(name);
    t.match(of && run(of, false), { kind: 'refused', code: 'cel-type' }, name);
  }
  t.end();
});

test('what does not hold here does not hold in Kubernetes either', (t) => {
  const asked = new Set(cases.map(idOf));
  for (const { of } of inScope.filter(({ of }) => exceptions.has(of.name))) {
    const alike = asked.has(of.expression) && !Object.hasOwn(differences, of.expression);
    t.ok(alike || of.types.size > 0, of.name);
  }
  t.end();
});

test('the figure is the one in the document', (t) => {
  const held = (all: typeof results) => all.filter(({ why }) => why === undefined).length;
  const figure = `${held(inScope)} of ${inScope.length}`;
  const all = `${held(results)} of ${results.length}`;
  t.comment(`cel-spec: ${figure} in scope, ${all} without messages`);
  const page = readFileSync(new URL('../../docs/differences.md', import.meta.url), 'utf8');
  t.ok(page.includes(figure), figure);
  t.ok(page.includes(all), all);
  t.end();
});
