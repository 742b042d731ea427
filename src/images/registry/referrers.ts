// What refers to a manifest: the referrers API page by page, and the tag that stands in for it where there is none, always
// both. A descriptor's artifactType is never believed. Upstream: OCI distribution specification 1.1, "Listing Referrers".
import { type Digest, parseDigest } from '../../base/brand.ts';
import { get, isArray } from '../../base/json.ts';
import { ok, type Result } from '../../base/result.ts';
import { artefactLimits } from '../artefact.ts';
import type { ImageFault } from '../model.ts';
import { readJson } from './body.ts';
import type { Question, Reply } from './exchange.ts';
import { fault } from './faults.ts';
import { indexType, listLimits, mediaTypeOf, otherType } from './manifests.ts';
import type { Descriptor, Referrers } from './registry.ts';

export const maxReferrers = artefactLimits.count;
export const maxPages = 10;

export type Page = { readonly listed: Referrers; readonly next: string | null };

/** Of the referrers API. */
export async function readPage(
  reply: Reply,
  question: Question,
): Promise<Result<Page, ImageFault>> {
  const type = mediaTypeOf(reply);
  if (type !== indexType) return otherType(reply, question, type);
  const read = await readJson(reply, question, listLimits);
  if (!read.ok) return read;
  const listed = listIn(read.value);
  if (listed === undefined) {
    return fault('registry-answer', `${reply.url.host} sends ${question.what} that is no index`);
  }
  const next = nextIn(reply, question);
  if (next !== undefined) return ok({ listed, next });
  return ok({ listed: { ...listed, complete: false }, next: null });
}

/** Of an index; undefined for what is none. */
export function listIn(index: unknown): Referrers | undefined {
  const manifests = get(index, 'manifests');
  if (!isArray(manifests)) return undefined;
  const listed = manifests.slice(0, maxReferrers).flatMap(descriptorIn);
  return { listed, complete: listed.length === manifests.length };
}

function descriptorIn(value: unknown): Descriptor[] {
  const [mediaType, digest, size] = [
    get(value, 'mediaType'),
    get(value, 'digest'),
    get(value, 'size'),
  ];
  const parsed = typeof digest === 'string' ? parseDigest(digest) : undefined;
  const isWhole = parsed !== undefined && typeof mediaType === 'string' && isSize(size);
  return isWhole ? [{ mediaType, digest: parsed, size }] : [];
}

/** Threat: with less than nothing a sum of sizes stays below any limit. */
export function isSize(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

/** `</v2/shop/web/referrers/sha256:…?last=…>; rel="next"`: undefined where it leads to another host, which is not asked. */
function nextIn({ headers, url }: Reply, { url: asked }: Question): string | null | undefined {
  const link = /<([^>]{1,2048})>\s*;\s*rel="?next"?/.exec(String(headers['link'] ?? ''));
  if (link === null) return null;
  const next = URL.parse(link[1] ?? '', url.href);
  return next?.origin === asked.origin ? next.href : undefined;
}

/** Each once, the first that are told. */
export function merged(lists: readonly Referrers[]): Referrers {
  const each = new Map<Digest, Descriptor>();
  for (const { listed } of lists) {
    for (const descriptor of listed) {
      if (!each.has(descriptor.digest)) each.set(descriptor.digest, descriptor);
    }
  }
  const complete = lists.every((list) => list.complete) && each.size <= maxReferrers;
  return { listed: [...each.values()].slice(0, maxReferrers), complete };
}
