// The layers of a manifest, and the blobs behind them: as many as the limits let through, each fetched once.
import { type Digest, parseDigest } from '../base/brand.ts';
import { get, getIn, isArray, isObject, type JsonValue } from '../base/json.ts';
import { err, ok, type Result } from '../base/result.ts';
import { type Artefact, artefactLimits, rejected } from './artefact.ts';
import { type Found, missing, nothing, type Place, type Scene, tooMany } from './found.ts';
import type { Rejected } from './model.ts';
import { isSize } from './registry/referrers.ts';
import type { Manifest, Registry } from './registry/registry.ts';

type Layer = {
  readonly digest: Digest;
  readonly size: number;
  readonly mediaType: string;
  readonly annotations: Artefact['annotations'];
};

/** `isWhole`: false when the manifest lists more. */
export type Layers = { readonly layers: readonly Layer[]; readonly isWhole: boolean };
type Listed = Layers & { readonly subject: Digest | undefined };

/** The error says what the manifest is. */
export function readManifest({ value }: Manifest): Result<Listed, string> {
  const listed = get(value, 'layers');
  if (!isArray(listed)) return err('is no manifest with layers');
  const looked = listed.slice(0, artefactLimits.count);
  const layers = looked.map(layerOf).filter((layer) => layer !== null);
  if (layers.length < looked.length) return err('has a layer without a sha256 digest or a size');
  const isWhole = looked.length === listed.length;
  const subject = parseDigest(String(getIn(value, ['subject', 'digest'])));
  return ok({ layers, isWhole, subject });
}

function layerOf(value: JsonValue): Layer | null {
  const digest = parseDigest(String(get(value, 'digest')));
  const size = get(value, 'size');
  if (digest === undefined || !isSize(size)) return null;
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

export async function fetchAll(scene: Scene, { layers, isWhole }: Layers): Promise<Found> {
  const tooLarge = layers.filter(({ size }) => size > artefactLimits.blobBytes);
  const others = layers.filter((layer) => !tooLarge.includes(layer));
  const taken = within(others, artefactLimits.totalBytes);
  const fetchBlob = fetchingOnce(scene);
  const fetched = await inTurn(taken, (layer) => fetchLayer(scene.place, layer, fetchBlob));
  const isCut = !isWhole || taken.length < others.length;
  return {
    artefacts: fetched.flatMap((one) => one.artefacts),
    rejected: [...tooLarge.map(oversized), ...fetched.flatMap((one) => one.rejected)],
    faults: [...fetched.flatMap((one) => one.faults), ...(isCut ? [tooMany(scene)] : [])],
  };
}

/** The first ones that fit the limits together. */
export function within<T extends { readonly size: number }>(
  items: readonly T[],
  bytesAtMost: number,
): readonly T[] {
  let bytes = 0;
  return items.slice(0, artefactLimits.count).filter(({ size }) => {
    bytes += size;
    return bytes <= bytesAtMost;
  });
}

type FetchBlob = (layer: Layer) => ReturnType<Registry['blob']>;

/** Signatures of one payload are layers of one blob. */
function fetchingOnce({ registry, place, asking }: Scene): FetchBlob {
  const fetched = new Map<string, ReturnType<FetchBlob>>();
  return ({ digest, size }) => {
    const key = `${digest} ${size}`;
    const body = fetched.get(key) ?? registry.blob(place.repository, digest, size, asking);
    fetched.set(key, body);
    return body;
  };
}

async function fetchLayer({ kind }: Place, layer: Layer, fetchBlob: FetchBlob): Promise<Found> {
  const { digest, annotations } = layer;
  const body = await fetchBlob(layer);
  if (!body.ok) return { ...nothing, faults: [body.error] };
  if (body.value === null) return { ...nothing, rejected: [missing(digest)] };
  return { ...nothing, artefacts: [{ kind, digest, body: body.value, annotations }] };
}

const atOnce = 4;

/** A few at a time: what is fetched is held in memory, and others want the registry too. */
export async function inTurn<T, R>(
  items: readonly T[],
  ask: (item: T) => Promise<R>,
): Promise<R[]> {
  const answers: R[] = [];
  for (let start = 0; start < items.length; start += atOnce) {
    answers.push(...(await Promise.all(items.slice(start, start + atOnce).map(ask))));
  }
  return answers;
}

function oversized({ digest, size }: Layer): Rejected {
  const message = `has ${size} bytes, and at most ${artefactLimits.blobBytes} are read`;
  return rejected(digest, { code: 'image-artefact-size', message });
}
