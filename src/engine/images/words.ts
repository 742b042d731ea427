// What a developer reads of an image that is refused: which image, where, what is wrong with it, and what to do.
import type { Digest } from '../../base/brand.ts';
import type { Code } from '../../base/codes.ts';
import { cut, quote } from '../../base/text.ts';
import type { Finding } from '../../model/decision.ts';
import type { Refused } from './judgement.ts';
import type { Sight } from './sight.ts';

const maxImage = 200;

/** `"registry.example.com/shop/web:1.4"` */
export function shownImage({ image }: Pick<Sight, 'image'>): string {
  return quote(cut(String(image), maxImage));
}

const leads: Partial<Record<Code, string>> = {
  'image-unsigned': 'is not signed',
  'image-signer': 'is signed by others',
  'image-signature': 'has no valid signature',
  'image-attestation': 'lacks an attestation',
  'image-condition': 'does not meet the policy',
  'image-static': 'is refused',
  'image-not-found': 'was not found',
};

const again = 'try again; if it persists, the owners of the cluster must look at the registry';

/** Of what trying again does not change. */
const remedies: Partial<Record<Code, string>> = {
  'registry-denied':
    'name a pull secret that may read the image in imagePullSecrets, or ask the owners of the cluster to let the gate read it (registryConfig, or pullSecrets)',
  'registry-credentials': 'correct the pull secret, or name another one',
  'registry-not-allowed': 'use an image of a registry that the policies name',
  'image-artefacts-limit':
    'delete signatures and attestations of the image that are not needed any more',
};

/** Of an image that could not be verified. */
export function remedyOf(code: Code): string {
  return remedies[code] ?? again;
}

export function refusedFinding(
  sight: Sight,
  { code, why, fix }: Refused,
  remedy: string | null,
): Finding {
  const lead = leads[code];
  return finding(sight, lead === undefined ? why : `${lead}: ${why}`, remedy ?? fix);
}

/** The tag goes: what was verified is the digest. */
export function tagFinding(sight: Sight, digest: Digest | null): Finding {
  const text = String(sight.image);
  const found = finding(sight, 'is a tag', '');
  if (digest === null) {
    const remedy = `pin it by digest; sekisho image ${text} shows the digest that it has now`;
    return { ...found, remedy };
  }
  const pinned = `${text.replace(/:[^/:]*$/, '')}@${digest}`;
  const patch = [{ op: 'replace', path: sight.pointer, value: pinned }] as const;
  return { ...found, allowed: [pinned], remedy: `pin it by digest: ${pinned}`, patch };
}

/** `said` reads on from the image. */
export function finding(sight: Sight, said: string, remedy: string): Finding {
  const { path, pointer, image } = sight;
  const message = `${shownImage(sight)} ${said}`;
  return { path, pointer, value: image, allowed: [], message, remedy, patch: [] };
}
