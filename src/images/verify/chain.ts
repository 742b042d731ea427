// Whether a certificate is one of the trust root, was logged, and was valid at every time that somebody trusted says it
// was used: sigstore's conformance tests want all of them. Upstream: sigstore client specification, "Verification".
import { type ASN1Obj, X509Certificate } from '@sigstore/core';
import { type SignedEntity, Verifier } from '@sigstore/verify';
import { quote } from '../../base/text.ts';
import type { Rejection } from '../artefact.ts';
import type { Trust } from '../trust/material.ts';
import type { Candidate } from './candidate.ts';
import type { Leaf } from './certificate.ts';
import { expiredIn } from './expired.ts';
import type { SigningKey } from './key.ts';
import { signatureContent } from './signature-content.ts';
import { told, type Witnesses } from './witnesses.ts';

/** `trust` has the certificate authorities and certificate logs, and all whose times `witnesses` have. */
export type ChainQuestion = {
  readonly candidate: Candidate;
  readonly key: SigningKey;
  readonly leaf: Leaf;
  readonly trust: Trust;
  readonly ignoresSct: boolean;
};

export type SeenTime = SignedEntity['timestamps'][number];

/** Entries without a promise of the log say nothing of when. */
export function timesOf({ stamps, entries }: Witnesses): readonly SeenTime[] {
  const promised = entries.filter(
    ({ inclusionPromise, integratedTime }) =>
      inclusionPromise !== undefined && integratedTime !== '0',
  );
  return [
    ...stamps.map((timestamp) => ({ $case: 'timestamp-authority', timestamp }) as const),
    ...promised.map((tlogEntry) => ({ $case: 'transparency-log', tlogEntry }) as const),
  ];
}

export function dateOf(time: SeenTime): Date {
  return time.$case === 'timestamp-authority'
    ? time.timestamp.signingTime
    : new Date(Number(time.tlogEntry.integratedTime) * 1000);
}

/** null: it is. `times` is not empty. */
export function chainFault(question: ChainQuestion, times: readonly SeenTime[]): Rejection | null {
  for (const time of times) {
    const failure = failureAt(question, time, !question.ignoresSct);
    if (failure !== null) return rejectionAt(question, time, failure);
  }
  return null;
}

type Failure = { readonly cause: unknown };

function failureAt(
  { candidate, key, leaf, trust }: ChainQuestion,
  time: SeenTime,
  wantsSct: boolean,
): Failure | null {
  const wanted = { tlogThreshold: 0, ctlogThreshold: wantsSct ? 1 : 0, timestampThreshold: 1 };
  const certificate = wantsSct ? leaf.parsed : new WithoutScts(leaf.parsed.root);
  try {
    new Verifier(trust.material, wanted).verify({
      signature: signatureContent(candidate, key),
      key: { $case: 'certificate', certificate },
      // A time of a log is believed only beside its entry.
      tlogEntries: time.$case === 'transparency-log' ? [time.tlogEntry] : [],
      timestamps: [time],
    });
    return null;
  } catch (cause) {
    return { cause };
  }
}

function rejectionAt(question: ChainQuestion, time: SeenTime, { cause }: Failure): Rejection {
  const { leaf, trust, ignoresSct } = question;
  const name = quote(trust.name);
  if (!ignoresSct && failureAt(question, time, false) === null) {
    const message = `no certificate log of the trust root ${name} has its certificate (${told(cause)})`;
    return { code: 'image-signature-sct', message };
  }
  const expired = expiredIn(leaf, trust, dateOf(time));
  if (expired !== null) return { code: 'image-signature-expired', message: expired };
  const message = `its certificate is not issued by an authority of the trust root ${name}`;
  return { code: 'image-signature-chain', message: `${message} (${told(cause)})` };
}

/** The library checks each SCT that a certificate carries, wanted or not, on a clone of it. */
class WithoutScts extends X509Certificate {
  override clone(): X509Certificate {
    return new WithoutExtensions(this.root);
  }
}

class WithoutExtensions extends X509Certificate {
  override get extensions(): ASN1Obj[] {
    return [];
  }
}
