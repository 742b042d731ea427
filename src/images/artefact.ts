// What is attached to an image, as it was fetched: its bytes have their digest, and nothing in it is believed yet.
// Upstream: cosign's signature and attestation tags, and the Sigstore bundle as a referrer.
import type { Digest } from '../base/brand.ts';
import type { Code } from '../base/codes.ts';
import { cut } from '../base/text.ts';
import type { Rejected } from './model.ts';

/** `signature`, `attestation`: a layer under the legacy tags `.sig` and `.att`; `bundle`: of a referrer. */
export type Artefact = {
  readonly kind: 'signature' | 'attestation' | 'bundle';
  /** Of the layer or bundle. */
  readonly digest: Digest;
  readonly body: Uint8Array;
  /** Of the layer; what cosign keeps a legacy signature in. */
  readonly annotations: Readonly<Record<string, string>>;
};

/** Far above what images have; what is beyond it is told, never taken for absent. */
export const artefactLimits = {
  /** Of one kind. */
  count: 50,
  manifestBytes: 1 << 20,
  blobBytes: 8 << 20,
  /** Of all of one kind together: they are in memory at the same time. */
  totalBytes: 32 << 20,
  /** Signatures of an envelope, entries of a log, timestamps: of each. */
  partsOfOne: 8,
  /** Objects and arrays inside one another in a statement or manifest. */
  depth: 100,
} as const;

/** Why an artefact does not count; its text may quote the artefact. */
export type Rejection = { readonly code: Code; readonly message: string };

const maxMessage = 1000;

export function rejected(artefact: string, { code, message }: Rejection): Rejected {
  return { artefact, code, message: cut(message, maxMessage) };
}
