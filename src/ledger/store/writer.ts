// The one loop that writes: batches, rotation, and after a fault a new segment as soon as one can be had.
// Nothing is acknowledged before it is durable, and nothing that failed is tried again on the same file.
import { setImmediate as turnOfLoop } from 'node:timers/promises';
import { messageOf } from '../../base/cause.ts';
import { err, ok } from '../../base/result.ts';
import type { Head } from '../format/chain.ts';
import type { PreviousSegment, SegmentWhy } from '../format/kinds.ts';
import { type Disk, replaceFile } from './disk.ts';
import type { Tell } from './events.ts';
import type { FailpointHook } from './failpoints.ts';
import { createGaps, type Gap, type Gaps } from './gap.ts';
import type { Keyring } from './keyring.ts';
import type { Body } from './line.ts';
import { lockAgain } from './lock.ts';
import { checkpointBody, gapBody, type Stamp, segmentBody } from './own-records.ts';
import { createQueue, type Pending, unavailable } from './queue.ts';
import { type BackOff, keepTrying, type Retry } from './retry.ts';
import { createSegment, type Segment } from './segment.ts';

export type WriterOptions = {
  readonly disk: Disk;
  readonly folder: string;
  readonly keyring: Keyring;
  readonly failpoint: FailpointHook;
  readonly tell: Tell;
  readonly monotonic: () => number;
  /** Identifies and dates a record of the writer's own. */
  readonly stamp: () => Stamp;
  readonly about: { readonly replica: string; readonly cluster: string; readonly engine: string };
  readonly rotate: { readonly bytes: number; readonly ms: number };
  /** Milliseconds until a new segment is tried after a fault. */
  readonly backOff: BackOff;
  /** Bytes of records that may wait. */
  readonly mostWaiting: number;
  readonly durable: (seq: number) => void;
};

/** Where the chain stands: the last segment that counts, and how much of it. */
export type Place = {
  readonly head: Head;
  /** null: there is no segment yet. */
  readonly previous: PreviousSegment | null;
  /** Number of that segment; 0 where none has a header. */
  readonly segment: number;
};

export type Appended = Parameters<Pending['done']>[0];

export type Writer = {
  append(pending: Omit<Pending, 'done'>): Promise<Appended>;
  /** A checkpoint over all that was appended before; none during an outage. */
  checkpoint(): Promise<Appended>;
  /** Ends the segment and its epoch, and begins the next. */
  rotate(): Promise<void>;
  head(): Head;
  segment(): { readonly name: string; readonly bytes: number } | undefined;
  /** The cause of the outage that goes on. */
  outage(): string | undefined;
  /** Milliseconds that the disk has taken for what is under way; 0: nothing is. */
  busy(): number;
  held(): number;
  gaps: Gaps['total'];
  /** The next record that is written says so. */
  missed: Gaps['add'];
  /** Writes what waits, then `last`, then the checkpoint that ends the epoch. Nothing can be appended afterwards. */
  close(last: () => Body): Promise<void>;
};

const closed = 'the ledger is closed';

