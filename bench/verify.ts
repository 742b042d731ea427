// How long it takes to prove a large ledger, and how much memory: a ledger of `--gib N` (1) that the writer makes of a
// decision about each kind of request, then `sekisho ledger verify` as a process. `--write` puts the table into docs/bench.md.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { v7 as newId } from 'uuid';
import type { DecisionEntry } from '../src/ledger/entry.ts';
import { openLedger } from '../src/ledger/store/ledger.ts';
import { decodeReview } from '../src/review/decode.ts';
import { parseJson } from '../src/yaml/json.ts';
import { root } from '../test/gate.ts';
import { entryOf } from '../test/ledger/entry.ts';
import { machine, writeSection } from './page.ts';

const { values } = parseArgs({
  options: { gib: { type: 'string', default: '1' }, write: { type: 'boolean' } },
});
const bytes = Number(values.gib) * 2 ** 30;

const reviews = join(root, 'test/fixtures/reviews');
const attempts = readdirSync(reviews)
  .filter((name) => name.endsWith('.json'))
  .map((name) => {
    const read = parseJson(readFileSync(join(reviews, name)), { maxBytes: 1e7, maxDepth: 256 });
    const decoded = read.ok
      ? decodeReview(read.value, { now: '2026-11-21T10:00:00Z', deadline: null })
      : read;
    if (!decoded.ok) throw new Error(decoded.error.message);
    return decoded.value;
  });

const made = entryOf({});
/** Filler of the size that the rules of a bundle have. */
const results = Array.from({ length: 50 }, (_, n) => ({
  ...{ policy: `policy-${n}`, binding: `policy-${n}`, param: null, rule: `policy-${n}/rule` },
  ...{ kind: 'ValidatingAdmissionPolicy', mode: null, evaluation: 'pass' },
  ...{ actions: [], code: null, reason: null, message: '', findings: [], exception: null },
  controls: ['CIS 5.2.2'],
})) as DecisionEntry['decision']['results'];

function entry(n: number): DecisionEntry {
  const attempt = attempts[n % attempts.length] ?? made.attempt;
  return { ...made, id: newId(), attempt, decision: { ...made.decision, results } };
}

const folder = mkdtempSync(join(tmpdir(), 'sekisho-bench-verify-'));
process.once('exit', () => rmSync(folder, { recursive: true, force: true }));

/** Bytes of lines. */
async function writeLedger(): Promise<number> {
  let written = 0;
  const opened = await openLedger({
    ...{ folder, replica: 'gate-0', cluster: 'bench', engine: '0.0.0', newId },
    now: () => new Date().toISOString(),
    monotonic: () => performance.now(),
    tell: (event) => {
      if (event.kind === 'synced') written += event.bytes;
    },
  });
  if (!opened.ok) throw new Error(opened.error.message);
  const batch = 200;
  for (let n = 0; written < bytes; n += batch) {
    const all = Array.from({ length: batch }, (_, i) => opened.value.append(entry(n + i)));
    for (const each of await Promise.all(all)) if (!each.ok) throw new Error(each.error.message);
  }
  await opened.value.close();
  return written;
}

type Proven = { readonly seconds: number; readonly peakMiB: number };

async function prove(): Promise<Proven> {
  const from = performance.now();
  const args = ['ledger', 'verify', folder, '--keys', join(folder, 'keys.json')];
  const child = spawn(process.execPath, [join(root, 'src/main.ts'), ...args], { stdio: 'ignore' });
  let peakMiB = 0;
  const look = setInterval(() => {
    peakMiB = Math.max(peakMiB, residentOf(child.pid));
  }, 20);
  const [code] = await once(child, 'exit');
  clearInterval(look);
  if (code !== 0) throw new Error(`the ledger does not prove: exit ${code}`);
  return { seconds: (performance.now() - from) / 1_000, peakMiB };
}

/** The most that the process has held so far, in MiB; 0 where /proc does not tell. */
function residentOf(pid: number | undefined): number {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    return Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) / 1024;
  } catch {
    // It has ended.
    return 0;
  }
}

process.stderr.write(`Writing ${values.gib} GiB of records to ${folder}\n`);
const written = await writeLedger();
const onDisk = readdirSync(folder, { withFileTypes: true })
  .filter((each) => each.isFile())
  .reduce((sum, { name }) => sum + statSync(join(folder, name)).size, 0);
process.stderr.write('Proving them\n');
const { seconds, peakMiB } = await prove();
const page = [
  `\`node bench/verify.ts --gib ${values.gib}\`: \`sekisho ledger verify\` of a ledger as \`serve\` leaves it, its closed segments compressed. The aim is 10 GiB`,
  'in 120 s and under 200 MiB.',
  '',
  machine,
  '',
  '| what | value |',
  '| --- | ---: |',
  `| records, uncompressed | ${(written / 2 ** 30).toFixed(1)} GiB |`,
  `| on the disk | ${(onDisk / 2 ** 20).toFixed(0)} MiB |`,
  `| proven in | ${seconds.toFixed(1)} s |`,
  `| a second | ${(written / 2 ** 20 / seconds).toFixed(0)} MiB |`,
  `| memory, at most | ${peakMiB.toFixed(0)} MiB |`,
].join('\n');
process.stdout.write(`${page}\n`);
if (values.write) writeSection('Proving a large ledger', page);
