// A process that exports a ledger to its own standard output, as a server does; it tells how it is on standard error,
// a line of JSON for each line that it reads, and ends when its input does.
import { createInterface } from 'node:readline';
import pino from 'pino';
import { batchDefaults } from '../../src/ledger/export/settings.ts';
import { startExporters } from '../../src/server/exporters.ts';
import { fakeLedger } from './exporting.ts';

const [folder = ''] = process.argv.slice(2);
const ledger = fakeLedger(folder);
const told: string[] = [];
const log = pino({ level: 'info' }, { write: (line: string) => void told.push(line) });
const batch = { ...batchDefaults.Stdout, waitMs: 1 };
const exporters = startExporters([{ kind: 'Stdout', name: 'stdout', batch }], ledger, log, {
  stopWithin: 500,
});

const value = (name: string): number => {
  const line = exporters
    .metrics()
    .split('\n')
    .find((each) => each.startsWith(`${name}{`));
  return Number(line?.split(' ').at(-1));
};

for await (const line of createInterface({ input: process.stdin })) {
  ledger.append(Number(line), `,"x":"${'x'.repeat(900)}"`);
  await new Promise((done) => setTimeout(done, 20));
  const state = {
    durable: ledger.durable(),
    lag: value('sekisho_export_lag_records'),
    held: value('sekisho_export_held_bytes'),
    halted: value('sekisho_export_halted'),
    told: told.length,
  };
  process.stderr.write(`${JSON.stringify(state)}\n`);
}
await exporters.stop();
process.stderr.write('"ended"\n');
