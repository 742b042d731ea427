// The door to registries: reading only, and every byte that comes through it has the digest that it was asked by.
// Upstream: the OCI distribution specification 1.1.
import type { Digest } from '../../base/brand.ts';
import type { JsonValue } from '../../base/json.ts';
import type { Result } from '../../base/result.ts';
import type { ImageFault } from '../model.ts';

/** `registry` as in a reference: `docker.io`, `registry.example.com:5000`; `path` below it. */
export type Repository = { readonly registry: string; readonly path: string };

/** `value`: of the bytes that have this digest. */
export type Manifest = {
  readonly digest: Digest;
  readonly mediaType: string;
  readonly value: JsonValue;
};

export type Descriptor = {
  readonly mediaType: string;
  readonly digest: Digest;
  readonly size: number;
};

/** What a list of referrers holds. `complete` false: there is more than is read, so that what is missing may be there. */
export type Referrers = {
  readonly listed: readonly Descriptor[];
  readonly complete: boolean;
};

/** `identity-token`: what a token endpoint takes instead of a name and password. */
export type Login =
  | { readonly kind: 'password'; readonly username: string; readonly password: string }
  | { readonly kind: 'identity-token'; readonly token: string };

/** `where`: `host[:port][/path]` as in a pull secret, with `*` for a part of the host. */
export type CredentialEntry = { readonly where: string; readonly login: Login };

/** What one pod or one configuration logs in with; `id` stands for them in keys of caches in memory, and is written nowhere. */
export type Credentials = { readonly id: string; readonly entries: readonly CredentialEntry[] };

export type Asking = {
  readonly credentials: Credentials | null;
  readonly signal: AbortSignal;
};

/** null is an answer: the registry says that there is no such thing. Anything else that goes wrong is a fault. */
export type Registry = {
  /** What a tag names now; a digest itself, where it is there. */
  resolve(
    repository: Repository,
    reference: string,
    asking: Asking,
  ): Promise<Result<Digest | null, ImageFault>>;
  /** By digest, or by tag; at most `limit` bytes where it is known how many it has. */
  manifest(
    repository: Repository,
    reference: string,
    asking: Asking,
    limit?: number,
  ): Promise<Result<Manifest | null, ImageFault>>;
  /** At most `limit` bytes. */
  blob(
    repository: Repository,
    digest: Digest,
    limit: number,
    asking: Asking,
  ): Promise<Result<Uint8Array | null, ImageFault>>;
  /** What the referrers API and its fallback tag list together, each once and at most 50; empty when there is nothing. */
  referrers(
    repository: Repository,
    digest: Digest,
    asking: Asking,
  ): Promise<Result<Referrers, ImageFault>>;
};
