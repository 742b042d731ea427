// The newest segment of a folder as a crash may have left it: what counts of it, and where the chain goes on.
import type { Diagnostic } from '../../base/diagnostic.ts';
import { get } from '../../base/json.ts';
import { err, ok, type Result } from '../../base/result.ts';
import { emptyHead, type Head, maxLine, readLink } from '../format/chain.ts';
import { type Header, headerOf, recordOf } from '../format/kinds.ts';
import { inflated } from './compress.ts';
import type { Disk } from './disk.ts';
import type { ExpectedKey } from './keyring.ts';
import type { SegmentFile } from './names.ts';

export type LastSegment = {
  /** Its plain name. */
  readonly name: string;
  readonly head: Head;
  /** Of whole lines, uncompressed. */
  readonly bytes: number;
  /** What follows them: never acknowledged. */
  readonly torn: Buffer;
  /** null: it was written before segments had headers. */
  readonly header: Header | null;
  /** null where nothing ended: a crash, or a file of the first form. */
  readonly ended: { readonly note: string; readonly next: string } | null;
};

/** Reads its first and last lines. Rejects when the disk fails. */
export async function readLastSegment(
  disk: Disk,
  folder: string,
  { file, name, compressed }: SegmentFile,
): Promise<Result<LastSegment, Diagnostic>> {
  const path = `${folder}/${file}`;
  const ends = compressed ? await endsOfCompressed(disk, path) : await endsOf(disk, path);
  const { first, last, bytes, torn } = ends;
  const nothing = { name, bytes: 0, torn, head: emptyHead, header: null, ended: null };
  if (last === undefined) return ok(nothing);
  const link = readLink(last);
  if (typeof link === 'string') {
    const message = `the last record cannot be continued: ${link}`;
    return err({ code: 'ledger-broken', message, file: path, line: 0, column: 0 });
  }
  const { seq, hash, sum } = link;
  const header = headerOf(recordOf(first)) ?? null;
  return ok({ name, head: { seq, hash, sum }, bytes, torn, header, ended: endedBy(last) });
}

function endedBy(line: Buffer): LastSegment['ended'] {
  const record = recordOf(line);
  const [note, next] = [get(record, 'note'), get(record, 'next')];
  if (get(record, 'kind') !== 'checkpoint') return null;
  return typeof note === 'string' && typeof next === 'string' ? { note, next } : null;
}

/** null where no segment has a key. */
export function expectedKey({ header, ended }: LastSegment): ExpectedKey | null {
  if (header === null) return null;
  const { ledger, epoch, publicKey } = header;
  if (ended === null) return { ledger, epoch, publicKey, ended: null };
  return { ledger, epoch: epoch + 1, publicKey: ended.next, ended: ended.note };
}

type Ends = {
  readonly first: Buffer;
  readonly last: Buffer | undefined;
  readonly bytes: number;
  readonly torn: Buffer;
};

const newline = 0x0a;
/** A whole line, and what a crash may have left after it: a batch whose bytes hold no line break is one record. */
const window = 2 * (maxLine + 1);

async function endsOf(disk: Disk, path: string): Promise<Ends> {
  const size = (await disk.state(path))?.bytes ?? 0;
  const written = await bytesBeforeHole(disk, path, size);
  const from = Math.max(0, written - window);
  const start = await bytesOf(disk, path, 0, Math.min(written, maxLine + 1));
  const ends = lastLine(await bytesOf(disk, path, from, written), from);
  const torn = await bytesOf(disk, path, ends.bytes, size);
  return { first: start.subarray(0, Math.max(0, start.indexOf(newline))), ...ends, torn };
}

/** Power that goes while a batch is written may leave its later pages and not its earlier ones, which are zeros then.
 * A record holds no zero byte, so whatever follows one was never synced. */
async function bytesBeforeHole(disk: Disk, path: string, size: number): Promise<number> {
  let read = 0;
  if (size > 0) {
    for await (const piece of disk.reader(path, 0, size)) {
      const hole = Buffer.from(piece).indexOf(0);
      if (hole >= 0) return read + hole;
      read += piece.length;
    }
  }
  return read;
}

function lastLine(tail: Buffer, from: number): Omit<Ends, 'first'> {
  const end = tail.lastIndexOf(newline) + 1;
  const start = end < 2 ? 0 : tail.lastIndexOf(newline, end - 2) + 1;
  const last = end === 0 ? undefined : tail.subarray(start, end - 1);
  return { last, bytes: end === 0 ? 0 : from + end, torn: tail.subarray(end) };
}

async function bytesOf(disk: Disk, path: string, from: number, to: number): Promise<Buffer> {
  const pieces: Buffer[] = [];
  if (to > from) {
    for await (const piece of disk.reader(path, from, to)) pieces.push(Buffer.from(piece));
  }
  return Buffer.concat(pieces);
}

/** Only closed segments are compressed: their last line is whole. */
async function endsOfCompressed(disk: Disk, path: string): Promise<Ends> {
  let [start, tail, bytes] = [Buffer.alloc(0), Buffer.alloc(0), 0];
  for await (const piece of inflated(disk.reader(path), window)) {
    const read = Buffer.from(piece);
    bytes += read.length;
    if (start.length <= maxLine) start = Buffer.concat([start, read]);
    tail = Buffer.concat([tail.subarray(-window), read]);
  }
  const first = start.subarray(0, Math.max(0, start.indexOf(newline)));
  return { first, ...lastLine(tail, bytes - tail.length) };
}
