// Follows the chain of a segment, line by line: the first fault, or the head. Needs nothing but the bytes.
import { emptyHead, type Head, readLink } from './chain.ts';

export type Verified =
  | { readonly kind: 'ok'; readonly records: number; readonly head: Head }
  /** `line` counts from 1. */
  | { readonly kind: 'fault'; readonly line: number; readonly message: string }
  /** All whole lines are good; the last one was never finished. */
  | {
      readonly kind: 'torn';
      readonly records: number;
      readonly head: Head;
      readonly bytes: number;
    };

/** `from`: the head that the first line must continue. */
export function verifySegment(text: string, from: Head = emptyHead): Verified {
  const lines = text.split('\n');
  const rest = lines.pop() ?? '';
  let head = from;
  for (const [i, line] of lines.entries()) {
    const link = readLink(line);
    const fault = (message: string): Verified => ({ kind: 'fault', line: i + 1, message });
    if (typeof link === 'string') return fault(link);
    if (link.seq !== head.seq + 1)
      return fault(`seq is ${link.seq} where ${head.seq + 1} must follow`);
    if (link.prev !== head.hash) return fault('prev is not the sha256 of the line before');
    head = { seq: link.seq, hash: link.hash, sum: link.sum };
  }
  if (rest !== '')
    return { kind: 'torn', records: lines.length, head, bytes: Buffer.byteLength(rest) };
  return { kind: 'ok', records: lines.length, head };
}
