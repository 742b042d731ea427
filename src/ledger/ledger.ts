// The append-only, hash-chained record of every decision. An append resolves when its record is durable, and only then.
// Appends that arrive while a write is under way go out together: one write, one fdatasync.
import type { FileHandle } from 'node:fs/promises';
import type { Diagnostic } from '../base/diagnostic.ts';
import type { Result } from '../base/result.ts';
import { err, ok } from '../base/result.ts';
import { chain, type Head } from './chain.ts';
import type { LedgerEntry, Recorded } from './entry.ts';
import { recordBody } from './record.ts';
import { messageOf, openSegment } from './segment.ts';

export type RecordFault = { readonly code: 'record-failed'; readonly message: string };

export type Ledger = {
  append(entry: LedgerEntry): Promise<Result<Recorded, RecordFault>>;
  /** The last durable record; null when there is none. */
  head(): Recorded | null;
  /** False once a write or sync has failed: every later append fails too. */
  available(): boolean;
  /** Waits for what was appended, and lets go of the folder. */
  close(): Promise<void>;
};

/** What the writer needs of a file: a door for faults in tests. */
export type AppendFile = Pick<FileHandle, 'datasync' | 'close'> & {
  /** Writes all of it. */
  appendFile(text: string): Promise<void>;
};

export async function openLedger(folder: string): Promise<Result<Ledger, Diagnostic>> {
  const segment = await openSegment(folder);
  if (!segment.ok) return segment;
  const { handle, head, release } = segment.value;
  return ok(createLedger(handle, head, release));
}

type Pending = {
  readonly body: string;
  readonly done: (result: Result<Recorded, RecordFault>) => void;
};

/** INVARIANT: after a failed write or sync nothing is appended any more: what is on the disk is not known. */
export function createLedger(file: AppendFile, from: Head, release: () => Promise<void>): Ledger {
  let head = from;
  let waiting: Pending[] = [];
  let writing: Promise<void> | undefined;
  let broken: string | undefined;

  async function drain(): Promise<void> {
    while (waiting.length > 0) {
      const batch = waiting;
      waiting = [];
      await write(batch);
    }
    writing = undefined;
  }

  async function write(batch: readonly Pending[]): Promise<void> {
    if (broken !== undefined) return fail(batch, broken);
    const lines: string[] = [];
    const places: Recorded[] = [];
    let next = head;
    for (const { body } of batch) {
      const made = chain(next, body);
      next = made.head;
      lines.push(`${made.line}\n`);
      places.push({ seq: next.seq, sum: next.sum });
    }
    try {
      await file.appendFile(lines.join(''));
      await file.datasync();
    } catch (cause) {
      broken = `audit log unavailable: ${messageOf(cause)}`;
      return fail(batch, broken);
    }
    head = next;
    for (const [i, { done }] of batch.entries()) {
      const place = places[i];
      if (place !== undefined) done(ok(place));
    }
  }

  return {
    append(entry) {
      if (broken !== undefined) return Promise.resolve(err(faultOf(broken)));
      const body = recordBody(entry);
      return new Promise((done) => {
        waiting.push({ body, done });
        writing ??= drain();
      });
    },
    available: () => broken === undefined,
    head: () => (head.seq === 0 ? null : { seq: head.seq, sum: head.sum }),
    async close() {
      await writing;
      broken ??= 'the ledger is closed';
      await file.close();
      await release();
    },
  };
}

function fail(batch: readonly Pending[], message: string): void {
  for (const { done } of batch) done(err(faultOf(message)));
}

function faultOf(message: string): RecordFault {
  return { code: 'record-failed', message };
}
