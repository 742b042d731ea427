// The key of an epoch in its file, and the two public lists beside it: the roots (keys.json), and how each epoch ended
// (epochs.jsonl), which leads from a root to today's key even where retention has removed the segments between.
import { createPrivateKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { get } from '../../base/json.ts';
import { type KeyList, keyListText, parseKeyList, type RootKey } from '../format/keys.ts';
import { base64Bytes, publicKeyText } from '../format/note.ts';
import type { Disk } from './disk.ts';

export type EpochKey = {
  readonly ledger: string;
  readonly epoch: number;
  /** Base64 of the 32 bytes. */
  readonly publicKey: string;
  readonly privateKey: KeyObject;
  /** RFC 3339: when it was made. */
  readonly at: string;
};

export function newKey(ledger: string, epoch: number, at: string): EpochKey {
  const { privateKey } = generateKeyPairSync('ed25519');
  return { ledger, epoch, publicKey: publicKeyText(privateKey), privateKey, at };
}

export function keyFileText({ ledger, epoch, publicKey, privateKey, at }: EpochKey): string {
  const seed = Buffer.from(privateKey.export({ format: 'jwk' }).d ?? '', 'base64url');
  return `${JSON.stringify({ ledger, epoch, publicKey, seed: seed.toString('base64'), at })}\n`;
}

/** undefined where the file is not there, or is no key of ours: one whose seed was overwritten, say. */
export async function readKeyFile(disk: Disk, path: string): Promise<EpochKey | undefined> {
  if ((await disk.state(path)) === undefined) return undefined;
  const file = parsed((await disk.read(path)).toString());
  const text = (key: string): string => String(get(file, key) ?? '');
  const [ledger, publicKey, at] = [text('ledger'), text('publicKey'), text('at')];
  const epoch = get(file, 'epoch');
  const seed = base64Bytes(text('seed'), 32);
  const point = base64Bytes(publicKey, 32);
  if (seed === undefined || point === undefined || !Number.isSafeInteger(epoch)) return undefined;
  const [d, x] = [seed.toString('base64url'), point.toString('base64url')];
  try {
    const jwk = { kty: 'OKP', crv: 'Ed25519', d, x };
    const privateKey = createPrivateKey({ format: 'jwk', key: jwk });
    // The seed decides: a public key that is not its own would sign for nobody.
    if (publicKeyText(privateKey) !== publicKey) return undefined;
    return { ledger, epoch: Number(epoch), publicKey, privateKey, at };
  } catch {
    return undefined;
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The roots that a folder tells; none where the file is not there or is no such list. */
export async function readRoots(disk: Disk, path: string): Promise<readonly RootKey[]> {
  if ((await disk.state(path)) === undefined) return [];
  const list = parseKeyList((await disk.read(path)).toString());
  return list.ok ? list.value.keys : [];
}

export function rootsText(keys: KeyList['keys']): string {
  return keyListText({ keys });
}

const tailBytes = 64 * 1024;

/** Adds the note that ended an epoch, once. What a crash left of a line is cut off first. */
export async function addEpoch(
  disk: Disk,
  path: string,
  ended: { readonly epoch: number; readonly note: string },
): Promise<void> {
  const bytes = (await disk.state(path))?.bytes ?? 0;
  const from = Math.max(0, bytes - tailBytes);
  const pieces: Buffer[] = [];
  if (bytes > 0) {
    for await (const piece of disk.reader(path, from, bytes)) pieces.push(Buffer.from(piece));
  }
  const tail = Buffer.concat(pieces);
  const end = tail.lastIndexOf(0x0a) + 1;
  if (end < tail.length) await disk.truncate(path, from + end);
  const last = tail.subarray(tail.lastIndexOf(0x0a, end - 2) + 1, end).toString();
  if (get(parsed(last), 'epoch') === ended.epoch) return;
  await disk.extend(path, Buffer.from(`${JSON.stringify(ended)}\n`));
}
