// Headers and checkpoints as they go by: whether each is signed by the key of its own epoch, at its own place, and what
// the first fault of a kind was. The hashes that older notes signed are compared with the records on the way.
import { get } from '../../base/json.ts';
import { type Header, headerOf } from '../format/kinds.ts';
import { isSignedBy, type Note, parseNote } from '../format/note.ts';
import {
  type FaultKind,
  type Finding,
  found,
  type Mark,
  type Place,
  recordsText,
} from './finding.ts';
import type { KeyChain } from './key-chain.ts';
import type { Seen } from './scan.ts';

/** A fault with the run that it was found in: where that run is not of this chain, the fault says nothing more. */
export type Sealed = { readonly run: number; readonly finding: Finding };

export type Seals = {
  watch(seen: Seen): void;
  faults(): readonly Sealed[];
  readonly state: SealState;
};

export type SealState = {
  checkpoints: number;
  epochs: { first: number; last: number } | null;
  /** The newest note whose key a pinned one vouches for. */
  covered: Mark | null;
  /** The newest note that holds, vouched or not. */
  newest: Note | null;
  header: Header | null;
  roots: { epoch: number; place: Place; seq: number }[];
};

type NoteFault = { readonly kind: FaultKind; readonly text: string; readonly from?: number };

/** Enough for people; lines that repeat without end are told as what they are, not each. */
const maxFaults = 5000;

/** After what a writer ends with, it writes only records of these kinds. */
type Finish = { readonly what: string; readonly before: readonly string[] };

const stopped: Finish = { what: 'the stop of the writer', before: ['checkpoint', 'segment'] };
const closed: Finish = { what: 'the checkpoint that closed the segment', before: ['segment'] };

function strange(ledger: string): NoteFault {
  return { kind: 'foreign', text: `the checkpoint is of ledger ${ledger}` };
}

