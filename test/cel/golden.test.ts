// Every expression of the corpus, against Kubernetes' own CEL environment: refused or not, type, value, error, cost.
// The golden file was made by test/differential/cel; with Go at hand SEKISHO_GOLDEN=write makes it anew, and
// SEKISHO_DIFFERENTIAL=1 holds it against Go.
import { readFileSync, writeFileSync } from 'node:fs';
import { test } from 'tap';
import { whyNotGo } from '../differential/go.ts';
import { type Case, idOf } from '../fixtures/cel/case.ts';
import { cases, object } from '../fixtures/cel/corpus.ts';
import { costDifferences, differences, typeDifferences } from '../fixtures/cel/differences.ts';
import { writesGoldens } from '../golden.ts';
import { type Compare, cost, type, verdict } from './compare.ts';
import { answersIn, theirs } from './oracle.ts';
import { ours } from './ours.ts';

const golden = new URL('../fixtures/cel/golden.jsonl', import.meta.url);
if (writesGoldens) writeFileSync(golden, await theirs(cases, object));
const text = readFileSync(golden, 'utf8');
const answers = answersIn(text);

const results = cases.map((each) => ours(each, object));

/** What differs and is not listed, and what is listed and does not differ. */
function against(compare: Compare, listed: Readonly<Record<string, string>>) {
  const found = new Map<string, string>();
  for (const [i, each] of results.entries()) {
    const wanted = answers[i];
    const why = wanted === undefined ? 'no golden' : compare(each, wanted);
    if (why !== undefined) found.set(each.id, why);
  }
  const unlisted = [...found].filter(([id]) => !Object.hasOwn(listed, id));
  const gone = Object.keys(listed).filter((id) => !found.has(id));
  return { unlisted, gone };
}

const id = (of: Case): string => idOf(of);

test('the golden file has a line for each case, in the same order, and each is there once', (t) => {
  t.same(
    answers.map((each) => each.id),
    cases.map(id),
  );
  t.equal(new Set(cases.map(id)).size, cases.length);
  t.same(
    answers.filter(({ bad }) => bad !== undefined),
    [],
  );
  t.ok(cases.length >= 6000);
  t.end();
});

for (const [name, compare, listed] of [
  ['verdict, value and error', verdict, differences],
  ['static type', type, typeDifferences],
  ['cost', cost, costDifferences],
] as const) {
  test(`${name} of every case are those of Kubernetes, but for what is listed with a reason`, (t) => {
    const { unlisted, gone } = against(compare, listed);
    t.same(unlisted, [], 'no other difference');
    t.same(gone, [], 'a listed difference that is gone must leave the list');
    t.end();
  });
}

test('Go answers as the golden file says', {
  skip: whyNotGo,
}, async (t) => {
  t.equal(await theirs(cases, object), text);
});
