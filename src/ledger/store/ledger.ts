// The ledger as its owner sees it: every decision kept, durable before it is answered, chained, and signed.
// Format, keys and what happens when the disk fails: docs/decisions/0003-ledger.md.
import { messageOf } from '../../base/cause.ts';
import type { Diagnostic } from '../../base/diagnostic.ts';
import { err, ok, type Result } from '../../base/result.ts';
import type { LedgerEntry, Recorded } from '../entry.ts';
import type { Head } from '../format/chain.ts';
import type { RemovedSegment } from '../format/kinds.ts';
import { entryBody, type RecordContext } from '../record.ts';
import { momentsOf } from './clock.ts';
import { findLast, placeAfter } from './find-last.ts';
import { openKeyring } from './keyring.ts';
import { expectedKey } from './last-segment.ts';
import { lock } from './lock.ts';
import { missedWith } from './missed.ts';
import {
  type Ledger,
  type LedgerOptions,
  type LedgerState,
  type WholeOptions,
  wholeOptions,
} from './options.ts';
import { retentionBody, type Stamp, stamped } from './own-records.ts';
import { keepPolicyText } from './policy-texts.ts';
import type { RecordFault } from './queue.ts';
import { createUpkeep, type Upkeep } from './upkeep.ts';
import { type Appended, createWriter, type Writer } from './writer.ts';

/** One process at a time. What a crash left is mended first; a last record that is not whole is not continued. */
export async function openLedger(given: LedgerOptions): Promise<Result<Ledger, Diagnostic>> {
  const options = wholeOptions(given);
  const { folder, disk } = options;
  try {
    await disk.makeFolder(folder);
    const locked = await lock(disk, folder);
    if (!locked.ok) return locked;
    const release = locked.value;
    try {
      const opened = await openLocked(options, release);
      if (!opened.ok) await release();
      return opened;
    } catch (cause) {
      await release().catch(() => undefined);
      throw cause;
    }
  } catch (cause) {
    const message = `the ledger cannot be opened: ${messageOf(cause)}`;
    return err({ code: 'file-unreadable', message, file: folder, line: 0, column: 0 });
  }
}

async function openLocked(
  options: WholeOptions,
  release: () => Promise<void>,
): Promise<Result<Ledger, Diagnostic>> {
  const found = await findLast(options);
  if (!found.ok) return found;
  const last = found.value;
  const keyring = await openKeyring(options, last === null ? null : expectedKey(last));
  const moment = momentsOf(options);
  const stamp = (): Stamp => ({ id: options.newId(), ...moment() });
  const listeners = new Set<(seq: number) => void>();
  let upkeep: Upkeep | undefined;
  const { replica, cluster, engine, digest } = options;
  const writer = await createWriter(
    {
      ...options,
      keyring,
      stamp,
      about: { replica, cluster, engine },
      durable: (seq) => {
        for (const listener of listeners) listener(seq);
      },
      tell: (event) => {
        options.tell(event);
        if (event.kind === 'segment') upkeep?.look();
      },
    },
    placeAfter(last),
    last === null ? 'new' : 'start',
  );
  upkeep = createUpkeep({
    ...options,
    current: () => writer.segment()?.name,
    declare: (files) => declare(writer, stamp(), files),
  });
  upkeep.look();
  const parts = { options, writer, stamp, upkeep, release, listeners };
  return ok(ledgerOf(parts, { replica, cluster, digest, moment }));
}

type Parts = {
  readonly options: WholeOptions;
  readonly writer: Writer;
  readonly stamp: () => Stamp;
  readonly upkeep: Upkeep;
  readonly release: () => Promise<void>;
  readonly listeners: Set<(seq: number) => void>;
};

function ledgerOf(parts: Parts, context: RecordContext): Ledger {
  const { options, writer, stamp, upkeep, release, listeners } = parts;
  const timer = setInterval(() => {
    if (writer.outage() === undefined) void writer.checkpoint();
    upkeep.look();
  }, options.checkpointEvery).unref();
  const close = async (reason: string): Promise<void> => {
    clearInterval(timer);
    await upkeep.stop();
    await writer.close(() => stamped('stop', stamp(), { reason }));
    await release();
  };
  let closing: Promise<void> | undefined;
  return {
    folder: options.folder,
    replica: options.replica,
    append: (entry) => append(parts, context, entry),
    head: () => recordedAt(writer.head()),
    durable: () => writer.head().seq,
    onDurable(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    available: () => isAvailable(writer),
    state: () => stateOf(writer),
    checkpoint: async () => recorded(await writer.checkpoint()),
    rotate: () => writer.rotate(),
    missed: writer.missed,
    close(reason = 'stopped') {
      closing ??= atMost(options.closeWithin, close(reason));
      return closing;
    },
  };
}

/** Nothing of the entry is held while its record waits for the disk. */
function append(
  { options, writer }: Parts,
  context: RecordContext,
  entry: LedgerEntry,
): Promise<Result<Recorded, RecordFault>> {
  const body = entryBody(entry, context);
  const text = 'policies' in entry ? entry.policies : null;
  const before = text === null ? {} : { before: () => keepPolicyText(options, text) };
  const missed = missedWith(entry, options.onFailure);
  return writer.append({ body, bytes: body.bytes, missed, ...before }).then(recorded);
}

async function declare(
  writer: Writer,
  stamp: Stamp,
  files: readonly RemovedSegment[],
): Promise<boolean> {
  const body = retentionBody(stamp, { files });
  const appended = await writer.append({ body, bytes: body.bytes, missed: 'waits' });
  if (!appended.ok) return false;
  // Signed before they go: whoever may write the folder, and has no key, declares nothing.
  return (await writer.checkpoint()).ok;
}

/** A write that takes longer, in milliseconds, is a disk that answers cannot wait for. */
const slow = 2_000;

function isAvailable(writer: Writer): boolean {
  return writer.outage() === undefined && writer.busy() < slow;
}

function stateOf(writer: Writer): LedgerState {
  const { gaps, denied, allowed } = writer.gaps();
  return {
    available: isAvailable(writer),
    seq: writer.head().seq,
    segment: writer.segment() ?? null,
    heldBytes: writer.held(),
    gaps,
    missed: { denied, allowed },
  };
}

function recorded(appended: Appended): Result<Recorded, RecordFault> {
  if (!appended.ok) return appended;
  const { seq, sum } = appended.value;
  return ok({ seq, sum });
}

function recordedAt({ seq, sum }: Head): Recorded | null {
  return seq === 0 ? null : { seq, sum };
}

/** A disk that stands still does not keep the process from ending. */
async function atMost(ms: number, work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const end = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  await Promise.race([work, end]);
  clearTimeout(timer);
}
