// Which bytes a key signed. The hash follows the key, as in cosign, and never what an artefact says of itself.
// Upstream: sigstore/pkg/signature (LoadVerifier, ED25519ph), cosign's key pairs.
import {
  createHash,
  createPublicKey,
  type KeyObject,
  verify as verifyWith,
  type X509Certificate,
} from 'node:crypto';
import { ed25519ph } from '@noble/curves/ed25519.js';
import type { HashAlgorithm } from '../model.ts';

export type SigningKey = {
  readonly key: KeyObject;
  /** DER of the SubjectPublicKeyInfo. */
  readonly spki: Buffer;
  /** Base64 of its sha256: how cosign names a key in a bundle. */
  readonly hint: string;
  /** null: what the key says. */
  readonly hash: HashAlgorithm | null;
};

/** Throws what node:crypto throws on a text that is no key. */
export function keyOfPem(pem: string, hash: HashAlgorithm | null): SigningKey {
  return signingKey(createPublicKey(pem), hash);
}

export function keyOfCertificate(certificate: X509Certificate): SigningKey {
  return signingKey(certificate.publicKey, null);
}

function signingKey(key: KeyObject, hash: HashAlgorithm | null): SigningKey {
  const spki = key.export({ type: 'spki', format: 'der' });
  return { key, spki, hash, hint: createHash('sha256').update(spki).digest('base64') };
}

/** Hex sha256 of the SubjectPublicKeyInfo. */
export function keyId({ hint }: SigningKey): string {
  return Buffer.from(hint, 'base64').toString('hex');
}

const hashOfCurve: Readonly<Record<string, HashAlgorithm>> = {
  prime256v1: 'sha256',
  secp384r1: 'sha384',
  secp521r1: 'sha512',
};

/** False for keys of any other type too. */
export function hasSigned(signing: SigningKey, data: Uint8Array, signature: Uint8Array): boolean {
  const { key } = signing;
  if (key.asymmetricKeyType === 'ed25519') {
    // cosign hashes first (ed25519ph) in one format and not in the other; nobody can turn one into the other.
    return holds(null, data, key, signature) || holdsHashed(signing, data, signature);
  }
  return hashesOf(signing).some((hash) => holds(hash, data, key, signature));
}

/** cosign 2 hashed with SHA-256 for every curve. */
function hashesOf({ key, hash }: SigningKey): readonly HashAlgorithm[] {
  if (key.asymmetricKeyType === 'rsa') return [hash ?? 'sha256'];
  const ofCurve = hashOfCurve[key.asymmetricKeyDetails?.namedCurve ?? ''];
  if (key.asymmetricKeyType !== 'ec' || ofCurve === undefined) return [];
  if (hash !== null) return [hash];
  return ofCurve === 'sha256' ? [ofCurve] : [ofCurve, 'sha256'];
}

function holds(
  hash: HashAlgorithm | null,
  data: Uint8Array,
  key: KeyObject,
  signature: Uint8Array,
): boolean {
  try {
    return verifyWith(hash, data, key, signature);
  } catch {
    return false;
  }
}

/** The key is the last 32 bytes of its SubjectPublicKeyInfo. */
function holdsHashed({ spki }: SigningKey, data: Uint8Array, signature: Uint8Array): boolean {
  try {
    return ed25519ph.verify(signature, data, spki.subarray(-32), { zip215: false });
  } catch {
    return false;
  }
}
