// The files beside the segments against what the segments say: the newest checkpoint, the list of epochs, the key list.
import { parseKeyList } from '../format/keys.ts';
import type { Kept } from './expected.ts';
import { type Finding, found } from './finding.ts';
import type { KeyChain } from './key-chain.ts';
import type { Source } from './sources.ts';

/** Who cuts a ledger off at an older checkpoint has to cut the list of its epochs as well. */
export function lastEpoch({ epochs }: Source, keys: KeyChain | undefined): readonly Kept[] {
  const note = keys?.lastEnd();
  return note === undefined || epochs === undefined ? [] : [{ file: epochs.file, note }];
}

/** The newest checkpoint beside the segments must be of this ledger. */
export function strangers(kept: readonly Kept[], own: string | undefined): readonly Finding[] {
  return kept
    .filter(({ note }) => own !== undefined && note.checkpoint.ledger !== own)
    .map(({ file, note }) =>
      found(
        'foreign',
        { file, line: 0 },
        [null, null],
        `the checkpoint is of ledger ${note.checkpoint.ledger}`,
      ),
    );
}

/** `keys.json` beside the segments: what people copy from must be what the ledger was signed with. */
export function keyFileFaults(
  { keys: file }: Source,
  chain: KeyChain | undefined,
  own: string | undefined,
): readonly Finding[] {
  if (file === undefined || chain === undefined) return [];
  const list = parseKeyList(file.text);
  const place = { file: file.file, line: 0 };
  if (!list.ok) return [found('altered', place, [null, null], `the key list: ${list.error[0]}`)];
  if (!list.value.keys.some(({ ledger }) => ledger === own)) {
    return [found('altered', place, [null, null], 'the key list names no key of this ledger')];
  }
  const other = list.value.keys.find(({ ledger, epoch, publicKey }) => {
    const known = ledger === own ? chain.keyOf(epoch) : undefined;
    return known !== undefined && known.publicKey !== publicKey;
  });
  if (other === undefined) return [];
  const text = `the key list names another key for epoch ${other.epoch} than the ledger was signed with`;
  return [found('altered', place, [null, null], text)];
}
