// Whose signature a log entry is about. The library proves that the log has the entry, and that the entry is about this
// signature; it never asks whose key the entry names (GHSA-fx35-mq7g-6g98 is what comes of that).
import { createPublicKey, X509Certificate } from 'node:crypto';
import type { TransparencyLogEntry } from '@sigstore/bundle';
import { getIn, isArray, type JsonValue } from '../../base/json.ts';
import type { Candidate } from './candidate.ts';
import type { SigningKey } from './key.ts';

type Verifier = (body: JsonValue) => readonly (JsonValue | undefined)[];

const each = (value: JsonValue | undefined): readonly JsonValue[] => (isArray(value) ? value : []);

/** Where each kind of entry names the key or certificate: PEM in base64 at first, DER in base64 in Rekor 2. */
const verifiers: Readonly<Record<string, Verifier>> = {
  'hashedrekord 0.0.1': (body) => [getIn(body, ['spec', 'signature', 'publicKey', 'content'])],
  'dsse 0.0.1': (body) =>
    each(getIn(body, ['spec', 'signatures'])).map((one) => getIn(one, ['verifier'])),
  'intoto 0.0.2': (body) =>
    each(getIn(body, ['spec', 'content', 'envelope', 'signatures'])).map((one) =>
      getIn(one, ['publicKey']),
    ),
  'hashedrekord 0.0.2': (body) => [
    rekor2(getIn(body, ['spec', 'hashedRekordV002', 'signature', 'verifier'])),
  ],
  'dsse 0.0.2': (body) =>
    each(getIn(body, ['spec', 'dsseV002', 'signatures'])).map((one) =>
      rekor2(getIn(one, ['verifier'])),
    ),
};

function rekor2(verifier: JsonValue | undefined): JsonValue | undefined {
  return (
    getIn(verifier, ['x509Certificate', 'rawBytes']) ?? getIn(verifier, ['publicKey', 'rawBytes'])
  );
}

export function kindOf({ kindVersion: { kind, version } }: TransparencyLogEntry): string {
  return `${kind} ${version}`;
}

export function isKnownKind(entry: TransparencyLogEntry): boolean {
  return Object.hasOwn(verifiers, kindOf(entry));
}

/** A certificate must be the very one that is beside the signature, a key the one that verifies it. Throws on what is
 * no entry. */
export function namesSigner(
  entry: TransparencyLogEntry,
  signer: Candidate['signer'],
  key: SigningKey,
): boolean {
  const body: JsonValue = JSON.parse(Buffer.from(entry.canonicalizedBody).toString('utf8'));
  const named = verifiers[kindOf(entry)]?.(body) ?? [];
  const wanted = signer.kind === 'certificate' ? signer.der : key.spki;
  return named.some((text) => typeof text === 'string' && derOf(text).equals(wanted));
}

function derOf(text: string): Buffer {
  const bytes = Buffer.from(text, 'base64');
  const isPem = bytes.subarray(0, 5).toString('latin1') === '-----';
  if (!isPem) return bytes;
  if (bytes.includes('-----BEGIN CERTIFICATE-----')) return new X509Certificate(bytes).raw;
  return createPublicKey(bytes).export({ type: 'spki', format: 'der' });
}
