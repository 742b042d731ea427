// What the ledger costs: the gate with and without it, one after the other in one run, with what a sync of this disk takes
// beside it; bytes of a record; how fast it is verified. `--write` puts the table into docs/bench.md, `--seconds N`.
import { closeSync, fdatasyncSync, openSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { parseKeyList } from '../src/ledger/format/keys.ts';
import { verifyLedger } from '../src/ledger/verify/verify.ts';
import { makeWorkplace, serveArguments, startServed } from '../test/gate.ts';
import { makeBody } from './body.ts';
import { drive, type Figures } from './load.ts';
import { machine, writeSection } from './page.ts';

const { values } = parseArgs({
  options: { write: { type: 'boolean' }, seconds: { type: 'string', default: '5' } },
});
const ms = Number(values.seconds) * 1_000;
const workplace = await makeWorkplace('bench-ledger');
const ledger = join(workplace.folder, 'ledger');

async function measure(more: readonly string[]): Promise<readonly [one: Figures, many: Figures]> {
  const server = await startServed(serveArguments(workplace, more));
  const load = (connections: number): Promise<Figures> =>
    drive({ port: server.port, ca: workplace.ca }, makeBody(), {
      connections,
      warmUpMs: 1_500,
      ms,
    });
  try {
    return [await load(1), await load(64)];
  } finally {
    await server.stop();
  }
}

/** Milliseconds of 300 syncs after 6 KiB each, sorted. */
function syncs(): readonly number[] {
  const file = openSync(join(workplace.folder, 'syncs'), 'w');
  const bytes = Buffer.alloc(6_144, 'x');
  const times = Array.from({ length: 300 }, () => {
    const from = performance.now();
    writeSync(file, bytes);
    fdatasyncSync(file);
    return performance.now() - from;
  });
  closeSync(file);
  return times.sort((a, b) => a - b);
}

const without = await measure([]);
const sorted = syncs();
const kept = await measure(['--ledger', ledger]);
const keys = parseKeyList(readFileSync(join(ledger, 'keys.json'), 'utf8'));
if (!keys.ok) throw new Error(keys.error.join('; '));
const from = performance.now();
const { ledgers, findings } = await verifyLedger([ledger], keys.value.keys);
const seconds = (performance.now() - from) / 1_000;
const { bytes = 0, records = 0 } = ledgers[0] ?? {};
if (findings.length > 0 || records === 0) throw new Error('the ledger is not whole');

const at = (share: number): string => (sorted[Math.floor(sorted.length * share)] ?? 0).toFixed(2);
const page = `${[
  `\`node bench/ledger.ts\`, also a part of \`make bench\`: the same body, ${ms / 1_000} s for each load after 1.5 s of warming up.`,
  '',
  machine,
  '',
  '| what | value |',
  '| --- | ---: |',
  `| fdatasync after 6 KiB on this disk, p50 | ${at(0.5)} ms |`,
  `| the same, p99 | ${at(0.99)} ms |`,
  `| 64 connections, without | ${without[1].perSecond.toFixed(0)}/s |`,
  `| 64 connections, with the ledger | ${kept[1].perSecond.toFixed(0)}/s |`,
  `| with, of without | ${(kept[1].perSecond / without[1].perSecond).toFixed(2)} |`,
  `| 1 connection, added at p50 | ${(kept[0].p50 - without[0].p50).toFixed(2)} ms |`,
  `| 1 connection, added at p99 | ${(kept[0].p99 - without[0].p99).toFixed(2)} ms |`,
  `| bytes of a record, uncompressed | ${(bytes / records).toFixed(0)} |`,
  `| verified | ${(bytes / 2 ** 20 / seconds).toFixed(0)} MiB/s, ${(records / seconds).toFixed(0)} records/s |`,
].join('\n')}\n`;
process.stdout.write(`\n${page}`);
if (values.write) writeSection('The ledger', page);
