// What is verified of one image: everything that is attached to it is looked for once, whatever many authorities ask,
// and judged off the event loop.
import type { Digest } from '../base/brand.ts';
import { err, ok, type Result } from '../base/result.ts';
import type { Artefact } from './artefact.ts';
import { discover, type Found, type Place } from './discover.ts';
import type { Authority, ImageEvidence, ImageFault, SignatureSource } from './model.ts';
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
  const message = `${nameOf(repository)}:${tag} is not in the registry`;
  return err({ code: 'image-not-found', message });
}

export async function verifyImage(
  { repository, digest }: Image,
  authorities: readonly Authority[],
  verifying: Verifying,
): Promise<Result<ImageEvidence, ImageFault>> {
  const look = lookingOnce(digest, verifying);
  const founds = await Promise.all(
    authorities.map(async (authority) => {
      const looked = placesOf(authority, repository).map(look);
      return { authority, founds: await Promise.all(looked) };
    }),
  );
  const verified = await verifying.verifier.verify(
    founds.map(({ authority, founds: found }) => ({
      digest,
      authority,
      artefacts: found.flatMap(({ artefacts }) => artefacts),
      rejected: found.flatMap(({ rejected }) => rejected),
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
