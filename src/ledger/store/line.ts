// The writing side of the chain: each line holds the sha256 of the line before it, and ends with the sha256 of its own
// bytes before `,"sum"`. One pass over the bytes gives both, and a batch is one piece of memory.
import { createHash } from 'node:crypto';
import type { Head } from '../format/chain.ts';
import { type Pieces, writePieces } from '../format/pieces.ts';

/** A JSON object with at least one member, as text in its braces; or what makes one when its place is known. */
export type Body = Pieces | ((head: Head) => Pieces);

export type Batch = {
  /** Lines with their newlines. */
  readonly bytes: Buffer;
  /** After each line. */
  readonly heads: readonly Head[];
};

/** More than the members of the chain take. */
const frame = 256;
/** More than a checkpoint takes. */
const madeLater = 4096;

/** The lines that follow `after`; in `memory`, where they have room in it. */
export function nextLines(after: Head, bodies: readonly Body[], memory = noMemory): Batch {
  let bytes = withRoom(
    memory,
    0,
    bodies.reduce((sum, body) => sum + roomFor(body), 0),
  );
  let used = 0;
  const heads: Head[] = [];
  let head = after;
  for (const body of bodies) {
    const text = typeof body === 'function' ? body(head) : body;
    bytes = withRoom(bytes, used, roomFor(text));
    const line = writeLine(bytes.subarray(used), head, text);
    used += line.length;
    head = line.head;
    heads.push(head);
  }
  return { bytes: bytes.subarray(0, used), heads };
}

const noMemory = Buffer.alloc(0);

function withRoom(bytes: Buffer, used: number, room: number): Buffer {
  if (used + room <= bytes.length) return bytes;
  const larger = Buffer.allocUnsafe(used + room + madeLater);
  bytes.copy(larger, 0, 0, used);
  return larger;
}

function roomFor(body: Body): number {
  return frame + (typeof body === 'function' ? madeLater : body.bytes);
}

const [comma, lineBreak] = [0x2c, 0x0a];

function writeLine(
  into: Buffer,
  after: Head,
  text: Pieces,
): { readonly head: Head; readonly length: number } {
  const seq = after.seq + 1;
  const start = into.write(`{"v":1,"seq":${seq},"prev":"${after.hash}"`, 0, 'latin1');
  // The body goes on where the members of the chain end: a comma is its first brace, and `sum` follows instead of its last.
  const end = writePieces(text, into, start) - 1;
  into[start] = comma;
  const hash = createHash('sha256').update(into.subarray(0, end));
  const sum = hash.copy().digest('hex');
  const length = end + into.write(`,"sum":"${sum}"}`, end, 'latin1');
  hash.update(into.subarray(end, length));
  into[length] = lineBreak;
  return { head: { seq, hash: hash.digest('hex'), sum }, length: length + 1 };
}
