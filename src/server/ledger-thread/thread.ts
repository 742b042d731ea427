// The ledger in a thread of its own: what a record costs is spent beside the decisions, not between them. A thread that
// ends is a ledger that fails: denials until another has opened it, which then tells the gap.
import { messageOf } from '../../base/cause.ts';
import type { Diagnostic } from '../../base/diagnostic.ts';
import { err, ok, type Result } from '../../base/result.ts';
import type { LedgerEntry, Recorded } from '../../ledger/entry.ts';
import type { Tell } from '../../ledger/store/events.ts';
import { createGaps } from '../../ledger/store/gap.ts';
import { missedWith } from '../../ledger/store/missed.ts';
import type { LedgerState, ServedLedger } from '../../ledger/store/options.ts';
import { type RecordFault, unavailable } from '../../ledger/store/queue.ts';
import { type BackOff, keepTrying, type Retry } from '../../ledger/store/retry.ts';
import { within } from '../within.ts';
import type { News, Opening } from './messages.ts';
import { ledgerEntry, type Running, startThread } from './running.ts';
import { createSender } from './sent-decision.ts';
import { createTotals } from './totals.ts';
import { createWaiting, type Sent } from './waiting.ts';

export type ThreadOptions = {
  readonly opening: Omit<Opening, 'oldestNeeded'>;
  /** The lowest sequence number that an exporter has not sent. */
  readonly oldestNeeded: () => number;
  readonly tell: Tell;
  readonly now: () => string;
  readonly newId: () => string;
  /** The module that the thread runs. */
  readonly entry?: URL;
  /** Milliseconds until another thread is tried after one that ended. */
  readonly backOff?: BackOff;
  /** Bytes that may wait. */
  readonly mostWaiting?: number;
  /** Milliseconds that `close` may take. */
  readonly closeWithin?: number;
};

/** Milliseconds after which what waits is a disk, or a thread, that answers cannot wait for. */
const slow = 2_000;
/** Milliseconds between messages about what is missing, and what exporters need. */
const tellEvery = 1_000;
/** Records that wait for another thread. */
const mostLater = 1_000;
const closed = 'the ledger is closed';
const defaults = {
  entry: ledgerEntry,
  backOff: { first: 100, most: 5_000 },
  mostWaiting: 16 * 1024 * 1024,
  // The ledger itself takes ten seconds at most.
  closeWithin: 11_000,
};