/** Rejects when the first segment cannot be made. */
export async function createWriter(
  options: WriterOptions,
  from: Place,
  why: SegmentWhy,
): Promise<Writer> {
  const { disk, folder, keyring, tell, monotonic, stamp, failpoint } = options;
  const queue = createQueue(options.mostWaiting);
  const gaps = createGaps();
  let place = from;
  let segment: Segment | undefined;
  let openedAt = monotonic();
  let wantsRotation = false;
  let running: Promise<void> | undefined;
  let writing: readonly Pending[] = [];
  let busySince: number | undefined;
  let outage: string | undefined;
  let recovery: Retry | undefined;
  let closing = false;

  function placeNow(): Place {
    if (segment === undefined) return place;
    const head = segment.head();
    const { seq, hash } = head;
    const previous = { file: segment.name, seq, hash, bytes: segment.bytes() };
    return { head, previous, segment: place.segment };
  }

  async function open(reason: SegmentWhy): Promise<void> {
    const { head: after, previous, segment: last } = placeNow();
    const { ledger } = keyring;
    const { epoch, publicKey } = keyring.current();
    const members = { segment: last + 1, why: reason, previous, epoch, publicKey };
    const gap = gaps.open(stamp().at);
    const made = await createSegment({ disk, folder, failpoint, after }, [
      segmentBody(stamp(), { ledger, ...options.about, ...members }),
      ...gapBodies(gap),
    ]);
    if (gap !== undefined) gaps.told(gap);
    void segment?.close().catch(() => undefined);
    segment = made;
    place = { head: made.head(), previous, segment: last + 1 };
    openedAt = monotonic();
    wantsRotation = false;
    options.durable(made.head().seq);
    tell({ kind: 'segment', name: made.name, why: reason });
  }

  const gapBodies = (gap: Gap | undefined): readonly Body[] =>
    gap === undefined ? [] : [gapBody(stamp(), gap)];

  /** INVARIANT: `running` is undefined exactly when nobody will look at the queue again by himself. */
  async function run(): Promise<void> {
    while (segment !== undefined) {
      busySince = monotonic();
      try {
        // Requests that have come in meanwhile are decided first: their records go out with this batch.
        await turnOfLoop();
        const due = rotationDue(segment);
        if (due !== undefined) await rotate(segment, due);
        else if (queue.isEmpty()) break;
        else await writeBatch(segment);
      } catch (cause) {
        failed(cause);
      }
    }
    busySince = undefined;
    running = undefined;
  }

  function kick(): void {
    // Not at once: a run that has nothing to do would be over before it is noted.
    if (segment !== undefined) running ??= Promise.resolve().then(run);
  }

  function rotationDue(current: Segment): 'size' | 'age' | undefined {
    if (current.bytes() >= options.rotate.bytes || wantsRotation) return 'size';
    return monotonic() - openedAt >= options.rotate.ms ? 'age' : undefined;
  }

  async function writeBatch(current: Segment): Promise<void> {
    writing = queue.take();
    for (const { before } of writing) if (before) await before();
    const gap = gaps.open(stamp().at);
    const [from, bytes] = [monotonic(), current.bytes()];
    const bodies = [...gapBodies(gap), ...writing.map(({ body }) => body)];
    const heads = await current.write(bodies);
    busySince = monotonic();
    const batch = writing;
    writing = [];
    queue.release(batch);
    if (gap !== undefined) gaps.told(gap);
    const places = heads.slice(bodies.length - batch.length);
    for (const [i, head] of places.entries()) batch[i]?.done(ok(head));
    const [ms, records] = [monotonic() - from, heads.length];
    tell({ kind: 'synced', ms, records, bytes: current.bytes() - bytes });
    options.durable(current.head().seq);
    for (const { after } of batch) if (after) await after().catch(trouble('the checkpoint file'));
  }

  const trouble =
    (what: string) =>
    (cause: unknown): void =>
      tell({ kind: 'trouble', what, cause: messageOf(cause) });

  async function rotate(current: Segment, reason: SegmentWhy): Promise<void> {
    await end(current, []);
    await open(reason);
  }

  /** The last line of the segment names the next key; from then on only that one signs. */
  async function end(current: Segment, last: readonly Body[]): Promise<void> {
    const next = await keyring.next();
    let note = '';
    const noted = (signed: string): string => (note = signed);
    const gap = gaps.isOpen() ? gaps.open(stamp().at) : undefined;
    const checkpoint = checkpointBody(stamp(), keyring, next, noted);
    await current.write([...gapBodies(gap), ...last, checkpoint]);
    if (gap !== undefined) gaps.told(gap);
    keyring.end(note);
    options.durable(current.head().seq);
    await failpoint('mid-rotation');
    await keyring.settle();
    await saveCheckpoint(note).catch(trouble('the checkpoint file'));
  }

  const saveCheckpoint = (note: string): Promise<void> => {
    const beforeRename = async (): Promise<void> => failpoint('before-rename');
    return replaceFile(disk, {
      folder,
      name: 'checkpoint',
      bytes: Buffer.from(note),
      beforeRename,
    });
  };

  /** INVARIANT: whatever was not acknowledged stays so, and the file is left as it is. */
  function failed(cause: unknown): void {
    place = placeNow();
    void segment?.close().catch(() => undefined);
    segment = undefined;
    outage = messageOf(cause);
    gaps.begin(outage, stamp().at);
    const lost = writing;
    writing = [];
    giveUp([...lost, ...queue.take()]);
    tell({ kind: 'fault', cause: outage });
    if (!closing)
      recovery = keepTrying(reopen, options.backOff, { failed: stillOut, done: isBack });
  }

  async function reopen(): Promise<void> {
    await disk.makeFolder(folder);
    await lockAgain(disk, folder);
    await keyring.settle();
    await open('fault');
  }

  function stillOut(cause: unknown): void {
    outage = messageOf(cause);
  }

  function isBack(): void {
    outage = undefined;
    kick();
  }

  /** What is nobody's answer waits for better times. */
  function giveUp(pending: readonly Pending[]): void {
    const isLost = ({ missed }: Pending): boolean => missed !== 'waits' || closing;
    const lost = pending.filter(isLost);
    queue.release(lost);
    queue.giveBack(pending.filter((each) => !isLost(each)));
    for (const each of lost) miss(each, outage ?? closed);
  }

  function miss({ missed, done }: Pick<Pending, 'missed' | 'done'>, cause: string): void {
    if (missed !== 'waits') gaps.missed(missed, cause, stamp().at);
    done(err(unavailable(cause)));
  }

  function append(pending: Omit<Pending, 'done'>): Promise<Appended> {
    return new Promise((done) => {
      const whole = { ...pending, done };
      if (closing) done(err(unavailable(closed)));
      else if (outage !== undefined && pending.missed !== 'waits') miss(whole, outage);
      else if (queue.add(whole)) kick();
      else miss(whole, 'the disk is too slow');
    });
  }

  function checkpoint(): Promise<Appended> {
    if (outage !== undefined) return Promise.resolve(err(unavailable(outage)));
    let note = '';
    const body = checkpointBody(stamp(), keyring, undefined, (signed) => {
      note = signed;
    });
    return append({ body, bytes: 0, missed: 'waits', after: () => saveCheckpoint(note) });
  }

  async function close(last: () => Body): Promise<void> {
    closing = true;
    await recovery?.stop();
    await running;
    giveUp(queue.take());
    if (segment === undefined) return;
    await end(segment, [last()]).catch(trouble('the end of the segment'));
    await segment.close().catch(() => undefined);
  }

  await open(why);
  return {
    append,
    checkpoint,
    async rotate() {
      wantsRotation = true;
      kick();
      await running;
    },
    head: () => segment?.head() ?? place.head,
    segment: () => segment && { name: segment.name, bytes: segment.bytes() },
    outage: () => outage,
    busy: () => (busySince === undefined ? 0 : monotonic() - busySince),
    held: queue.held,
    gaps: gaps.total,
    missed: gaps.add,
    close,
  };
}
