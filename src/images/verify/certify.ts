// What a certificate-signed signature is worth but for whose it is: the signature fits, somebody says when it was made,
// and the certificate was good then. The same whatever identities an authority names, so it is found out once for all
// authorities with the same trust: it is most of the cost.
import { err, ok, type Result } from '../../base/result.ts';
import { quote } from '../../base/text.ts';
import type { Rejection } from '../artefact.ts';
import type { Candidate } from './candidate.ts';
import { type Leaf, readLeaf } from './certificate.ts';
import { chainFault, type SeenTime, timesOf } from './chain.ts';
import { hasSigned, keyOfCertificate, type SigningKey } from './key.ts';
import type { KeylessAuthority, OpenAuthority } from './open-authority.ts';
import { told, type Witnesses, witnessesOf } from './witnesses.ts';

export type Certified = {
  readonly key: SigningKey;
  readonly leaf: Leaf;
  readonly time: SeenTime;
  readonly witnesses: Witnesses;
};

/** `der`: the certificate beside the candidate. */
export type Certify = (
  candidate: Candidate,
  authority: KeylessAuthority,
  der: Buffer,
) => Result<Certified, Rejection>;

export function openCertify(): Certify {
  const known = new WeakMap<Candidate, Map<string, Result<Certified, Rejection>>>();
  return (candidate, authority, der) => {
    const ofCandidate = known.get(candidate) ?? new Map<string, Result<Certified, Rejection>>();
    known.set(candidate, ofCandidate);
    const { trustKey } = authority.signers;
    const certified = ofCandidate.get(trustKey) ?? certify(candidate, authority, der);
    ofCandidate.set(trustKey, certified);
    return certified;
  };
}

export const notFitting: Rejection = {
  code: 'image-signature-invalid',
  message: 'does not fit what it signs: one of them was changed',
};

const certify: Certify = (candidate, authority, der) => {
  const read = leafOf(der);
  if (!read.ok) return read;
  const leaf = read.value;
  const key = keyOfCertificate(leaf.node);
  if (!hasSigned(key, candidate.signed, candidate.signature)) return err(notFitting);
  const witnesses = witnessesOf(candidate, key, authority);
  const missing = missingWitness(authority, witnesses);
  if (missing !== null) return err(missing);
  const { trust, ignoresSct } = authority.signers;
  const times = timesOf(witnesses);
  const [time] = times;
  if (time === undefined) return err(noTime);
  const fault = chainFault({ candidate, key, leaf, trust, ignoresSct }, times);
  return fault === null ? ok({ key, leaf, time, witnesses }) : err(fault);
};

const noTime: Rejection = {
  code: 'image-signature-time-missing',
  message: 'is neither in a log nor stamped: nobody says when its certificate was used',
};

function leafOf(der: Buffer): Result<Leaf, Rejection> {
  try {
    return ok(readLeaf(der));
  } catch (cause) {
    const message = `has no certificate for signing (${told(cause)})`;
    return err({ code: 'image-signature-certificate', message });
  }
}

/** Who is asked for must be there; a certificate also needs somebody who says when it signed. */
export function missingWitness(authority: OpenAuthority, witnesses: Witnesses): Rejection | null {
  const { entries, stamps, entryFaults, stampFaults } = witnesses;
  if (authority.needsLog && entries.length === 0) {
    return entryFaults[0] ?? { code: 'image-signature-log-missing', message: noEntry(authority) };
  }
  if (authority.needsStamp && stamps.length === 0) {
    return stampFaults[0] ?? { code: 'image-signature-time-missing', message: 'has no timestamp' };
  }
  if (authority.signers.kind === 'keys' || timesOf(witnesses).length > 0) return null;
  return entryFaults[0] ?? stampFaults[0] ?? noTime;
}

function noEntry({ logs }: OpenAuthority): string {
  return `is not in a transparency log of the trust root ${quote(logs?.name ?? '')}`;
}
