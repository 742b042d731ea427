// Which key signs which epoch: from the pinned roots over the notes that ended each epoch, as far as signatures lead.
import { get } from '../../base/json.ts';
import type { RootKey } from '../format/keys.ts';
import { isSignedBy, keyHash, type Note, parseNote } from '../format/note.ts';
import { type Finding, found } from './finding.ts';

export type EpochKey = {
  /** Base64. */
  readonly publicKey: string;
  /** A pinned key leads to it; otherwise it is only what the ledger says of itself. */
  readonly vouched: boolean;
  /** It is in the pinned list itself. */
  readonly root: boolean;
};

export type KeyChain = {
  keyOf(epoch: number): EpochKey | undefined;
  /** What a note that ended an epoch signed, as far as such notes are known. */
  endOf(epoch: number): Note | undefined;
  /** The note that ended the last epoch of which a pinned key vouches for that: the ledger goes on at least up to it. */
  lastEnd(): Note | undefined;
  /** Takes the ledger's own word for a key that nothing leads to. */
  claim(epoch: number, publicKey: string): void;
  /** A note that names the next key, its own signature proven. */
  end(note: Note): void;
};

/** Threat: who makes up headers names as many epochs as he likes. So many hours are eleven years. */
const maxKeys = 100_000;

export function createKeyChain(ledger: string, pinned: readonly RootKey[]): KeyChain {
  const roots = pinned.filter((root) => root.ledger === ledger);
  const keys = new Map<number, EpochKey>(
    roots.map(({ epoch, publicKey }) => [epoch, { publicKey, vouched: true, root: true }]),
  );
  const ends = new Map<number, Note>();
  return {
    keyOf: (epoch) => keys.get(epoch),
    endOf: (epoch) => ends.get(epoch),
    lastEnd() {
      const vouched = [...ends.keys()].filter((epoch) => keys.get(epoch)?.vouched === true);
      return ends.get(vouched.reduce((last, epoch) => Math.max(last, epoch), -1));
    },
    claim(epoch, publicKey) {
      if (keys.size < maxKeys) keys.set(epoch, { publicKey, vouched: false, root: false });
    },
    end(note) {
      const { epoch, next } = note.checkpoint;
      const vouched = keys.get(epoch)?.vouched === true;
      if (next === undefined) return;
      if (!ends.has(epoch)) ends.set(epoch, note);
      const known = keys.get(epoch + 1);
      if (known === undefined || (vouched && !known.vouched)) {
        keys.set(epoch + 1, { publicKey: next, vouched, root: false });
      }
    },
  };
}

/** `epochs.jsonl`: of its notes only those count that the chain leads to. The first that is not as it was is told. */
export function readEpochs(
  text: string,
  file: string,
  ledger: string,
  keys: KeyChain,
): Finding | undefined {
  let first: Finding | undefined;
  let line = 1;
  let start = 0;
  // What follows the last newline was never acknowledged.
  for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', start)) {
    const note = noteOf(text.slice(start, end));
    const fault = note === undefined ? 'it holds no note' : faultOf(note, ledger, keys);
    if (note !== undefined && fault === undefined) keys.end(note);
    else if (fault !== 'unknown') {
      const why = `the note that ended an epoch is not as it was: ${fault}`;
      first ??= found('altered', { file, line }, [null, null], why);
    }
    start = end + 1;
    line += 1;
  }
  return first;
}

/** `unknown`: nothing leads to its key. */
function faultOf(note: Note, ledger: string, keys: KeyChain): string | undefined {
  const { epoch, ledger: named, next } = note.checkpoint;
  if (named !== ledger) return 'it is of another ledger';
  if (next === undefined) return 'it names no next key';
  const key = keys.keyOf(epoch);
  // A root that is another one is the pinned list's fault, and is told with the headers.
  const others = key?.root === true && !keyHash(note.name, key.publicKey).equals(note.keyHash);
  if (key === undefined || others) return 'unknown';
  return isSignedBy(note, key.publicKey)
    ? undefined
    : `it is not signed by the key of epoch ${epoch}`;
}

function noteOf(line: string): Note | undefined {
  let text: unknown;
  try {
    text = get(JSON.parse(line), 'note');
  } catch {
    return undefined;
  }
  const note = typeof text === 'string' ? parseNote(text) : undefined;
  return note?.ok === true ? note.value : undefined;
}
