// A writer that is killed: it records under load in small segments and tells on standard output, before it goes on, what
// was answered. Its orders come as one line of JSON on standard input, so that it can be loaded before it is wanted.
import { writeSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { nodeDisk } from '../../../src/ledger/store/disk.ts';
import type { Failpoint } from '../../../src/ledger/store/failpoints.ts';
import { openLedger } from '../../../src/ledger/store/ledger.ts';
import type { Ledger } from '../../../src/ledger/store/options.ts';
import { entryOf } from '../entry.ts';
import { optionsFor } from '../opened.ts';

export type Step = 'rename' | 'overwrite' | 'extend' | 'remove' | 'syncFolder' | 'create';

/** Where the process ends itself, as SIGKILL ends it; null: somebody else does, or nobody. */
export type End =
  | { readonly at: Failpoint; readonly visit: number }
  | {
      /** Before or after a step on a file whose path ends so. */
      readonly step: Step;
      readonly on: string;
      readonly when: 'before' | 'after';
      readonly visit: number;
    }
  | null;

export type Orders = {
  readonly folder: string;
  /** Of its records' names: no two writers have the same. */
  readonly run: string;
  readonly end: End;
  /** It closes in good order after so many, if it lives so long. */
  readonly records: number;
  readonly retainBytes: number | null;
};

export type Answer = { readonly name: string; readonly seq: number; readonly sum: string };

const appenders = 8;

async function main(orders: Orders): Promise<void> {
  const opened = await openLedger({
    ...optionsFor(orders.folder),
    rotate: { bytes: 24_000, ms: 3_600_000 },
    retain: orders.retainBytes === null ? null : { ms: null, bytes: orders.retainBytes },
    checkpointEvery: 15,
    failpoint: (name) => {
      if (orders.end !== null && 'at' in orders.end && orders.end.at === name) visit(orders.end);
    },
    disk: watched(orders.end),
  });
  if (!opened.ok) {
    tell(`cannot open: ${opened.error.message}`);
    process.exitCode = 1;
    return;
  }
  tell('open');
  await load(opened.value, orders);
  await opened.value.close();
}

async function load(ledger: Ledger, { run, records }: Orders): Promise<void> {
  let next = 0;
  const append = async (): Promise<void> => {
    while (next < records) {
      const name = `${run}-${next++}`;
      const note = 'x'.repeat((next * 97) % 1_500);
      const done = await ledger.append(entryOf({ name, object: { note } }, { allowed: true }));
      if (!done.ok) throw new Error(done.error.message);
      const answer: Answer = { name, ...done.value };
      tell(JSON.stringify(answer));
    }
  };
  await Promise.all(Array.from({ length: appenders }, append));
}

let visits = 0;

function visit(end: { readonly visit: number }): void {
  visits += 1;
  if (visits === end.visit) process.kill(process.pid, 'SIGKILL');
}

function watched(end: End): typeof nodeDisk {
  if (end === null || !('step' in end)) return nodeDisk;
  const step = end.step;
  const act = async <T>(path: string, does: () => Promise<T>): Promise<T> => {
    const isIt = path.endsWith(end.on);
    if (isIt && end.when === 'before') visit(end);
    const done = await does();
    if (isIt && end.when === 'after') visit(end);
    return done;
  };
  const disk = nodeDisk;
  const steps = {
    rename: (from: string, to: string) => act(to, () => disk.rename(from, to)),
    overwrite: (path: string, bytes: Uint8Array) => act(path, () => disk.overwrite(path, bytes)),
    extend: (path: string, bytes: Uint8Array) => act(path, () => disk.extend(path, bytes)),
    remove: (path: string) => act(path, () => disk.remove(path)),
    syncFolder: (path: string) => act(path, () => disk.syncFolder(path)),
    create: (path: string) => act(path, () => disk.create(path)),
  };
  return { ...disk, [step]: steps[step] };
}

function tell(line: string): void {
  writeSync(1, `${line}\n`);
}

for await (const line of createInterface({ input: process.stdin })) {
  await main(JSON.parse(line) as Orders);
  process.exit();
}