/** `ledger`: undefined until the first header says it. */
export function createSeals(
  ledger: string | undefined,
  keysOf: (ledger: string) => KeyChain,
): Seals {
  const faults: Sealed[] = [];
  const state: SealState = {
    ...{ checkpoints: 0, epochs: null, covered: null, newest: null, header: null, roots: [] },
  };
  let own = ledger;
  let keys = own === undefined ? undefined : keysOf(own);
  let epoch: number | undefined;
  let ended = false;
  let finish: Finish | undefined;
  /** Kinds of faults since the last note that held. */
  const row = new Set<FaultKind>();

  function tell(kind: FaultKind, seen: Seen, text: string, from?: number): void {
    // One cause, one finding: whoever signs once with the wrong key does so again.
    if (row.has(kind)) return;
    row.add(kind);
    const { seq } = seen.link;
    keep(seen, found(kind, seen.spot, [from ?? seq, seq], text));
  }

  function keep({ run }: Seen, finding: Finding): void {
    if (faults.length < maxFaults) faults.push({ run, finding });
  }

  function header(seen: Seen): void {
    const said = headerOf(seen.record());
    if (said === undefined) return;
    own ??= said.ledger;
    if (said.ledger !== own) {
      const text = `the header is of ledger ${said.ledger}`;
      keep(seen, found('foreign', seen.spot, [seen.link.seq, null], text));
      return;
    }
    keys ??= keysOf(own);
    state.header ??= said;
    begin(said, seen, keys);
  }

  function begin(said: Header, seen: Seen, chain: KeyChain): void {
    const known = chain.keyOf(said.epoch);
    const isRoot = known?.root === true && known.publicKey === said.publicKey;
    const follows = epoch === undefined || said.epoch === epoch + (ended ? 1 : 0);
    if (known === undefined) {
      const text = `no pinned key leads to the key of epoch ${said.epoch}`;
      tell('unsigned', seen, text);
      chain.claim(said.epoch, said.publicKey);
    } else if (known.publicKey !== said.publicKey) {
      const text = `the key of epoch ${said.epoch} is not the one that ${known.root ? 'is pinned' : 'the epoch before named'}`;
      tell(known.root ? 'unsigned' : 'resealed', seen, text);
      chain.claim(said.epoch, said.publicKey);
    } else if (isRoot && said.epoch > (epoch ?? 0) && !(ended && follows)) {
      // The key that would have followed is lost, whether or not a note named it.
      state.roots.push({ epoch: said.epoch, place: seen.spot, seq: seen.link.seq });
    } else if (!follows) {
      tell(
        'resealed',
        seen,
        `epoch ${epoch} goes over to epoch ${said.epoch} without a note that ends it`,
      );
    }
    epoch = said.epoch;
    ended = false;
    const { first = said.epoch, last = said.epoch } = state.epochs ?? {};
    state.epochs = { first: Math.min(first, said.epoch), last: Math.max(last, said.epoch) };
  }

  function checkpoint(seen: Seen): void {
    const text = get(seen.record(), 'note');
    const note = typeof text === 'string' ? parseNote(text) : undefined;
    if (note?.ok !== true) {
      const why = note?.error ?? 'it has none';
      tell('altered', seen, `the checkpoint holds no note: ${why}`);
      return;
    }
    const said = note.value.checkpoint;
    own ??= said.ledger;
    keys ??= keysOf(own);
    const fault =
      said.ledger === own ? faultOf(note.value, seen, keys, epoch) : strange(said.ledger);
    ended = said.next !== undefined;
    if (fault !== undefined) {
      tell(fault.kind, seen, fault.text, fault.from);
      return;
    }
    epoch = said.epoch;
    hold(note.value, seen, keys);
  }

  function hold(note: Note, { link }: Seen, chain: KeyChain): void {
    row.clear();
    state.checkpoints += 1;
    state.newest = note;
    const { epoch: own, seq, next } = note.checkpoint;
    if (chain.keyOf(own)?.vouched === true) state.covered = { seq, at: link.at };
    if (next === undefined) return;
    finish = closed;
    chain.end(note);
  }

  function faultOf(
    note: Note,
    seen: Seen,
    chain: KeyChain,
    now: number | undefined,
  ): NoteFault | undefined {
    const said = note.checkpoint;
    const { seq, prev } = seen.link;
    const key = chain.keyOf(said.epoch);
    if (key === undefined) {
      const text = `no pinned key leads to the key of epoch ${said.epoch}`;
      return { kind: 'unsigned', text };
    }
    if (!isSignedBy(note, key.publicKey)) {
      const text = `the checkpoint is not signed by the key of its epoch ${said.epoch}`;
      return { kind: 'resealed', text };
    }
    if (said.seq !== seq - 1) {
      const text = `the checkpoint is the one of record ${said.seq + 1}`;
      return { kind: 'replayed', text };
    }
    if (now !== undefined && said.epoch !== now) {
      const text = `records of epoch ${now} are signed by the key of epoch ${said.epoch}`;
      return { kind: 'resealed', text };
    }
    const from = (state.newest?.checkpoint.seq ?? 0) + 1;
    if (said.hash !== prev) {
      const text = `the checkpoint did not sign these records: of ${recordsText(from, said.seq)} some were made anew`;
      return { kind: 'altered', text, from };
    }
    const other = said.next === undefined ? undefined : chain.endOf(said.epoch);
    if (other === undefined || other.text === note.text) return undefined;
    const text = `another note has ended epoch ${said.epoch}, at record ${other.checkpoint.seq}`;
    return { kind: 'resealed', text };
  }

  return {
    watch(seen) {
      // After a break nobody knows what was said in between; the break is told for itself.
      if (!seen.linked) [epoch, finish] = [undefined, undefined];
      const { kind } = seen.link;
      if (finish?.before.includes(kind) === false) {
        tell('inserted', seen, `it follows ${finish.what}`);
      }
      finish = kind === 'stop' ? stopped : undefined;
      if (kind === 'segment') header(seen);
      else if (kind === 'checkpoint') checkpoint(seen);
    },
    faults: () => faults,
    state,
  };
}
