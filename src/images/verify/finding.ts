// What came of each signature, put together: the evidence of one authority.
import { createHash } from 'node:crypto';
import type { Digest } from '../../base/brand.ts';
import { type Rejection, rejected } from '../artefact.ts';
import type { AuthorityEvidence, Rejected, VerifiedSignature } from '../model.ts';
import type { Candidate } from './candidate.ts';
import type { Content } from './content.ts';

/** `identity`: equal for what is the same signature. */
export type Finding =
  | {
      readonly kind: 'verified';
      readonly identity: string;
      readonly signature: VerifiedSignature;
      readonly content: Content;
    }
  | { readonly kind: 'rejected'; readonly artefact: Digest; readonly rejection: Rejection };

/** The same key over the same bytes is one signature, however often and in whatever artefact it is attached. */
export function identityOf({ signed }: Candidate, key: string): string {
  return `${key} ${createHash('sha256').update(signed).digest('hex')}`;
}

/** Of each authority: what records and messages carry. */
const maxRejected = 20;

/** One signature that is attached twice is one: it never counts twice towards a number. */
export function evidenceIn(
  findings: readonly Finding[],
  lost: readonly Rejected[],
): Pick<AuthorityEvidence, 'signatures' | 'attestations' | 'rejected'> {
  const verified = findings.filter((finding) => finding.kind === 'verified');
  const distinct = [...new Map(verified.map((finding) => [finding.identity, finding])).values()];
  const bad = findings
    .filter((finding) => finding.kind === 'rejected')
    .map(({ artefact, rejection }) => rejected(artefact, rejection));
  return {
    signatures: distinct
      .filter(({ content }) => content.kind === 'signature')
      .map(({ signature }) => signature),
    attestations: distinct.flatMap(({ signature, content }) => {
      if (content.kind !== 'attestation') return [];
      const { predicateType, statement } = content;
      return [{ ...signature, predicateType, statement }];
    }),
    rejected: [...lost, ...bad].slice(0, maxRejected),
  };
}
