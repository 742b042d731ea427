// The signing keys of a ledger, one for each epoch. The seed of an epoch that has ended is erased, so who takes the
// machine today cannot sign for yesterday. Each step is durable before the next, and is finished after a crash.
import type { RootKey } from '../format/keys.ts';
import { type Checkpoint, signNote } from '../format/note.ts';
import { type Disk, replaceFile } from './disk.ts';
import type { FailpointHook } from './failpoints.ts';
import {
  addEpoch,
  type EpochKey,
  keyFileText,
  newKey,
  readKeyFile,
  readRoots,
  rootsText,
} from './key-files.ts';

export type Keyring = {
  readonly ledger: string;
  /** Of the epoch that goes on. */
  current(): Pick<EpochKey, 'epoch' | 'publicKey' | 'at'>;
  /** The public key of the next epoch, safe in `key.next.json`. */
  next(): Promise<string>;
  sign(checkpoint: Pick<Checkpoint, 'seq' | 'hash' | 'at' | 'next'>): string;
  /** The note that names the next key is durable: from now on that key signs. */
  end(note: string): void;
  /** Brings the files in line with `current()`: after `end`, and where somebody has removed them. */
  settle(): Promise<void>;
};

/** What the chain says of the key that goes on: of its last header, or of the last note, if that ended an epoch. */
export type ExpectedKey = {
  readonly ledger: string;
  readonly epoch: number;
  readonly publicKey: string;
  /** The note that ended the epoch before, where it is the last line. */
  readonly ended: string | null;
};

export type KeyringOptions = {
  readonly disk: Disk;
  readonly folder: string;
  readonly replica: string;
  readonly now: () => string;
  readonly newId: () => string;
  readonly failpoint: FailpointHook;
};

/** null: nothing has a key yet. Rejects when the disk fails. */
export async function openKeyring(
  options: KeyringOptions,
  expected: ExpectedKey | null,
): Promise<Keyring> {
  const { disk, folder, replica, now } = options;
  const file = (name: string): string => `${folder}/${name}`;
  const found = await readKeyFile(disk, file('key.json'));
  const prepared = await readKeyFile(disk, file('key.next.json'));
  let roots = await readRoots(disk, file('keys.json'));
  let key = keyInForce(options, expected, [found, prepared]);
  let nextKey = prepared?.epoch === key.epoch + 1 ? prepared : undefined;
  let ended = expected?.ended ?? null;
  if (isRoot(key, expected, roots)) roots = [...roots, rootOf(key, replica)];

  const replace = (name: string, text: string): Promise<void> =>
    replaceFile(disk, {
      folder,
      name,
      bytes: Buffer.from(text),
      beforeRename: async () => options.failpoint('before-rename'),
    });

  /** INVARIANT: the old seed is gone before the new key has its place, and the note before that is kept. */
  const settleKey = async (): Promise<void> => {
    const there = await readKeyFile(disk, file('key.json'));
    if (there?.publicKey === key.publicKey) return;
    const next = await readKeyFile(disk, file('key.next.json'));
    const state = await disk.state(file('key.json'));
    if (next?.publicKey !== key.publicKey) return replace('key.json', keyFileText(key));
    if (state !== undefined) await disk.overwrite(file('key.json'), Buffer.alloc(state.bytes));
    await options.failpoint('before-rename');
    await disk.rename(file('key.next.json'), file('key.json'));
    await disk.syncFolder(folder);
  };

  const settle = async (): Promise<void> => {
    if (ended !== null) await addEpoch(disk, file('epochs.jsonl'), endedEpoch(key, ended));
    await settleKey();
    ended = null;
    if ((await disk.state(file('keys.json'))) === undefined || !(await isListed())) {
      await replace('keys.json', rootsText(roots));
    }
  };
  const isListed = async (): Promise<boolean> =>
    (await readRoots(disk, file('keys.json'))).length === roots.length;

  await settle();
  return {
    ledger: key.ledger,
    current: () => key,
    async next() {
      nextKey ??= newKey(key.ledger, key.epoch + 1, now());
      const there = await readKeyFile(disk, file('key.next.json'));
      if (there?.publicKey !== nextKey.publicKey) {
        await replace('key.next.json', keyFileText(nextKey));
      }
      return nextKey.publicKey;
    },
    sign: (checkpoint) =>
      signNote({ ...checkpoint, ledger: key.ledger, epoch: key.epoch }, key.privateKey),
    end(note) {
      if (nextKey === undefined) throw new Error('the next key was never made');
      key = nextKey;
      nextKey = undefined;
      ended = note;
    },
    settle,
  };
}

function endedEpoch({ epoch }: EpochKey, note: string): { epoch: number; note: string } {
  return { epoch: epoch - 1, note };
}

/** The one that the chain expects. Where it is lost a new root goes on; where nothing is expected, one of the first
 * moment before a crash is as good as a new one. */
function keyInForce(
  { now, newId }: KeyringOptions,
  expected: ExpectedKey | null,
  found: readonly (EpochKey | undefined)[],
): EpochKey {
  if (expected === null) {
    const unused = found[0]?.epoch === 0 ? found[0] : undefined;
    return unused ?? newKey(newId(), 0, now());
  }
  const { ledger, epoch, publicKey } = expected;
  const fitting = found.find((key) => key?.ledger === ledger && key.publicKey === publicKey);
  return fitting ?? newKey(ledger, epoch + 1, now());
}

/** A key that no note leads to; and where the list was lost, today's key is where a new one begins. */
function isRoot(
  { ledger, publicKey }: EpochKey,
  expected: ExpectedKey | null,
  roots: readonly RootKey[],
): boolean {
  const own = roots.filter((root) => root.ledger === ledger);
  if (own.some((root) => root.publicKey === publicKey)) return false;
  return own.length === 0 || expected?.publicKey !== publicKey;
}

function rootOf({ ledger, epoch, publicKey, at }: EpochKey, replica: string): RootKey {
  return { ledger, replica, epoch, publicKey, at };
}
