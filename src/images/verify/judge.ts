// One signature under one authority: verified, or rejected with a reason. The order of the checks is that of the
// messages: who made it, who saw it, who is behind it; what it is about has been checked before.
import type { TransparencyLogEntry } from '@sigstore/bundle';
import type { Code } from '../../base/codes.ts';
import { err, ok, type Result } from '../../base/result.ts';
import { cut, joinQuote, plural, quote } from '../../base/text.ts';
import type { Rejection } from '../artefact.ts';
import type { VerifiedSignature } from '../model.ts';
import type { Candidate } from './candidate.ts';
import { type Certified, type Certify, missingWitness, notFitting } from './certify.ts';
import { dateOf, timesOf } from './chain.ts';
import type { Content } from './content.ts';
import { type Owner, ownerAmong } from './identity.ts';
import { hasSigned, keyId } from './key.ts';
import {
  isKeyed,
  isKeyless,
  type KeyedAuthority,
  type KeylessAuthority,
  type OpenAuthority,
} from './open-authority.ts';
import { witnessesOf } from './witnesses.ts';

type Judged = Result<VerifiedSignature, Rejection>;

export function judgeSignature(
  candidate: Candidate,
  content: Content,
  authority: OpenAuthority,
  certify: Certify,
): Judged {
  const { signer } = candidate;
  if (isKeyed(authority) && signer.kind === 'key') return byKey(candidate, content, authority);
  if (isKeyless(authority) && signer.kind === 'certificate') {
    const certified = certify(candidate, authority, signer.der);
    return certified.ok ? byOwner(candidate, content, authority, certified.value) : certified;
  }
  const message =
    signer.kind === 'key'
      ? 'is made with a bare key; the policy asks for a certificate (keyless)'
      : 'is made with a certificate (keyless); the policy asks for its own key';
  return reject('image-signature-method', message);
}

function byKey(candidate: Candidate, content: Content, authority: KeyedAuthority): Judged {
  const { keys } = authority.signers;
  const key = keys.find((one) => hasSigned(one, candidate.signed, candidate.signature));
  if (key === undefined) return noKey(candidate, authority);
  const witnesses = witnessesOf(candidate, key, authority);
  const missing = missingWitness(authority, witnesses);
  if (missing !== null) return err(missing);
  const [time = null] = timesOf(witnesses);
  return ok(verified(candidate, content, { key, owner: null, leaf: null, time, witnesses }));
}

function noKey({ signer }: Candidate, { signers: { keys } }: KeyedAuthority): Judged {
  const hint = signer.kind === 'key' ? signer.hint : null;
  if (keys.some((key) => key.hint === hint)) return err(notFitting);
  const which = plural(keys.length, 'the key', 'any of the keys');
  const wanted = `${which} ${joinQuote(keys.map((key) => `sha256:${keyId(key)}`))}`;
  const found = hint === null ? '' : `; it names ${quote(shownHint(hint))}`;
  return reject('image-signature-key', `is not made with ${wanted}${found}`);
}

/** cosign's is the digest of the key; that of others is anything. */
function shownHint(hint: string): string {
  const bytes = Buffer.from(hint, 'base64');
  const isDigest = bytes.length === 32 && bytes.toString('base64') === hint;
  return isDigest ? `sha256:${bytes.toString('hex')}` : cut(hint, 100);
}

function byOwner(
  candidate: Candidate,
  content: Content,
  { signers }: KeylessAuthority,
  certified: Certified,
): Judged {
  const owner = ownerAmong(signers.identities, certified.leaf);
  if (!owner.ok) return owner;
  return ok(verified(candidate, content, { ...certified, owner: owner.value }));
}

type By = Pick<Certified, 'key' | 'witnesses'> & {
  readonly owner: Owner | null;
  readonly leaf: Certified['leaf'] | null;
  readonly time: Certified['time'] | null;
};

function verified({ format, artefact }: Candidate, content: Content, by: By): VerifiedSignature {
  const [entry = null] = by.witnesses.entries;
  return {
    format,
    artefact,
    key: keyId(by.key),
    issuer: by.owner?.issuer ?? null,
    subject: by.owner?.subject ?? null,
    annotations: content.annotations,
    signedAt: by.time === null ? null : dateOf(by.time).toISOString(),
    logIndex: entry === null ? null : indexOf(entry),
    extensions: by.leaf?.extensions ?? {},
  };
}

/** As it was signed: a promise has the number, whatever digits the bundle writes it with; a proof has its own. */
function indexOf({ inclusionPromise, inclusionProof, logIndex }: TransparencyLogEntry): string {
  const signed = inclusionPromise === undefined ? inclusionProof?.logIndex : logIndex;
  return String(Number(signed));
}

function reject(code: Code, message: string): Judged {
  return err({ code, message });
}
