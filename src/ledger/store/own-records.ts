// The records that the ledger writes about itself, as bodies: JSON objects without the members of the chain.
import type { GapBody, RetentionBody, SegmentBody } from '../format/kinds.ts';
import { type Pieces, piecesOf } from '../format/pieces.ts';
import type { Moment } from './clock.ts';
import type { Keyring } from './keyring.ts';
import type { Body } from './line.ts';

export type Stamp = { readonly id: string } & Moment;

export function stamped(
  kind: string,
  { id, at, stepped }: Stamp,
  members: Readonly<Record<string, unknown>>,
): Pieces {
  const clock = stepped ? { clock: 'stepped' } : {};
  return piecesOf(JSON.stringify({ kind, id, at, ...clock, ...members }));
}

type Members<T> = Omit<T, 'kind'>;

export function segmentBody(stamp: Stamp, members: Members<SegmentBody>): Pieces {
  return stamped('segment', stamp, members);
}

export function gapBody(stamp: Stamp, members: Members<GapBody>): Pieces {
  return stamped('gap', stamp, members);
}

export function retentionBody(stamp: Stamp, members: Members<RetentionBody>): Pieces {
  return stamped('retention', stamp, members);
}

/** `signed` is given the note, which covers every record before it. */
export function checkpointBody(
  stamp: Stamp,
  keyring: Keyring,
  next: string | undefined,
  signed: (note: string) => void,
): Body {
  return ({ seq, hash }) => {
    const more = next === undefined ? {} : { next };
    const note = keyring.sign({ seq, hash, at: stamp.at, ...more });
    signed(note);
    return stamped('checkpoint', stamp, { note, ...more });
  };
}
