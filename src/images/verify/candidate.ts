// One signature as an artefact claims it, whatever format it came in: what is signed, by what, and who saw it. Nothing
// here is verified. Upstream: cosign's annotations of legacy layers, Sigstore bundle v0.1 to v0.3, DSSE.
import type { TransparencyLogEntry } from '@sigstore/bundle';
import type { Digest } from '../../base/brand.ts';

/** `hint`: how the bundle names the key; null where the format has no name for it. */
export type ClaimedSigner =
  | { readonly kind: 'key'; readonly hint: string | null }
  | { readonly kind: 'certificate'; readonly der: Buffer };

export type Candidate = {
  readonly format: 'legacy' | 'bundle';
  readonly artefact: Digest;
  /** What the signature is over: the payload, or the DSSE encoding of it. */
  readonly signed: Buffer;
  readonly payload: Buffer;
  /** Of a DSSE envelope; null: simple signing. */
  readonly payloadType: string | null;
  readonly signature: Buffer;
  readonly signer: ClaimedSigner;
  readonly entries: readonly TransparencyLogEntry[];
  readonly stamps: readonly Buffer[];
  /** What a timestamp is over: the signature, but for legacy attestations the whole envelope. */
  readonly stamped: Buffer;
};
