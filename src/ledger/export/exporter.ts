// Follows a ledger and gives its durable records to one sink: in order, at least once, one batch at a time.
// INVARIANT: the cursor is written only after the sink has confirmed. A sink that is slow or dead holds up nobody else and
// costs disk: one batch at most is in memory, all else stays in the segments and is read when it is needed.
import { messageOf } from '../../base/cause.ts';
import { err, ok, type Result } from '../../base/result.ts';
import { sha256 } from '../format/chain.ts';
import { pauseAfter } from './backoff.ts';
import { type Cursor, cursorFile } from './cursor.ts';
import { type ExportedLedger, gather, type Timing } from './gather.ts';
import type { BatchSettings } from './settings.ts';
import type { Batch, Sink, SinkFault } from './sink.ts';
import { type Oddity, openSource } from './source.ts';
import { createProgress, type ExportState, noteFault, noteOddity, viewOf } from './state.ts';

export type ExportNews =
  /** It goes on with the oldest record that is there. */
  | { readonly kind: 'cursor-unfit'; readonly why: string }
  | { readonly kind: 'oddity'; readonly oddity: Oddity }
  /** Told when it is another fault than the last one. */
  | { readonly kind: 'failed'; readonly fault: SinkFault; readonly retryInMs: number }
  | { readonly kind: 'recovered' };

export type ExporterOptions = {
  readonly ledger: ExportedLedger;
  /** Of the cursor's file. */
  readonly name: string;
  readonly sink: Sink;
  readonly batch: BatchSettings;
  /** Where to begin without a cursor: with all that is there, or with what comes. */
  readonly from: 'oldest' | 'newest';
  readonly tell: (news: ExportNews) => void;
  readonly timing: Timing;
};

export type Exporter = {
  state(): ExportState;
  /** The oldest seq that must stay in the ledger. */
  oldestNeeded(): number;
  /** Sends what is there as long as that works, and ends within `ms` milliseconds and a moment. */
  stop(ms: number): Promise<void>;
};

/** For a sink to let go of its connections. */
const closeWithin = 1_000;

