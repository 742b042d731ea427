// What the ledger costs: the gate with and without it, in turn in one run, with what a sync of this disk takes
// beside it; bytes of a record; how fast it is verified. `--write` puts the table into docs/bench.md, `--seconds N`.
import { closeSync, fdatasyncSync, openSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { parseKeyList } from '../src/ledger/format/keys.ts';
import { verifyLedger } from '../src/ledger/verify/verify.ts';
import { makeWorkplace, type Served, serveArguments, startServed } from '../test/gate.ts';
import { makeBody } from './body.ts';
import { median } from './figures.ts';
import { drive, type Figures } from './load.ts';
import { machine, writeSection } from './page.ts';

const { values } = parseArgs({
  options: { write: { type: 'boolean' }, seconds: { type: 'string', default: '5' } },
});
const seconds = Number(values.seconds);
const rounds = 5;
const workplace = await makeWorkplace('bench-ledger');
const ledger = join(workplace.folder, 'ledger');

/** Figures of each round, with one connection and with 64. */
type Measured = { readonly one: Figures[]; readonly many: Figures[] };

/** The servers are asked in turn: what else the machine does meanwhile meets them all. */
async function measure(commands: readonly (readonly string[])[]): Promise<readonly Measured[]> {
  const servers = await Promise.all(commands.map((args) => startServed(args)));
  const measured = servers.map((): Measured => ({ one: [], many: [] }));
  const load = ({ port }: Served, connections: number, warmUpMs = 300): Promise<Figures> => {
    const ms = (seconds * 1_000) / rounds;
    return drive({ port, ca: workplace.ca }, makeBody(), { connections, warmUpMs, ms });
  };
  try {
    for (const server of servers) await load(server, 64, 2_000);
    for (let round = 0; round < rounds; round++) {
      for (const [i, server] of servers.entries()) {
        measured[i]?.one.push(await load(server, 1));
        measured[i]?.many.push(await load(server, 64));
      }
    }
  } finally {
    for (const server of servers) await server.stop();
  }
  return measured;
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

const sorted = syncs();
const plain = serveArguments(workplace);
const [without, kept] = await measure([plain, [...plain, '--ledger', ledger]]);
if (without === undefined || kept === undefined) throw new Error('nothing was measured');
const keys = parseKeyList(readFileSync(join(ledger, 'keys.json'), 'utf8'));
if (!keys.ok) throw new Error(keys.error.join('; '));
const from = performance.now();
const { ledgers, findings } = await verifyLedger([ledger], keys.value.keys);
const verifySeconds = (performance.now() - from) / 1_000;
const { bytes = 0, records = 0 } = ledgers[0] ?? {};
if (findings.length > 0 || records === 0) throw new Error('the ledger is not whole');

const at = (share: number): string => (sorted[Math.floor(sorted.length * share)] ?? 0).toFixed(2);
const perSecond = [without, kept].map(({ many }) =>
  median(many.map((figures) => figures.perSecond)),
);
const [base = Number.NaN, recorded = Number.NaN] = perSecond;
const medianOf = ({ one }: Measured, of: 'p50' | 'p99'): number =>
  median(one.map((figures) => figures[of]));
const added = (of: 'p50' | 'p99'): string =>
  (medianOf(kept, of) - medianOf(without, of)).toFixed(2);
const page = `${[
  `\`node bench/ledger.ts\`, also a part of \`make bench\`: the same body for two gates in turn, ${rounds} rounds, ${seconds} s for each load in all; medians of the rounds.`,
  '',
  machine,
  '',
  '| what | value |',
  '| --- | ---: |',
  `| fdatasync after 6 KiB on this disk, p50 | ${at(0.5)} ms |`,
  `| the same, p99 | ${at(0.99)} ms |`,
  `| 64 connections, without | ${base.toFixed(0)}/s |`,
  `| 64 connections, with the ledger | ${recorded.toFixed(0)}/s |`,
  `| with, of without (the aim is 0.8) | ${(recorded / base).toFixed(2)} |`,
  `| 1 connection, added at p50 | ${added('p50')} ms |`,
  `| 1 connection, added at p99 | ${added('p99')} ms |`,
  `| bytes of a record, uncompressed | ${(bytes / records).toFixed(0)} |`,
  `| verified | ${(bytes / 2 ** 20 / verifySeconds).toFixed(0)} MiB/s, ${(records / verifySeconds).toFixed(0)} records/s |`,
].join('\n')}\n`;
process.stdout.write(`\n${page}`);
if (values.write) writeSection('The ledger', page);
