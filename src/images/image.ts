// What is verified of one image: everything that is attached to it is looked for once, whatever many authorities ask,
// and judged off the event loop.
import type { Digest } from '../base/brand.ts';
import { err, ok, type Result } from '../base/result.ts';
import type { Artefact } from './artefact.ts';
import { discover } from './discover.ts';
import type { Found, Place } from './found.ts';
import type { Authority, ImageEvidence, ImageFault, Rejected, SignatureSource } from './model.ts';
import type { Asking, Credentials, Registry, Repository } from './registry/registry.ts';
import type { ImageVerifier } from './worker/verifier.ts';

export type Image = {
  readonly repository: Repository;
  readonly digest: Digest;
};

export type Verifying = {
  readonly registry: Registry;
  readonly verifier: ImageVerifier;
  /** null: for the repository of the image itself. */
  readonly credentials: (source: SignatureSource | null) => Credentials | null;
  readonly signal: AbortSignal;
};

/** What a tag names now. */
export async function resolveTag(
  registry: Registry,
  repository: Repository,
  tag: string,
  asking: Asking,
): Promise<Result<Digest, ImageFault>> {
  const resolved = await registry.resolve(repository, tag, asking);
  if (!resolved.ok) return resolved;
  if (resolved.value !== null) return ok(resolved.value);
  const message = `${nameOf(repository)}:${tag} ${notThere}`;
  return err({ code: 'image-not-found', message });
}

/** Registries answer as if it were not there where somebody may not see it. */
const notThere = 'is not in the registry, or not for these credentials';

/** Threat: an error could be let through; that there is no such image is none. Asked only where nothing was found. */
async function absence(
  { repository, digest }: Image,
  { registry, credentials, signal }: Verifying,
): Promise<readonly Rejected[]> {
  const there = await registry.resolve(repository, digest, {
    credentials: credentials(null),
    signal,
  });
  const isThere = there.ok ? there.value !== null : there.error.code !== 'registry-denied';
  return isThere ? [] : [{ artefact: digest, code: 'image-not-found', message: notThere }];
}

function isNothing({ artefacts, rejected, faults }: Found): boolean {
  return artefacts.length + rejected.length + faults.length === 0;
}

export async function verifyImage(
  image: Image,
  authorities: readonly Authority[],
  verifying: Verifying,
): Promise<Result<ImageEvidence, ImageFault>> {
  const { repository, digest } = image;
  const look = lookingOnce(digest, verifying);
  const founds = await Promise.all(
    authorities.map(async (authority) => {
      const looked = placesOf(authority, repository).map(look);
      return { authority, founds: await Promise.all(looked) };
    }),
  );
  const isEmpty = founds.every((each) => each.founds.every(isNothing));
  const absent = isEmpty && authorities.length > 0 ? await absence(image, verifying) : [];
  const verified = await verifying.verifier.verify(
    founds.map(({ authority, founds: found }) => ({
      digest,
      authority,
      artefacts: found.flatMap(({ artefacts }) => artefacts),
      rejected: [...absent, ...found.flatMap(({ rejected }) => rejected)],
      faults: found.flatMap(({ faults }) => faults),
    })),
    verifying.signal,
  );
  if (!verified.ok) return verified;
  return ok({ repository: nameOf(repository), digest, authorities: verified.value });
}

function nameOf({ registry, path }: Repository): string {
  return `${registry}/${path}`;
}

type Sourced = Place & { readonly source: SignatureSource | null };

/** Where an authority looks, and for what. */
function placesOf(authority: Authority, image: Repository): readonly Sourced[] {
  const { signatureFormat, predicateTypes, sources } = authority;
  const legacy = predicateTypes.length === 0 ? 'signature' : 'attestation';
  const kinds: readonly Artefact['kind'][] =
    signatureFormat === null
      ? [legacy, 'bundle']
      : [signatureFormat === 'legacy' ? legacy : 'bundle'];
  const places = sources.length === 0 ? [null] : sources;
  return places.flatMap((source) =>
    kinds.map((kind) => ({ ...placeOf(source, image), kind, source })),
  );
}

function placeOf(
  source: SignatureSource | null,
  image: Repository,
): Pick<Place, 'repository' | 'tagPrefix'> {
  if (source === null) return { repository: image, tagPrefix: '' };
  const { repository, tagPrefix } = source;
  const slash = repository.indexOf('/');
  const own = { registry: repository.slice(0, slash), path: repository.slice(slash + 1) };
  return { repository: repository === '' ? image : own, tagPrefix };
}

function lookingOnce(
  image: Digest,
  { registry, credentials, signal }: Verifying,
): (place: Sourced) => Promise<Found> {
  const looked = new Map<string, Promise<Found>>();
  return (place) => {
    const { source, repository, tagPrefix, kind } = place;
    const secrets = source === null ? null : source.pullSecrets;
    const key = JSON.stringify([repository, tagPrefix, kind, secrets]);
    const asking = { credentials: credentials(source), signal };
    const found = looked.get(key) ?? discover(registry, place, image, asking);
    looked.set(key, found);
    return found;
  };
}
