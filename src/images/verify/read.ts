// From an artefact to the signatures that it claims. Threat: whoever can push to a repository writes these bytes; what
// cannot be read is a rejection of that artefact and of nothing else.
import {
  type Bundle,
  bundleFromJSON,
  type Envelope,
  envelopeFromJSON,
  type TransparencyLogEntry,
} from '@sigstore/bundle';
import { dsse, pem } from '@sigstore/core';
import { messageOf } from '../../base/cause.ts';
import { err, ok, type Result } from '../../base/result.ts';
import { cut, printable } from '../../base/text.ts';
import { type Artefact, artefactLimits, type Rejection } from '../artefact.ts';
import type { Candidate, ClaimedSigner } from './candidate.ts';

type Read = Result<readonly Candidate[], Rejection>;

export function readCandidates(artefact: Artefact): Read {
  try {
    return artefact.kind === 'bundle' ? readBundle(artefact) : readLayer(artefact);
  } catch (cause) {
    return unreadable(`cannot be read: ${printable(cut(messageOf(cause), 200))}`);
  }
}

function unreadable(message: string): Result<never, Rejection> {
  return err({ code: 'image-artefact-unreadable', message });
}

function readBundle({ body, digest }: Artefact): Read {
  const bundle = bundleFromJSON(JSON.parse(utf8(body)));
  if (bundle.content.$case !== 'dsseEnvelope') {
    const message = 'is a bundle that signs a file (cosign sign-blob); sign the image itself';
    return err({ code: 'image-signature-message', message });
  }
  const { tlogEntries, timestampVerificationData } = bundle.verificationMaterial;
  const stamps = (timestampVerificationData?.rfc3161Timestamps ?? []).map((stamp) =>
    Buffer.from(stamp.signedTimestamp),
  );
  const { dsseEnvelope: envelope } = bundle.content;
  const witnesses = { signer: bundleSigner(bundle), entries: tlogEntries, stamps };
  return inEnvelope(envelope, { ...witnesses, format: 'bundle', artefact: digest, stamped: null });
}

function bundleSigner({ verificationMaterial: { content } }: Bundle): ClaimedSigner {
  switch (content.$case) {
    case 'publicKey':
      return { kind: 'key', hint: content.publicKey.hint };
    case 'certificate':
      return { kind: 'certificate', der: Buffer.from(content.certificate.rawBytes) };
    case 'x509CertificateChain': {
      const [leaf] = content.x509CertificateChain.certificates;
      return { kind: 'certificate', der: Buffer.from(leaf?.rawBytes ?? '') };
    }
  }
}

const annotation = {
  signature: 'dev.cosignproject.cosign/signature',
  certificate: 'dev.sigstore.cosign/certificate',
  entry: 'dev.sigstore.cosign/bundle',
  stamp: 'dev.sigstore.cosign/rfc3161timestamp',
} as const;

function readLayer({ kind, body, digest, annotations }: Artefact): Read {
  const { certificate, entry, stamp } = {
    certificate: annotations[annotation.certificate] ?? '',
    entry: annotations[annotation.entry] ?? '',
    stamp: annotations[annotation.stamp] ?? '',
  };
  const witnesses = {
    format: 'legacy',
    artefact: digest,
    signer: legacySigner(certificate),
    entries: entry === '' ? [] : [legacyEntry(entry)],
    stamps: stamp === '' ? [] : [base64(JSON.parse(stamp).SignedRFC3161Timestamp)],
  } as const;
  const bytes = Buffer.from(body);
  if (kind === 'attestation') {
    const envelope = envelopeFromJSON(JSON.parse(utf8(body)));
    return inEnvelope(envelope, { ...witnesses, stamped: bytes });
  }
  const signature = base64(annotations[annotation.signature]);
  const signed = { signed: bytes, payload: bytes, payloadType: null };
  return ok([{ ...witnesses, ...signed, signature, stamped: signature }]);
}

function legacySigner(certificate: string): ClaimedSigner {
  return certificate === ''
    ? { kind: 'key', hint: null }
    : { kind: 'certificate', der: pem.toDER(certificate) };
}

/** What cosign keeps of the answer of the log, in the form that bundles have. */
function legacyEntry(text: string): TransparencyLogEntry {
  const { SignedEntryTimestamp, Payload } = JSON.parse(text);
  const canonicalizedBody = base64(Payload.body);
  const { kind, apiVersion } = JSON.parse(utf8(canonicalizedBody));
  return {
    logIndex: String(Payload.logIndex),
    logId: { keyId: Buffer.from(String(Payload.logID), 'hex') },
    kindVersion: { kind: String(kind), version: String(apiVersion) },
    integratedTime: String(Payload.integratedTime),
    inclusionPromise: { signedEntryTimestamp: base64(SignedEntryTimestamp) },
    inclusionProof: undefined,
    canonicalizedBody,
  };
}

type AroundEnvelope = Pick<Candidate, 'format' | 'artefact' | 'signer' | 'entries' | 'stamps'> & {
  /** null: the signature. */
  readonly stamped: Buffer | null;
};

/** Each signature of the envelope on its own: any of them may be the one that is asked for. */
function inEnvelope(envelope: Envelope, around: AroundEnvelope): Read {
  const { signatures, payloadType } = envelope;
  const parts = [signatures, around.entries, around.stamps];
  if (parts.some((each) => each.length > artefactLimits.partsOfOne)) {
    const most = artefactLimits.partsOfOne;
    return unreadable(`has more than ${most} signatures, log entries or timestamps`);
  }
  if (signatures.length === 0) return unreadable('is an envelope without a signature');
  const payload = Buffer.from(envelope.payload);
  const signed = dsse.preAuthEncoding(payloadType, payload);
  const candidates = signatures.map(({ sig }): Candidate => {
    const signature = Buffer.from(sig);
    const stamped = around.stamped ?? signature;
    return { ...around, signed, payload, payloadType, signature, stamped };
  });
  return ok(candidates);
}

function base64(text: unknown): Buffer {
  if (typeof text !== 'string' || text === '') throw new Error('a signature or entry is missing');
  return Buffer.from(text, 'base64');
}

function utf8(bytes: Uint8Array): string {
  return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
}
