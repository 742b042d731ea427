// A signature as the library compares it with log entries and timestamps. Its own classes hash everything with SHA-256,
// whatever the key, and look at the first signature of an envelope only.
import { createHash, timingSafeEqual } from 'node:crypto';
import type { SignedEntity } from '@sigstore/verify';
import type { Candidate } from './candidate.ts';
import { hasSigned, type SigningKey } from './key.ts';

const hashOfLength: Readonly<Record<number, string>> = { 32: 'sha256', 48: 'sha384', 64: 'sha512' };

export function signatureContent(
  candidate: Candidate,
  signing: SigningKey,
): SignedEntity['signature'] {
  const { signed, payload, signature, stamped } = candidate;
  return {
    // Only timestamps are compared with this.
    signature: stamped,
    compareSignature: (other) => same(other, signature),
    compareDigest: (digest) => hasDigest(payload, digest),
    compareSignedDigest: (digest) => hasDigest(signed, digest),
    verifySignature: (key) => key.equals(signing.key) && hasSigned(signing, signed, signature),
  };
}

function hasDigest(bytes: Buffer, digest: Buffer): boolean {
  const hash = hashOfLength[digest.length];
  return hash !== undefined && same(createHash(hash).update(bytes).digest(), digest);
}

function same(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && timingSafeEqual(a, b);
}
