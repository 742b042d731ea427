// What is attached to an image in one place, fetched and not yet believed. Three ways to attach, all by the digest of
// the image: the tags of cosign's legacy format, and referrers. Upstream: cosign's tag names; OCI 1.1 referrers.
import type { Digest } from '../base/brand.ts';
import { artefactLimits, rejected } from './artefact.ts';
import {
  type Found,
  missing,
  nothing,
  type Place,
  type Scene,
  tooMany,
  unreadable,
} from './found.ts';
import { fetchAll, inTurn, type Layers, readManifest, within } from './layers.ts';
import type { ImageFault, Rejected } from './model.ts';
import type { Asking, Descriptor, Registry } from './registry/registry.ts';

const tagSuffix = { signature: 'sig', attestation: 'att' } as const;

export function discover(
  registry: Registry,
  place: Place,
  image: Digest,
  asking: Asking,
): Promise<Found> {
  const scene = { registry, place, image, asking };
  return place.kind === 'bundle' ? inReferrers(scene) : underTag(scene, tagSuffix[place.kind]);
}

async function underTag(scene: Scene, suffix: string): Promise<Found> {
  const { registry, place, image, asking } = scene;
  const tag = `${place.tagPrefix}${image.replace(':', '-')}.${suffix}`;
  const manifest = await registry.manifest(place.repository, tag, asking);
  if (!manifest.ok) return { ...nothing, faults: [manifest.error] };
  if (manifest.value === null) return nothing;
  const read = readManifest(manifest.value);
  return read.ok
    ? fetchAll(scene, read.value)
    : { ...nothing, rejected: [unreadable(manifest.value.digest, read.error)] };
}

async function inReferrers(scene: Scene): Promise<Found> {
  const { registry, place, image, asking } = scene;
  const referrers = await registry.referrers(place.repository, image, asking);
  if (!referrers.ok) return { ...nothing, faults: [referrers.error] };
  const { listed, complete } = referrers.value;
  const taken = within(listed, artefactLimits.manifestBytes);
  const founds = await inTurn(taken, (descriptor) => referrer(scene, descriptor));
  const lists = founds.flatMap((found) => (found.kind === 'layers' ? [found.listed] : []));
  const bad = founds.flatMap((found) => (found.kind === 'rejected' ? [found.rejected] : []));
  const faults = founds.flatMap((found) => (found.kind === 'fault' ? [found.fault] : []));
  const isWhole = complete && taken.length === listed.length;
  const found = await fetchAll(scene, {
    layers: lists.flatMap(({ layers }) => layers),
    isWhole: lists.every((list) => list.isWhole),
  });
  return {
    artefacts: found.artefacts,
    rejected: [...bad, ...found.rejected],
    faults: [...faults, ...found.faults, ...(isWhole ? [] : [tooMany(scene)])],
  };
}

type Referrer =
  | { readonly kind: 'layers'; readonly listed: Layers }
  | { readonly kind: 'rejected'; readonly rejected: Rejected }
  | { readonly kind: 'fault'; readonly fault: ImageFault };

const bundleType = 'application/vnd.dev.sigstore.bundle';

/** What a descriptor says of its type is not asked: registries write other things there. */
async function referrer(
  { registry, place, image, asking }: Scene,
  { digest, size }: Descriptor,
): Promise<Referrer> {
  const manifest = await registry.manifest(place.repository, digest, asking, size);
  if (!manifest.ok) return { kind: 'fault', fault: manifest.error };
  if (manifest.value === null) return { kind: 'rejected', rejected: missing(digest) };
  const read = readManifest(manifest.value);
  if (!read.ok) return { kind: 'rejected', rejected: unreadable(digest, read.error) };
  const { layers, isWhole, subject } = read.value;
  const bundles = layers.filter(({ mediaType }) => mediaType.startsWith(bundleType));
  if (bundles.length === 0 || subject === image) {
    return { kind: 'layers', listed: { layers: bundles, isWhole } };
  }
  const message = `refers to ${subject ?? 'no image'}, and this image is ${image}`;
  return {
    kind: 'rejected',
    rejected: rejected(digest, { code: 'image-signature-digest', message }),
  };
}
