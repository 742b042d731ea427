// What a fake registry holds: bytes by digest, tags by repository, and who refers to whom. Made in memory, or read from
// a folder: `blobs/sha256/<hex>` (manifests too) and `tags.json`, {"shop/web": {"1.4": "sha256:…"}}.
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Digest, parseDigest } from '../../../src/base/brand.ts';
import { get, getIn, type JsonObject, type JsonValue } from '../../../src/base/json.ts';

export const manifestType = 'application/vnd.oci.image.manifest.v1+json';
export const indexType = 'application/vnd.oci.image.index.v1+json';
export const emptyType = 'application/vnd.oci.empty.v1+json';

export type Described = {
  readonly mediaType: string;
  readonly digest: Digest;
  readonly size: number;
  readonly artifactType?: string;
};

export class Content {
  readonly #blobs = new Map<string, Buffer>();
  readonly #tags = new Map<string, Map<string, Digest>>();

  static fromFolder(folder: string): Content {
    const content = new Content();
    for (const name of readdirSync(join(folder, 'blobs', 'sha256'))) {
      content.blob(readFileSync(join(folder, 'blobs', 'sha256', name)));
    }
    const tags: JsonObject = JSON.parse(readFileSync(join(folder, 'tags.json'), 'utf8'));
    for (const [repository, named] of Object.entries(tags)) {
      for (const [tag, text] of Object.entries(named ?? {})) {
        content.tag(repository, tag, digestIn(text));
      }
    }
    return content;
  }

  blob(bytes: Uint8Array | string): Digest {
    const buffer = Buffer.from(bytes);
    const digest = digestOf(buffer);
    this.#blobs.set(digest, buffer);
    return digest;
  }

  manifest(value: JsonObject): Described {
    const bytes = Buffer.from(JSON.stringify(value));
    const mediaType = String(value['mediaType'] ?? manifestType);
    return { mediaType, digest: this.blob(bytes), size: bytes.length };
  }

  tag(repository: string, tag: string, digest: Digest): void {
    const tags = this.#tags.get(repository) ?? new Map<string, Digest>();
    this.#tags.set(repository, tags.set(tag, digest));
  }

  /** The same tags, in another repository. */
  copy(repository: string, other: string): void {
    for (const [tag, digest] of this.#tags.get(repository) ?? []) this.tag(other, tag, digest);
  }

  /** An image of one layer, whose text makes it another image. */
  image(repository: string, tag: string, text = tag): Described {
    const image = this.manifest(artefact({ layer: this.#described(text, 'application/x-layer') }));
    this.tag(repository, tag, image.digest);
    return image;
  }

  /** An artefact that refers to an image, as cosign attaches a bundle; no tag lists it yet. */
  attach(subject: Described, text: string, artifactType = bundleType): Described {
    const layer = this.#described(text, artifactType);
    return { ...this.manifest(artefact({ layer, artifactType, subject })), artifactType };
  }

  /** The tag that lists what refers to an image where there is no referrers API. */
  fallback(repository: string, subject: Digest, listed: readonly Described[]): void {
    const index = { schemaVersion: 2, mediaType: indexType, manifests: listed };
    this.tag(repository, subject.replace(':', '-'), this.manifest(index).digest);
  }

  bytes(digest: string): Buffer | undefined {
    return this.#blobs.get(digest);
  }

  has(repository: string): boolean {
    return this.#tags.has(repository);
  }

  tagged(repository: string, tag: string): Digest | undefined {
    return this.#tags.get(repository)?.get(tag);
  }

  referrers(subject: string): readonly Described[] {
    return [...this.#blobs].flatMap(([digest, bytes]) => {
      const manifest = jsonIn(bytes);
      if (getIn(manifest, ['subject', 'digest']) !== subject) return [];
      const artifactType = get(manifest, 'artifactType');
      const described = { mediaType: mediaTypeOf(bytes), digest: digestIn(digest) };
      const more = typeof artifactType === 'string' ? { artifactType } : {};
      return [{ ...described, size: bytes.length, ...more }];
    });
  }

  #described(text: string, mediaType: string): Described {
    return { mediaType, digest: this.blob(text), size: Buffer.byteLength(text) };
  }
}

const bundleType = 'application/vnd.dev.sigstore.bundle.v0.3+json';

function artefact(parts: {
  readonly layer: Described;
  readonly artifactType?: string;
  readonly subject?: Described;
}): JsonObject {
  const { layer, ...others } = parts;
  const config = { mediaType: emptyType, digest: digestOf(Buffer.from('{}')), size: 2 };
  return { schemaVersion: 2, mediaType: manifestType, config, layers: [layer], ...others };
}

export function digestOf(bytes: Uint8Array): Digest {
  return digestIn(`sha256:${createHash('sha256').update(bytes).digest('hex')}`);
}

export function mediaTypeOf(bytes: Buffer): string {
  const own = get(jsonIn(bytes), 'mediaType');
  return typeof own === 'string' ? own : manifestType;
}

function jsonIn(bytes: Buffer): JsonValue | undefined {
  if (bytes[0] !== 0x7b) return undefined;
  try {
    return JSON.parse(bytes.toString());
  } catch {
    return undefined;
  }
}

function digestIn(text: unknown): Digest {
  const digest = parseDigest(String(text));
  if (digest === undefined) throw new Error(`not a digest: ${String(text)}`);
  return digest;
}
