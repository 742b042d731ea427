// Manifests and blobs as a registry sends them: of a known media type, whole, and with the digest they were asked by.
// Upstream: OCI image specification (manifest, index), Docker image manifest v2 schema 2; CVE-2021-41190.
import { type Digest, parseDigest } from '../../base/brand.ts';
import { get, type JsonValue } from '../../base/json.ts';
import { ok, type Result } from '../../base/result.ts';
import { cut, quote } from '../../base/text.ts';
import { parseJson } from '../../yaml/json.ts';
import { artefactLimits } from '../artefact.ts';
import type { ImageFault } from '../model.ts';
import { readBody } from './body.ts';
import type { Question, Reply } from './exchange.ts';
import { type Failed, fault } from './faults.ts';
import type { Manifest } from './registry.ts';

export const indexType = 'application/vnd.oci.image.index.v1+json';
const indexTypes = [indexType, 'application/vnd.docker.distribution.manifest.list.v2+json'];
const imageTypes = [
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.v2+json',
];
const mediaTypes = new Set([...imageTypes, ...indexTypes]);
export const manifestAccept = [...mediaTypes].join(', ');
/** Room for twice as many artefacts as are fetched, signatures with certificates: more holds the event loop for too long. */
export const listLimits = {
  bytes: artefactLimits.manifestBytes,
  parts: 2 * 40 * artefactLimits.count,
} as const;

/** `reference`: a tag or a digest. */
export async function readManifest(
  reply: Reply,
  question: Question,
  reference: string,
  bytesAtMost: number,
): Promise<Result<Manifest, ImageFault>> {
  const mediaType = mediaTypeOf(reply);
  if (!mediaTypes.has(mediaType)) return otherType(reply, question, mediaType);
  const read = await readBody(reply, question, { ...listLimits, bytes: bytesAtMost });
  if (!read.ok) return read;
  const { bytes, digest } = read.value;
  const said = parseDigest(String(reply.headers['docker-content-digest'] ?? ''));
  const wanted = parseDigest(reference) ?? said ?? digest;
  if (wanted !== digest) return otherBytes(reply, question);
  const parsed = parseJson(bytes, { maxBytes: listLimits.bytes, maxDepth: artefactLimits.depth });
  if (parsed.ok && isOfType(parsed.value, mediaType)) {
    return ok({ digest, mediaType, value: parsed.value });
  }
  const why = parsed.ok
    ? 'that can be read as two things'
    : `that is not read: ${parsed.error.message}`;
  return fault('registry-answer', `${reply.url.host} sends ${question.what} ${why}`);
}

/** The same bytes must not be an image to one reader and an index to another. */
function isOfType(value: JsonValue, mediaType: string): boolean {
  const own = get(value, 'mediaType');
  const other = get(value, indexTypes.includes(mediaType) ? 'layers' : 'manifests');
  return (own === undefined || own === mediaType) && other === undefined;
}

export function mediaTypeOf({ headers }: Reply): string {
  return (String(headers['content-type'] ?? '').split(';')[0] ?? '').trim().toLowerCase();
}

export function otherType({ url, body }: Reply, { what }: Question, type: string): Failed {
  body.destroy();
  const told = `${url.host} sends ${what} as ${quote(cut(type, 120))}`;
  const fix = type.includes('manifest.v1+')
    ? 'push the image again with a tool of today'
    : 'which is not read';
  return fault('registry-answer', `${told}: ${fix}`);
}

export async function readBlob(
  reply: Reply,
  question: Question,
  digest: Digest,
  limit: number,
): Promise<Result<Uint8Array, ImageFault>> {
  const read = await readBody(reply, question, { bytes: limit });
  if (!read.ok) return read;
  return read.value.digest === digest ? ok(read.value.bytes) : otherBytes(reply, question);
}

function otherBytes({ url }: Reply, { what }: Question): Failed {
  const message = `${url.host} sends other bytes than the digest of ${what} says: it, or somebody on the way, changes them`;
  return fault('registry-digest', message);
}