export async function openLedgerThread(
  given: ThreadOptions,
): Promise<Result<ServedLedger, Diagnostic>> {
  const options = { ...defaults, ...given };
  const { tell, now, newId, oldestNeeded } = options;
  const { folder, replica, onFailure = 'deny' } = options.opening;
  const waiting = createWaiting(options.mostWaiting);
  const listeners = new Set<(seq: number) => void>();
  const totals = createTotals();
  /** What is answered without a record, until a thread can say so. */
  const gaps = createGaps();
  const ended = Promise.withResolvers<void>();
  let send = createSender();
  let running: Running | undefined;
  /** What the thread knows of the exporters. */
  let needed = oldestNeeded();
  let later: readonly Sent[] = [];
  let outage: string | undefined;
  let recovery: Retry | undefined;
  let closing: Promise<void> | undefined;

  function begin(): Promise<Result<void, Diagnostic>> {
    const { promise, resolve } = Promise.withResolvers<Result<void, Diagnostic>>();
    needed = oldestNeeded();
    const opening = { ...options.opening, oldestNeeded: needed };
    const started = startThread(options.entry, opening, {
      news(news) {
        if (news.kind === 'refused') {
          void started.terminate();
          resolve(err(news.fault));
          return;
        }
        if (news.kind === 'opened') {
          [running, send] = [started, createSender()];
          resolve(ok(undefined));
        }
        heard(news);
      },
      ended(cause) {
        resolve(err(notOpened(folder, cause)));
        if (running === started) lost(`the thread of the ledger ended: ${cause}`);
      },
    });
    return promise;
  }

  function heard(news: Exclude<News, { kind: 'refused' }>): void {
    const before = totals.state().seq;
    totals.tell(news.state);
    if (news.kind === 'went-on') {
      for (const event of news.events) tell(event);
      for (const outcome of news.outcomes) waiting.answered(outcome);
    }
    const { seq } = news.state;
    if (seq !== before) for (const listener of listeners) listener(seq);
    if (news.kind === 'closed') ended.resolve();
  }

  /** What was sent is durable or not, nobody knows: who waits is told that it is not. */
  function lost(cause: string): void {
    running = undefined;
    outage = cause;
    totals.lost();
    gaps.begin(cause, now());
    tell({ kind: 'fault', cause });
    const sent = waiting.takeAll();
    later = sent.filter(({ entry }) => entry !== null);
    for (const each of sent) if (each.entry === null) miss(each, cause);
    if (closing !== undefined) {
      ended.resolve();
      return;
    }
    const failed = (why: unknown): void => {
      outage = messageOf(why);
    };
    const done = (): void => isBack(sent);
    recovery = keepTrying(again, options.backOff, { failed, done });
  }

  async function again(): Promise<void> {
    const opened = await begin();
    if (!opened.ok) throw new Error(opened.error.message);
  }

  function isBack(sent: readonly Sent[]): void {
    outage = undefined;
    tellThread();
    const [waited, cause] = [later, 'its record may be durable, but its answer was a denial'];
    later = [];
    for (const each of waited) {
      // Once more, not for ever: it may be what the thread ended of.
      if (each.entry !== null) post({ ...each, entry: null }, each.entry);
    }
    for (const { allows } of sent) {
      if (allows !== null) void append({ kind: 'withdrawn', id: newId(), decision: allows, cause });
    }
  }

  /** What is not worth a message of its own. */
  function tellThread(): void {
    const [gap, seq] = [gaps.open(now()), oldestNeeded()];
    if (running === undefined) return;
    if (seq !== needed) running.post({ kind: 'needed', seq });
    needed = seq;
    if (gap === undefined) return;
    const { to: _, ...missing } = gap;
    running.post({ kind: 'missed', missing });
    gaps.told(gap);
  }

  function miss({ missed, done }: Sent, cause: string): void {
    if (missed !== 'waits') gaps.missed(missed, cause, now());
    done(err(unavailable(cause)));
  }

  function post(sent: Sent, entry: LedgerEntry): void {
    const ticket = waiting.add(sent);
    if (ticket === undefined) miss(sent, 'the disk is too slow');
    else running?.append({ ticket, entry: send(entry) });
  }

  function append(entry: LedgerEntry): Promise<Result<Recorded, RecordFault>> {
    return new Promise((done) => {
      const sent = sentOf(entry, onFailure, done);
      if (closing !== undefined) done(err(unavailable(closed)));
      else if (running !== undefined) post(sent, entry);
      else if (sent.entry === null || later.length >= mostLater) miss(sent, outage ?? closed);
      else later = [...later, sent];
    });
  }

  function available(): boolean {
    const since = waiting.since() ?? Number.POSITIVE_INFINITY;
    const isSlow = performance.now() - since >= slow;
    return running !== undefined && totals.state().available && !isSlow;
  }

  async function close(reason: string | undefined): Promise<void> {
    clearInterval(timer);
    await recovery?.stop();
    tellThread();
    running?.post({ kind: 'close', reason });
    if (running !== undefined) await within(options.closeWithin, ended.promise);
    for (const each of [...waiting.takeAll(), ...later]) miss(each, closed);
    await running?.terminate();
  }

  const timer = setInterval(tellThread, tellEvery).unref();
  const opened = await begin();
  if (!opened.ok) {
    clearInterval(timer);
    return opened;
  }
  return ok({
    folder,
    replica,
    append,
    durable: () => totals.state().seq,
    onDurable(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    available,
    state: (): LedgerState => {
      const { denied, allowed } = gaps.total();
      return {
        ...totals.state({ denied, allowed }),
        available: available(),
        heldBytes: waiting.held(),
      };
    },
    close(reason) {
      closing ??= close(reason);
      return closing;
    },
  });
}

function sentOf(entry: LedgerEntry, onFailure: 'deny' | 'allow', done: Sent['done']): Sent {
  const missed = missedWith(entry, onFailure);
  const isDecision = entry.kind === 'decision';
  const allows = isDecision && missed === 'denied' && entry.decision.allowed ? entry.id : null;
  const bytes = isDecision ? (entry.body?.length ?? 0) : 0;
  const kept = missed === 'waits' ? entry : null;
  return { missed, entry: kept, allows, bytes, since: performance.now(), done };
}

function notOpened(file: string, cause: string): Diagnostic {
  const message = `the ledger cannot be opened: its thread ended: ${cause}`;
  return { code: 'file-unreadable', message, file, line: 0, column: 0 };
}
