// Which certificate was not valid when a signature was made, for the message: the library says only that one was not.
import type { X509Certificate } from '@sigstore/core';
import { quote } from '../../base/text.ts';
import type { Trust } from '../trust/material.ts';
import type { Leaf } from './certificate.ts';

type Span = { readonly start: Date; readonly end: Date };
type Authority = Trust['material']['certificateAuthorities'][number];

/** null: it is something else. */
export function expiredIn(leaf: Leaf, trust: Trust, at: Date): string | null {
  const signed = `it was signed at ${at.toISOString()}`;
  const own = spanOf(leaf.parsed);
  if (!holds(own, at)) return `its certificate was valid ${during(own)}, and ${signed}`;
  const authorities = trust.material.certificateAuthorities.filter(({ certChain }) =>
    certChain.some((one) => one.subject.equals(leaf.parsed.issuer)),
  );
  const [first] = authorities.flatMap((authority) => expiredParts(authority, at));
  return first === undefined
    ? null
    : `${first} of the trust root ${quote(trust.name)}, and ${signed}`;
}

function expiredParts({ certChain, validFor }: Authority, at: Date): readonly string[] {
  const parts = certChain.flatMap((one) => {
    const span = spanOf(one);
    if (holds(span, at)) return [];
    const which = one.subject.equals(one.issuer) ? 'root' : 'intermediate';
    return [`the certificate above it (${which}) that was valid ${during(span)}`];
  });
  if (holds(validFor, at)) return parts;
  return [...parts, `its certificate is of an authority that is trusted ${during(validFor)}`];
}

function spanOf({ notBefore, notAfter }: X509Certificate): Span {
  return { start: notBefore, end: notAfter };
}

function holds({ start, end }: Span, at: Date): boolean {
  return start <= at && at <= end;
}

function during({ start, end }: Span): string {
  return `from ${start.toISOString()} to ${end.toISOString()}`;
}
