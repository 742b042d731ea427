// Checkpoints as C2SP signed notes (https://c2sp.org/signed-note): five or six lines of text, and one Ed25519 signature.
// Read strictly: the same checkpoint has exactly one form, so a note that was changed anywhere is no note of ours.
import { createHash, createPublicKey, type KeyObject, sign, verify } from 'node:crypto';
import { err, ok, type Result } from '../../base/result.ts';

export type Checkpoint = {
  readonly ledger: string;
  /** The last record that it covers. */
  readonly seq: number;
  /** Of that record's line, lower-case hex. */
  readonly hash: string;
  readonly epoch: number;
  /** RFC 3339. */
  readonly at: string;
  /** At the end of an epoch: the public key of the next one, base64. */
  readonly next?: string;
};

export type Note = {
  readonly checkpoint: Checkpoint;
  /** What is signed; ends with a newline. */
  readonly text: string;
  /** As the signature line has it: `<ledger>+<epoch>`. */
  readonly name: string;
  readonly keyHash: Buffer;
  readonly signature: Buffer;
};

const origin = 'sekisho.dev/ledger/';

export function signerName(ledger: string, epoch: number): string {
  return `${ledger}+${epoch}`;
}

/** The 32 bytes of an Ed25519 public key, as base64. */
export function publicKeyText(key: KeyObject): string {
  return createPublicKey(key)
    .export({ format: 'der', type: 'spki' })
    .subarray(-32)
    .toString('base64');
}

/** The bytes of canonical base64; undefined for any other text. */
export function base64Bytes(text: string, length: number): Buffer | undefined {
  const bytes = Buffer.from(text, 'base64');
  return bytes.length === length && bytes.toString('base64') === text ? bytes : undefined;
}

const spkiPrefix = Buffer.from('302a300506032b6570032100', 'hex');

/** A key from its base64; undefined when it is none. */
export function publicKeyOf(text: string): KeyObject | undefined {
  const bytes = base64Bytes(text, 32);
  if (bytes === undefined) return undefined;
  try {
    return createPublicKey({
      key: Buffer.concat([spkiPrefix, bytes]),
      format: 'der',
      type: 'spki',
    });
  } catch {
    return undefined;
  }
}

/** First four bytes of SHA-256(name, 0x0A, 0x01, public key). */
export function keyHash(name: string, publicKey: string): Buffer {
  const hash = createHash('sha256').update(`${name}\n\u0001`);
  return hash.update(Buffer.from(publicKey, 'base64')).digest().subarray(0, 4);
}

export function checkpointText({ ledger, seq, hash, epoch, at, next }: Checkpoint): string {
  const lines = [
    `${origin}${ledger}`,
    String(seq),
    Buffer.from(hash, 'hex').toString('base64'),
    `epoch ${epoch}`,
    `at ${at}`,
    ...(next === undefined ? [] : [`next ${next}`]),
  ];
  return `${lines.join('\n')}\n`;
}

/** The whole note, with its final newline. */
export function signNote(checkpoint: Checkpoint, privateKey: KeyObject): string {
  const text = checkpointText(checkpoint);
  const name = signerName(checkpoint.ledger, checkpoint.epoch);
  const hash = keyHash(name, publicKeyText(privateKey));
  const signature = sign(null, Buffer.from(text), privateKey);
  return `${text}\n\u2014 ${name} ${Buffer.concat([hash, signature]).toString('base64')}\n`;
}

const form =
  /^(sekisho\.dev\/ledger\/([0-9A-Za-z-]{1,64})\n(0|[1-9]\d{0,14})\n([0-9A-Za-z+/]{43}=)\nepoch (0|[1-9]\d{0,14})\nat ([0-9TZ:.-]{20,40})\n(?:next ([0-9A-Za-z+/]{43}=)\n)?)\n\u2014 ([0-9A-Za-z-]+\+\d+) ([0-9A-Za-z+/]{91}=)\n$/;

/** Reads a note; a sentence where it has not exactly the form that `signNote` gives. The signature is not looked at. */
export function parseNote(note: string): Result<Note, string> {
  const [, text, ledger, seq, root, epoch, at, next, name, signed] = form.exec(note) ?? [];
  if (text === undefined || ledger === undefined || at === undefined || name === undefined) {
    return err('it has not the form of a checkpoint');
  }
  const hash = base64Bytes(root ?? '', 32);
  const bytes = base64Bytes(signed ?? '', 68);
  const nextFits = next === undefined || base64Bytes(next, 32) !== undefined;
  if (hash === undefined || bytes === undefined || !nextFits) {
    return err('its base64 is not canonical');
  }
  const checkpoint: Checkpoint = {
    ledger,
    seq: Number(seq),
    hash: hash.toString('hex'),
    epoch: Number(epoch),
    at,
    ...(next === undefined ? {} : { next }),
  };
  if (name !== signerName(ledger, checkpoint.epoch)) {
    return err('its signature line names another signer than its text');
  }
  const signature = bytes.subarray(4);
  return ok({ checkpoint, text, name, keyHash: bytes.subarray(0, 4), signature });
}

/** Whether the key, as base64, signed exactly this text under this name. */
export function isSignedBy(note: Note, publicKey: string): boolean {
  const key = publicKeyOf(publicKey);
  if (key === undefined || !keyHash(note.name, publicKey).equals(note.keyHash)) return false;
  return verify(null, Buffer.from(note.text), key, note.signature);
}
