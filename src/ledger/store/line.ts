// The writing side of the chain: each line holds the sha256 of the line before it, and ends with the sha256 of its own
// bytes before `,"sum"`. One pass over the bytes gives both, and a batch is one piece of memory.
import { createHash } from 'node:crypto';
import type { Head } from '../format/chain.ts';

/** A JSON object with at least one member, as text in its braces; or what makes one when its place is known. */
export type Body = string | ((head: Head) => string);

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

/** The lines that follow `after`. */
export function nextLines(after: Head, bodies: readonly Body[]): Batch {
  let bytes = Buffer.allocUnsafe(bodies.reduce((sum, body) => sum + roomFor(body), 0));
  let used = 0;
  const heads: Head[] = [];
  let head = after;
  for (const body of bodies) {
    const text = typeof body === 'function' ? body(head) : body;
    const room = roomFor(text);
    if (used + room > bytes.length) {
      bytes = Buffer.concat([bytes.subarray(0, used), Buffer.allocUnsafe(room + madeLater)]);
    }
    const line = writeLine(bytes.subarray(used), head, text);
    used += line.length;
    head = line.head;
    heads.push(head);
  }
  return { bytes: bytes.subarray(0, used), heads };
}

function roomFor(body: Body): number {
  return frame + (typeof body === 'function' ? madeLater : Buffer.byteLength(body));
}

function writeLine(
  into: Buffer,
  after: Head,
  text: string,
): { readonly head: Head; readonly length: number } {
  const seq = after.seq + 1;
  let at = into.write(`{"v":1,"seq":${seq},"prev":"${after.hash}",`, 0, 'latin1');
  at += into.write(text.slice(1, -1), at, 'utf8');
  const hash = createHash('sha256').update(into.subarray(0, at));
  const sum = hash.copy().digest('hex');
  const end = into.write(`,"sum":"${sum}"}\n`, at, 'latin1');
  hash.update(into.subarray(at, at + end - 1));
  return { head: { seq, hash: hash.digest('hex'), sum }, length: at + end };
}
