// Random expressions, well typed and ill: ours never throws and is of its static type; with Go at hand
// (SEKISHO_DIFFERENTIAL=1) it is what Kubernetes says: SEKISHO_RUNS of them, from SEKISHO_SEED where that is set.
import fc from 'fast-check';
import tap, { test } from 'tap';
import { whyNotGo } from '../differential/go.ts';
import { object } from '../fixtures/cel/corpus.ts';
import { expressions } from './expressions.ts';
import { ours } from './ours.ts';
import { disagreements, shrunk } from './shrink.ts';

const runs = Number(process.env['SEKISHO_RUNS'] ?? 3000);
const seed = Number(process.env['SEKISHO_SEED'] ?? Date.now() % 1e9);
if (runs > 3000) tap.setTimeout(0);

test('what compiles runs without a throw, to the same answer and cost each time', (t) => {
  const property = fc.property(expressions, (expression) => {
    const answer = ours({ expression }, object);
    if (answer.refused) return true;
    const counted = Number.isSafeInteger(answer.cost) && Number(answer.cost) >= 0;
    const again = ours({ expression }, object);
    return (
      (counted || answer.class === 'budget') && JSON.stringify(again) === JSON.stringify(answer)
    );
  });
  t.doesNotThrow(() => fc.assert(property, { numRuns: 300 }));
  t.end();
});

const heads: Readonly<Record<string, RegExp>> = {
  bool: /^(true|false)$/,
  int: /^"int /,
  uint: /^"uint /,
  double: /^"double /,
  string: /^"/,
  bytes: /^"bytes /,
  list: /^\["list"/,
  map: /^\{"map"/,
  optional_type: /^("none"|\["some")/,
};

test('a value is of the static type, where nothing dynamic is read', (t) => {
  const closed = fc
    .sample(expressions, { numRuns: 1000, seed: 7 })
    .filter((each) => !/dyn\(|object|params|request/.test(each));
  const typed = closed.map((expression) => ({ expression, answer: ours({ expression }, object) }));
  const valued = typed.filter(({ answer }) => answer.value !== undefined);
  t.ok(valued.length > 50);
  for (const { expression, answer } of valued) {
    const head = heads[answer.type?.replace(/\(.*/, '') ?? ''];
    if (head !== undefined) t.match(JSON.stringify(answer.value), head, expression);
  }
  t.end();
});

test('random expressions have the verdict, value, error, type and cost that Kubernetes gives', {
  skip: whyNotGo,
}, async (t) => {
  const batch = 5000;
  let found = 0;
  for (let done = 0; done < runs && found < 10; done += batch) {
    const numRuns = Math.min(batch, runs - done);
    const sample = new Set(fc.sample(expressions, { numRuns, seed: seed + done }));
    for (const each of (await disagreements([...sample], object)).slice(0, 10 - found)) {
      const { expression, why } = await shrunk(each, object);
      t.fail(`${expression}\n  ${why}\n  seed ${seed + done}; a line for test/fixtures/cel/corpus`);
      found++;
    }
  }
  t.comment(`${runs} expressions, from seed ${seed}`);
  t.equal(found, 0);
});
