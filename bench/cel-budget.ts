// How long one evaluation can hold the event loop: adversarial expressions over hostile objects, each until its budget
// is gone or it is done. `node bench/cel-budget.ts` prints a Markdown table: cost, median and longest of five holds (CPU time
// of the thread), outcome; `--write` puts it into docs/bench.md.
import { parseArgs } from 'node:util';
import type { JsonValue } from '../src/base/json.ts';
import { activate } from '../src/cel/activation.ts';
import { compile } from '../src/cel/compile.ts';
import { machine, writeSection } from './page.ts';

const text = 'a'.repeat(100_000);
const object: JsonValue = {
  numbers: Array.from({ length: 1000 }, (_, i) => i),
  many: Array.from({ length: 50_000 }, (_, i) => i),
  texts: Array.from({ length: 1000 }, (_, i) => `${text.slice(0, 990)}${i}`),
  same: Array.from({ length: 1000 }, () => ({ a: { b: [1, 2, 3, { c: 'd' }] } })),
  map: Object.fromEntries(Array.from({ length: 10_000 }, (_, i) => [`key-${i}`, i])),
  again: Object.fromEntries(Array.from({ length: 10_000 }, (_, i) => [`key-${i}`, i])),
  manyAgain: Array.from({ length: 50_000 }, (_, i) => i),
  sameAgain: Array.from({ length: 1000 }, () => ({ a: { b: [1, 2, 3, { c: 'd' }] } })),
  text,
  short: text.slice(0, 2000),
};

const expressions: readonly string[] = [
  'object.numbers.all(a, object.numbers.all(b, a + b >= 0))',
  'object.many.all(a, object.many.all(b, true))',
  'object.many.map(a, a * 2).size() > 0',
  'object.numbers.map(a, object.numbers.map(b, b)).size() > 0',
  'object.numbers.exists(a, object.many == object.many.map(x, x + 0))',
  'object.numbers.all(a, object.same == object.sameAgain)',
  'object.numbers.all(a, object.map == object.again)',
  'object.numbers.all(a, object.many == object.manyAgain)',
  'object.numbers.all(a, object.again in [object.map])',
  'object.numbers.all(a, object.same == [object.same, object.same].map(s, s)[1])',
  'object.numbers.all(a, (object.text + object.text).size() > 0)',
  'object.numbers.all(a, object.many + object.many != [])',
  'object.numbers.all(a, "x" in object.texts || true)',
  'object.numbers.all(a, !object.text.matches("(a|aa)+c"))',
  'object.numbers.all(a, !object.short.matches("(a*)*(b|c|d|e|f|g)+$"))',
  'object.texts.all(t, !t.matches("^(a?){20}a{20}x"))',
  'object.numbers.all(a, !object.short.matches("[a-c]{200}[d-e]"))',
  'object.numbers.all(a, !object.short.matches("[ab]*a[ab]{999}(c|d)"))',
  'object.texts.all(t, !t.matches("^([a-z0-9.-]*[a-z0-9])?(/|:)$"))',
  'object.texts.all(t, t.matches("^[a-z]+[0-9]+$"))',
  'object.numbers.all(a, object.text.split("").size() > 0)',
  'object.numbers.all(a, object.text.replace("a", "bb").size() > 0)',
  'object.numbers.all(a, object.texts.join(",").size() > 0)',
  'object.numbers.all(a, object.many.sum() > 0)',
  'object.numbers.all(a, object.many.distinct().size() > 0)',
  'object.numbers.all(a, sets.contains(object.many, object.many))',
  'object.numbers.all(a, object.many.sort().size() > 0)',
  'object.numbers.all(a, object.many.sortBy(x, -x).size() > 0)',
  'object.numbers.all(a, "%s".format([object.many]).size() > 0)',
  'object.numbers.all(a, object.map.all(k, v, v >= 0))',
  'object.numbers.all(a, object.map.transformMap(k, v, v).size() > 0)',
  'object.numbers.all(a, object.map == object.map.transformMap(k, v, v))',
  'object.numbers.all(a, [[[[[object.many]]]]].flatten(9).size() > 0)',
  'object.numbers.all(a, lists.range(1000).map(i, string(i)).join("").size() > 0)',
  'object.numbers.all(a, object.text.lowerAscii().contains("aab"))',
];

/** The middle and the last of five. */
const [middle, last] = [2, 4];

function row(source: string): string {
  const compiled = compile(source, { params: false, authorizer: false }, 'bool');
  if (!compiled.ok) throw new Error(`${source}: ${compiled.error[0]?.message}`);
  const holds: number[] = [];
  let told = '';
  for (let i = 0; i < 5; i++) {
    const roots = { object, oldObject: null, request: {}, namespaceObject: null };
    const activation = activate(roots, [], { total: 10_000_000 });
    const before = process.threadCpuUsage();
    const outcome = compiled.value.evaluate(activation);
    const { user, system } = process.threadCpuUsage(before);
    holds.push((user + system) / 1_000);
    told = outcome.kind === 'error' ? outcome.code : `${outcome.kind}, cost ${outcome.cost}`;
  }
  const times = holds.sort((a, b) => a - b);
  const [median, longest] = [times[middle], times[last]].map((time) => time?.toFixed(1));
  return `| \`${source.replaceAll('|', '\\|')}\` | ${median} | ${longest} | ${told} |`;
}

const { values } = parseArgs({ options: { write: { type: 'boolean' } } });
const page = `\`node bench/cel-budget.ts\`: how long one evaluation can hold the event loop. Adversarial expressions over large objects
(lists of 50,000, a text of 100,000 characters, maps of 10,000 keys), each until its budget is gone or it is done:
milliseconds of CPU time of the thread, median and longest of five. The aim is 50.

${machine}

| expression | median | longest | outcome |
| --- | ---: | ---: | --- |
${expressions.map(row).join('\n')}`;
process.stdout.write(`${page}\n`);
if (values.write) writeSection('One budget of an expression', page);
