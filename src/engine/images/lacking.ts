// What an image lacks for one authority, and what to do about it. Who has signed instead is told before what is wrong with
// a signature, and that before nothing at all.
import type { Code } from '../../base/codes.ts';
import { cut, quote } from '../../base/text.ts';
import type { AuthorityEvidence, ImageEvidence, Rejected } from '../../images/model.ts';
import type { ImageReference } from '../../k8s/image-reference.ts';
import type { Refused } from './judgement.ts';

/** The image as it was written, and what was found of it. */
export type About = { readonly reference: ImageReference; readonly evidence: ImageEvidence };

const byOthers: ReadonlySet<Code> = new Set<Code>([
  'image-signature-identity',
  'image-signature-key',
  'image-signature-method',
]);

function worst(rejected: readonly Rejected[]): Rejected | undefined {
  return rejected.find(isByOthers) ?? rejected[0];
}

function isByOthers({ code }: Rejected): boolean {
  return byOthers.has(code);
}

/** `why` reads on from the name of the image. */
export function notThere(why: string): Refused {
  const name = 'push the image before it is used, or correct its name or digest';
  const fix = `${name}; if it is there, give credentials that may read it (registryConfig, or pullSecrets)`;
  return { kind: 'refused', code: 'image-not-found', why, fix };
}

export function noSignature(
  authority: string,
  { rejected }: AuthorityEvidence,
  about: About,
): Refused {
  const image = nameOf(about);
  const found = worst(rejected);
  if (found === undefined) {
    const why = `no signature by ${authority} was found`;
    const fix = `sign ${image} as ${authority} (cosign sign), or use an image that is signed${indexHint(about)}`;
    return { kind: 'refused', code: 'image-unsigned', why, fix };
  }
  const more = rejected.length > 1 ? ` (and ${rejected.length - 1} more)` : '';
  const why = `the signature ${saidOf(found)}${more}`;
  if (!isByOthers(found)) {
    const fix = `sign ${image} anew as ${authority} (cosign sign)`;
    return { kind: 'refused', code: 'image-signature', why, fix };
  }
  return {
    kind: 'refused',
    code: 'image-signer',
    why: `${why} (asked for by ${authority})`,
    fix: `have ${image} signed by ${authority}, or ask the owners of the policy to trust who signed it`,
  };
}

/** `wanted`: the attestation by its name in the policy. */
export function noAttestation(
  wanted: { readonly name: string; readonly predicateType: string },
  authority: string,
  { rejected }: AuthorityEvidence,
  about: About,
): Refused {
  const found = worst(rejected.filter(({ code }) => code !== 'image-attestation-type'));
  const because = found === undefined ? '' : `: ${saidOf(found)}`;
  return {
    kind: 'refused',
    code: found !== undefined && isByOthers(found) ? 'image-signer' : 'image-attestation',
    why: `no attestation ${quote(wanted.name)} by ${authority} was found${because}`,
    fix: `attest ${wanted.predicateType} of ${nameOf(about)} as ${authority} (cosign attest)${indexHint(about)}`,
  };
}

export function unmetAttestation(
  name: string,
  authority: string,
  why: string,
  about: About,
): Refused {
  return {
    kind: 'refused',
    code: 'image-condition',
    why: `the attestation ${quote(name)} by ${authority} does not hold: ${why}`,
    fix: `renew the attestation ${quote(name)} of ${nameOf(about)} once the policy would accept it (cosign attest)`,
  };
}

function nameOf({ evidence }: About): string {
  return `${evidence.repository}@${evidence.digest}`;
}

/** cosign signs the digest of an index, and that of each platform only with --recursive. */
function indexHint({ reference }: About): string {
  return reference.digest === null
    ? ''
    : '; the digest of one platform has no signature of its own: write that of the index';
}

const maxMessage = 300;

function saidOf({ artefact, message }: Rejected): string {
  const short = artefact.startsWith('sha256:')
    ? artefact.slice(0, 'sha256:'.length + 12)
    : artefact;
  return `${short} ${cut(message, maxMessage)}`;
}
