// `make demo`: a gate with the bundle decides a handful of manifests over HTTPS; what kubectl would print, and what
// the ledger then holds. Nothing is left behind but what was printed.
import { Agent } from 'node:https';
import { join } from 'node:path';
import {
  makeWorkplace,
  root,
  type Served,
  serveArguments,
  startServed,
  type Workplace,
} from '../gate.ts';
import { create } from './kubectl.ts';
import { provenLedger, table } from './records.ts';
import { reviewOf } from './reviews.ts';

// Each with the answer that the bundle owes it: the demo fails when it gives another.
const manifests: readonly (readonly [file: string, allowed: boolean])[] = [
  ['web.yaml', true],
  ['worker.yaml', true],
  ['debug-shell.yaml', false],
  ['nginx.yaml', false],
  ['gateway.yaml', false],
  ['report.yaml', false],
  ['session-key.yaml', true],
];

const color = process.stdout.isTTY === true && (process.env['NO_COLOR'] ?? '') === '';

function say(...lines: readonly string[]): void {
  process.stdout.write(`${lines.join('\n')}\n`);
}

function paint(code: number, text: string): string {
  return color ? `\u001b[${code}m${text}\u001b[0m` : text;
}

const strong = (text: string): string => paint(1, text);
const bad = (text: string): string => paint(31, text);
const good = (text: string): string => paint(32, text);

async function main(): Promise<void> {
  say(strong('Making certificates, and starting the gate with the policies of policies/'));
  const workplace = await makeWorkplace('demo');
  const ledger = join(workplace.folder, 'ledger');
  const gate = await startServed(serveArguments(workplace, ['--ledger', ledger]));
  try {
    say(`It listens on https://127.0.0.1:${gate.port}/validate (process ${gate.pid}).`, '');
    await decideAll(workplace, gate);
  } finally {
    await stopped(gate);
  }
  await showRecords(ledger);
  say(...next);
}

async function decideAll({ ca }: Workplace, { port }: Served): Promise<void> {
  const agent = new Agent({ ca, keepAlive: true });
  for (const [file, wanted] of manifests) {
    const posted = reviewOf(join(root, 'test/demo/manifests', file));
    const { allowed, lines } = await create(agent, port, posted, file);
    const [first = '', ...rest] = lines.join('\n').split('\n');
    if (allowed !== wanted) {
      process.exitCode = 1;
      say(bad(`${file} should have been ${wanted ? 'allowed' : 'denied'}:`));
    }
    say(strong(`$ kubectl create -f ${file}`), allowed ? good(first) : bad(first), ...rest, '');
  }
  agent.destroy();
}

async function stopped(gate: Served): Promise<void> {
  const code = await gate.stop();
  say(`The gate was told to stop (SIGTERM) and ended with exit code ${code}.`, '');
  if (code !== 0) process.exitCode = 1;
}

async function showRecords(folder: string): Promise<void> {
  const { records, proof } = await provenLedger(folder);
  say(strong('Every decision is in the ledger, those that allowed too:'), ...table(records), '');
  say(strong('$ sekisho ledger verify LEDGER --keys LEDGER/keys.json'), ...proof, '');
}

const next = [
  strong('What to try next'),
  '  The manifests are in test/demo/manifests: mend one, and run make demo again.',
  '  Or decide them without a server, with the line and column of each fault:',
  '    node_modules/.bin/node src/main.ts check test/demo/manifests',
  '  make run serves the same policies on localhost:8443 until you stop it.',
];

// Whoever reads may stop reading, as `head` does.
process.stdout.once('error', () => process.exit(1));
await main();
