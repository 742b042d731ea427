// What signed images cost: a decision about a known image, many Pods of one new image, many new images at once, and what
// other requests feel of a hostile registry. `node bench/images.ts`; `--write` puts the table into docs/bench.md.
import { parseArgs } from 'node:util';
import { type Beside, besideHostile, hostile, perSecond } from './images/hostile.ts';
import { type Cold, cold, type Together, together, type Warm, warm } from './images/inside.ts';
import { startRegistry } from './images/start.ts';
import { machine, writeSection } from './page.ts';

const { values } = parseArgs({
  options: {
    write: { type: 'boolean' },
    seconds: { type: 'string', default: '3' },
    rounds: { type: 'string', default: '5' },
  },
});
const turns = { rounds: Number(values.rounds), seconds: Number(values.seconds) };
if (!(turns.rounds > 0 && turns.seconds > 0))
  throw new Error('--rounds and --seconds take a number');
const decisions = 20_000;
const [pods, images] = [200, 50];

const registry = await startRegistry();
try {
  const known = await warm(registry.host, decisions);
  const one = await together(registry.host, pods);
  const many: Cold[] = [];
  for (let turn = 0; turn < 5; turn++) many.push(await cold(registry.host, images, turn));
  const page = render(known, one, many, await besideHostile(turns));
  process.stdout.write(`\n${page}`);
  if (values.write) writeSection('Signed images', page);
} finally {
  registry.end();
}

function render(
  { withPolicy, without }: Warm,
  one: Together,
  many: readonly Cold[],
  beside: readonly Beside[],
): string {
  const middle = (of: (each: Cold) => number): string =>
    (many.map(of).sort((a, b) => a - b)[many.length >> 1] ?? Number.NaN).toFixed(1);
  return `${[
    '`node bench/images.ts`, also a part of `make bench`: images that the real cosign signed, in a registry on loopback that is a',
    'process of its own. The first rows are the engine, the cache, the registry client and the worker in one process; the last',
    `ones a whole server with the bundle under the load of 16 connections, while ${perSecond} Pods a second come with images of a`,
    `hostile registry, each another image: medians of ${turns.rounds} rounds of ${turns.seconds} s, in turns with rounds where as many`,
    'Pods come with images that no policy is about.',
    '',
    machine,
    '',
    '| what | value | aim |',
    '| --- | ---: | ---: |',
    `| CPU of a decision about a known image, by digest | ${withPolicy.toFixed(3)} ms | |`,
    `| of it the image policy | ${(withPolicy - without).toFixed(3)} ms | 0.05 |`,
    `| ${pods} Pods of one new image at once: verifications | ${one.verifications} | 1 |`,
    `| the same: requests to the registry | ${one.requests} | |`,
    `| the same: until the last is decided | ${one.ms.toFixed(0)} ms | |`,
    `| ${images} new keyless images at once: until the last is decided | ${middle(({ ms }) => ms)} ms | |`,
    `| the same: delay of the event loop, p99 (idle: ${middle(({ idle }) => idle)} ms) | ${middle(({ p99 }) => p99)} ms | 20 |`,
    `| the same: its longest delay | ${middle(({ longest }) => longest)} ms | |`,
    '',
    '| the registry | its Pods are refused as | p99 of others without, ms | with, ms | ratio | aim |',
    '| --- | --- | ---: | ---: | ---: | ---: |',
    ...beside.map(
      ({ kind, without, with: meanwhile, codes }) =>
        `| ${hostile[kind]} | ${codes.map((code) => `\`${code}\``).join(', ')} | ${without.toFixed(1)} | ${meanwhile.toFixed(1)} | ${(meanwhile / without).toFixed(2)} | 2 |`,
    ),
  ].join('\n')}\n`;
}
