// What is attached to an image in one place, fetched and not yet believed. Three ways to attach, all by the digest of
// the image: the tags of cosign's legacy format, and referrers. Upstream: cosign's tag names; OCI 1.1 referrers.
import type { Digest } from '../base/brand.ts';
import { parseDigest } from '../base/brand.ts';
import { get, getIn, isArray, isObject, type JsonValue } from '../base/json.ts';
import { err, ok, type Result } from '../base/result.ts';
import { count } from '../base/text.ts';
import { parseJson } from '../yaml/json.ts';
import { type Artefact, artefactLimits, rejected } from './artefact.ts';
import type { ImageFault, Rejected } from './model.ts';
import type { Asking, Manifest, Registry, Repository } from './registry/registry.ts';

export type Place = {
  readonly repository: Repository;
  /** Before the legacy tags. */
  readonly tagPrefix: string;
  readonly kind: Artefact['kind'];
};

export type Found = {
  readonly artefacts: readonly Artefact[];
  readonly rejected: readonly Rejected[];
  /** Transient or not: what was not found may be behind one of these. */
  readonly faults: readonly ImageFault[];
};

const nothing: Found = { artefacts: [], rejected: [], faults: [] };
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

type Scene = {
  readonly registry: Registry;
  readonly place: Place;
  readonly image: Digest;
  readonly asking: Asking;
};

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
  const founds = await inTurn(listed.slice(0, artefactLimits.count), ({ digest }) =>
    referrer(scene, digest),
  );
  const lists = founds.flatMap((found) => (found.kind === 'layers' ? [found.listed] : []));
  const bad = founds.flatMap((found) => (found.kind === 'rejected' ? [found.rejected] : []));
  const faults = founds.flatMap((found) => (found.kind === 'fault' ? [found.fault] : []));
  const found = await fetchAll(scene, {
    layers: lists.flatMap(({ layers }) => layers),
    isWhole: lists.every(({ isWhole }) => isWhole),
  });
  return {
    artefacts: found.artefacts,
    rejected: [...bad, ...found.rejected],
    faults: [...faults, ...found.faults, ...(complete ? [] : [tooMany(scene)])],
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
  digest: Digest,
): Promise<Referrer> {
  const manifest = await registry.manifest(place.repository, digest, asking);
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

type Layer = {
  readonly digest: Digest;
  readonly size: number;
  readonly mediaType: string;
  readonly annotations: Artefact['annotations'];
};

/** `isWhole`: false when the manifest lists more. */
type Layers = { readonly layers: readonly Layer[]; readonly isWhole: boolean };
type Listed = Layers & { readonly subject: Digest | undefined };

/** The error says what the manifest is. */
function readManifest({ body }: Manifest): Result<Listed, string> {
  const limits = { maxBytes: artefactLimits.manifestBytes, maxDepth: artefactLimits.depth };
  const parsed = parseJson(body, limits);
  const listed = parsed.ok ? get(parsed.value, 'layers') : undefined;
  if (!parsed.ok || !isArray(listed)) return err('is no manifest with layers');
  const looked = listed.slice(0, artefactLimits.count);
  const layers = looked.map(layerOf).filter((layer) => layer !== null);
  if (layers.length < looked.length) return err('has a layer without a sha256 digest');
  const isWhole = looked.length === listed.length;
  const subject = parseDigest(String(getIn(parsed.value, ['subject', 'digest'])));
  return ok({ layers, isWhole, subject });
}

function layerOf(value: JsonValue): Layer | null {
  const digest = parseDigest(String(get(value, 'digest')));
  const size = get(value, 'size');
  if (digest === undefined || typeof size !== 'number') return null;
  const mediaType = String(get(value, 'mediaType') ?? '');
  const annotations = get(value, 'annotations');
  const texts = isObject(annotations) ? Object.entries(annotations) : [];
  return {
    digest,
    size,
    mediaType,
    annotations: Object.fromEntries(texts.map(([key, text]) => [key, String(text)])),
  };
}

async function fetchAll(scene: Scene, { layers, isWhole }: Layers): Promise<Found> {
  const tooLarge = layers.filter(({ size }) => size > artefactLimits.blobBytes);
  const others = layers.filter((layer) => !tooLarge.includes(layer));
  const taken = within(others);
  const fetched = await inTurn(taken, (layer) => fetchLayer(scene, layer));
  const isCut = !isWhole || taken.length < others.length;
  return {
    artefacts: fetched.flatMap((one) => one.artefacts),
    rejected: [...tooLarge.map(oversized), ...fetched.flatMap((one) => one.rejected)],
    faults: [...fetched.flatMap((one) => one.faults), ...(isCut ? [tooMany(scene)] : [])],
  };
}

/** The first ones that fit the limits together. */
function within(layers: readonly Layer[]): readonly Layer[] {
  let bytes = 0;
  const fitting = layers.slice(0, artefactLimits.count).filter(({ size }) => {
    bytes += size;
    return bytes <= artefactLimits.totalBytes;
  });
  return fitting;
}

async function fetchLayer({ registry, place, asking }: Scene, layer: Layer): Promise<Found> {
  const { digest, size, annotations } = layer;
  const body = await registry.blob(place.repository, digest, size, asking);
  if (!body.ok) return { ...nothing, faults: [body.error] };
  if (body.value === null) return { ...nothing, rejected: [missing(digest)] };
  return { ...nothing, artefacts: [{ kind: place.kind, digest, body: body.value, annotations }] };
}

const atOnce = 4;

/** A few at a time: what is fetched is held in memory, and others want the registry too. */
async function inTurn<T, R>(items: readonly T[], ask: (item: T) => Promise<R>): Promise<R[]> {
  const answers: R[] = [];
  for (let start = 0; start < items.length; start += atOnce) {
    answers.push(...(await Promise.all(items.slice(start, start + atOnce).map(ask))));
  }
  return answers;
}

function missing(digest: Digest): Rejected {
  const message = 'is listed by the registry, which does not have it';
  return rejected(digest, { code: 'image-artefact-missing', message });
}

function unreadable(digest: Digest, message: string): Rejected {
  return rejected(digest, { code: 'image-artefact-unreadable', message });
}

function oversized({ digest, size }: Layer): Rejected {
  const message = `has ${size} bytes, and at most ${artefactLimits.blobBytes} are read`;
  return rejected(digest, { code: 'image-artefact-size', message });
}

function tooMany({ place }: Scene): ImageFault {
  const most = count(artefactLimits.count, place.kind);
  const message = `more than ${most} (or ${artefactLimits.totalBytes} bytes of them) are attached to the image; delete what is not needed any more`;
  return { code: 'image-artefacts-limit', message };
}