export function runExporter(options: ExporterOptions): Exporter {
  const { ledger, name, sink, batch, from, tell, timing } = options;
  const progress = createProgress();
  const { counters } = progress;
  const cursors = cursorFile(ledger.folder, name);
  const source = openSource(ledger.folder, (oddity) => {
    noteOddity(progress, oddity);
    tell({ kind: 'oddity', oddity });
  });
  /** No more waiting: what is there goes out, and then it ends. */
  const stopping = new AbortController();
  const ended = new AbortController();
  let failures = 0;
  let lastTold: string | undefined;
  /** The cursor on the disk is behind. */
  let unkept = false;

  async function run(): Promise<void> {
    await untilDone(begin);
    while (!ended.signal.aborted) {
      const gathered = await untilDone(() => gather(gathering, stopping.signal));
      if (gathered === undefined) break;
      const sent = await untilDone(() => send(gathered));
      if (sent === undefined) break;
      await keep(sent);
    }
    await source.release();
  }
  const gathering = { ledger, source, batch, timing, progress };

  /** Tries until it works; undefined when it is time to end instead. */
  async function untilDone<T>(act: () => Promise<Result<T, SinkFault>>): Promise<T | undefined> {
    for (;;) {
      const done = await act().catch((cause: unknown) => err(internal(cause)));
      if (done.ok) {
        if (failures > 0) tell({ kind: 'recovered' });
        [failures, lastTold, counters.halted] = [0, undefined, false];
        return done.value;
      }
      failures += 1;
      const pause = pauseAfter(done.error, failures, timing.random());
      note(done.error, pause);
      if (stopping.signal.aborted) return undefined;
      await source.release();
      await timing.sleep(pause, stopping.signal);
    }
  }

  function note(fault: SinkFault, retryInMs: number): void {
    noteFault(progress, fault, timing.now());
    const text = `${fault.cause} ${fault.message}`;
    if (text !== lastTold) tell({ kind: 'failed', fault, retryInMs });
    lastTold = text;
  }

  /** Behind the cursor if the ledger proves it, otherwise with all that is there. */
  async function begin(): Promise<Result<true, SinkFault>> {
    const read = await cursors.read();
    const cursor = read.ok ? read.value : null;
    if (read.ok && cursor === null && from === 'newest') return skip();
    if (cursor !== null && cursor.seq <= ledger.durable()) {
      const sought = await source.seek(cursor);
      if (!sought.ok) return err(unreadable(sought.error));
      if (sought.value) {
        [progress.kept, counters.seq] = [cursor, cursor.seq];
        return ok(true);
      }
    }
    if (!read.ok || cursor !== null) {
      counters.unfitCursors += 1;
      const why = read.ok ? `the ledger does not have its record ${cursor?.seq}` : read.error;
      tell({ kind: 'cursor-unfit', why });
    }
    const rewound = await source.rewind();
    return rewound.ok ? ok(true) : err(unreadable(rewound.error));
  }

  async function skip(): Promise<Result<true, SinkFault>> {
    const last = ledger.durable();
    const sought = await source.seek({ seq: Math.max(0, last - 1), hash: '' });
    const read = sought.ok ? await source.next(last) : sought;
    if (!read.ok) return err(unreadable(read.error));
    if (read.value !== undefined) await keepCursor(cursorOf(read.value));
    return ok(true);
  }

  async function send(gathered: Batch): Promise<Result<Batch, SinkFault>> {
    const sent = await sink.send(gathered, ended.signal);
    return sent.ok ? ok(gathered) : sent;
  }

  async function keep(sent: Batch): Promise<void> {
    counters.sentBatches += 1;
    counters.sentRecords += sent.records.length;
    counters.sentBytes += sent.bytes;
    const last = sent.records.at(-1);
    if (last !== undefined) await keepCursor({ seq: last.seq, hash: sent.hash });
  }

  /** A cursor that cannot be written costs duplicates after the next start, and disk: nothing else. */
  async function keepCursor(cursor: Cursor): Promise<void> {
    counters.seq = cursor.seq;
    progress.oldest = null;
    try {
      await cursors.write(cursor);
      progress.kept = cursor;
      if (unkept) tell({ kind: 'recovered' });
      unkept = false;
    } catch (cause) {
      const message = `the cursor cannot be written: ${messageOf(cause)}`;
      const fault: SinkFault = { kind: 'again', cause: 'disk', message };
      noteFault(progress, fault, timing.now());
      if (!unkept) tell({ kind: 'failed', fault, retryInMs: 0 });
      unkept = true;
    }
  }

  async function stop(ms: number): Promise<void> {
    stopping.abort();
    const over = new AbortController();
    await Promise.race([running, timing.sleep(ms, over.signal)]);
    ended.abort();
    const closed = Promise.allSettled([running, sink.close()]);
    await Promise.race([closed, timing.sleep(closeWithin, over.signal)]);
    over.abort();
  }

  const running = run();
  let stopped: Promise<void> | undefined;
  return {
    state: () => viewOf(progress, ledger.durable(), timing.now()),
    oldestNeeded: () => (progress.kept?.seq ?? 0) + 1,
    stop(ms) {
      stopped ??= stop(ms);
      return stopped;
    },
  };
}

function cursorOf({ seq, bytes }: { readonly seq: number; readonly bytes: Buffer }): Cursor {
  return { seq, hash: sha256(bytes) };
}

function internal(cause: unknown): SinkFault {
  return { kind: 'again', cause: 'internal', message: messageOf(cause) };
}

function unreadable(message: string): SinkFault {
  return { kind: 'again', cause: 'disk', message: `the ledger cannot be read: ${message}` };
}
