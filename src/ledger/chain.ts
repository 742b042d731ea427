// The chain: each line holds the sha256 of the line before it, and ends with the sha256 of its own bytes before `,"sum"`.
// So it can be derived again with sha256sum alone: docs/records.md.
import { createHash } from 'node:crypto';

/** `prev` of the very first record. */
export const genesis = '0'.repeat(64);

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

/** The next line, without its newline. `body` is a JSON object with at least one member. */
export function chain(head: Head, body: string): { readonly line: string; readonly head: Head } {
  const seq = head.seq + 1;
  const before = `{"v":1,"seq":${seq},"prev":"${head.hash}",${body.slice(1, -1)}`;
  const sum = sha256(before);
  const line = `${before},"sum":"${sum}"}`;
  return { line, head: { seq, hash: sha256(line), sum } };
}

const ending = /^([\s\S]*),"sum":"([0-9a-f]{64})"\}$/;
const beginning = /^\{"v":1,"seq":(\d{1,15}),"prev":"([0-9a-f]{64})",/;

export type Link = {
  readonly seq: number;
  readonly prev: string;
  readonly hash: string;
  readonly sum: string;
};

/** Reads a line's place in the chain; a sentence where it has none. */
export function readLink(line: string): Link | string {
  const [, before, sum] = ending.exec(line) ?? [];
  const [, seq, prev] = beginning.exec(line) ?? [];
  if (before === undefined || sum === undefined || seq === undefined || prev === undefined) {
    return 'the line is not a record';
  }
  if (sha256(before) !== sum) return 'the bytes of the record do not match its sum';
  return { seq: Number(seq), prev, hash: sha256(line), sum };
}
