// What an authority makes of artefacts, in one line: for tables.
import type { Digest } from '../../../src/base/brand.ts';
import type { Artefact } from '../../../src/images/artefact.ts';
import type { Authority, AuthorityEvidence } from '../../../src/images/model.ts';
import { openVerify } from '../../../src/images/verify/verify.ts';

const verify = openVerify();

export function evidenceOf(
  artefacts: readonly Artefact[],
  authority: Authority,
  digest: Digest,
): AuthorityEvidence {
  const asked = { digest, authority, artefacts, rejected: [], faults: [] };
  const verified = verify(asked);
  if (!verified.ok) throw new Error(verified.error.message);
  return verified.value;
}

/** `signed`, `attested: TYPE…`, `nothing`, or the codes of what was rejected. */
export function verdict(
  artefacts: readonly Artefact[],
  authority: Authority,
  digest: Digest,
): string {
  const { signatures, attestations, rejected } = evidenceOf(artefacts, authority, digest);
  if (signatures.length > 0) return 'signed';
  const types = attestations.map(({ predicateType }) => predicateType).sort();
  if (types.length > 0) return `attested: ${types.join(' ')}`;
  const codes = [...new Set(rejected.map(({ code }) => code))];
  return codes.length === 0 ? 'nothing' : codes.join(' ');
}
