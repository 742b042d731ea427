// The chain: each line holds the sha256 of the line before it, and ends with the sha256 of its own bytes before `,"sum"`.
// So it can be derived again with sha256sum alone: docs/verifying.md. Read from bytes, as they are on the disk.
import { createHash } from 'node:crypto';

/** `prev` of the very first record. */
export const genesis = '0'.repeat(64);

/** Bytes of a line without its newline. */
export const maxLine = 256 * 1024;

export type Head = {
  readonly seq: number;
  /** sha256 of the last line's bytes without its newline: `prev` of the next one. */
  readonly hash: string;
  /** The last member of the last line. */
  readonly sum: string;
};

export const emptyHead: Head = { seq: 0, hash: genesis, sum: genesis };

export function sha256(bytes: string | Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** The next line, without its newline. `body` is a JSON object that begins with kind, id and at. */
export function chain(head: Head, body: string): { readonly line: string; readonly head: Head } {
  const seq = head.seq + 1;
  const before = `{"v":1,"seq":${seq},"prev":"${head.hash}",${body.slice(1, -1)}`;
  const hash = createHash('sha256').update(before);
  const sum = hash.copy().digest('hex');
  const end = `,"sum":"${sum}"}`;
  return { line: before + end, head: { seq, hash: hash.update(end).digest('hex'), sum } };
}

/** A line's place in the chain, its own sum proven. */
export type Link = {
  readonly seq: number;
  readonly prev: string;
  readonly kind: string;
  readonly id: string;
  readonly at: string;
  readonly hash: string;
  readonly sum: string;
};

const beginning =
  /^\{"v":1,"seq":([1-9]\d{0,14}),"prev":"([0-9a-f]{64})","kind":"([a-z]{1,32})","id":"([0-9A-Za-z-]{1,64})","at":"([0-9TZ:.-]{20,40})"/;
/** More than the longest beginning. */
const beginningBytes = 320;
const sumMember = ',"sum":"';
const endingBytes = sumMember.length + 64 + 2;

/** Reads a line's place in the chain; a sentence where it has none. One pass of sha256 over the bytes. */
export function readLink(line: Buffer): Link | string {
  const [, seq, prev, kind, id, at] =
    beginning.exec(line.toString('latin1', 0, beginningBytes)) ?? [];
  const bodyBytes = line.length - endingBytes;
  if (at === undefined || prev === undefined || kind === undefined || id === undefined) {
    return 'the line is not a record: it does not begin as one';
  }
  if (line.length > maxLine) return 'the line is longer than a record can be';
  const ending = bodyBytes < 0 ? '' : line.toString('latin1', bodyBytes);
  if (!ending.startsWith(sumMember) || !ending.endsWith('"}')) {
    return 'the line is not a record: it does not end with its sum';
  }
  const hash = createHash('sha256').update(line.subarray(0, bodyBytes));
  const sum = hash.copy().digest('hex');
  if (ending.slice(sumMember.length, -2) !== sum) {
    return 'the bytes of the record do not match its sum';
  }
  const whole = hash.update(line.subarray(bodyBytes)).digest('hex');
  return { seq: Number(seq), prev, kind, id, at, hash: whole, sum };
}

/** The number that a line claims at its beginning, whatever became of the rest; 0 when it has none. */
export function claimedSeq(line: Buffer): number {
  const [, seq] = /^\{"v":1,"seq":([1-9]\d{0,14}),/.exec(line.toString('latin1', 0, 40)) ?? [];
  return Number(seq ?? 0);
}
