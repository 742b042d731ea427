// The whole way from a question about an image to what is verified of it: its name, the cache, the registry, the worker.
import { parseDigest } from '../base/brand.ts';
import { err, ok, type Result } from '../base/result.ts';
import { quote } from '../base/text.ts';
import { parseImage, unverifiable } from '../k8s/image-reference.ts';
import { EvidenceCache, type EvidenceClock, type EvidenceEvent } from './evidence.ts';
import { resolveTag, verifyImage } from './image.ts';
import { withMissing } from './missing.ts';
import type {
  ImageBounds,
  ImageEvidence,
  ImageFault,
  ImageQuestion,
  SignatureSource,
} from './model.ts';
import type { Credentials, Registry } from './registry/registry.ts';
import type { ImageVerifier } from './worker/verifier.ts';

/** What one pod logs in with. `id` stands for all of it in the cache. */
export type Access = {
  readonly id: string;
  /** `namespace/name` of each pull secret that is named and does not exist. */
  readonly missing: readonly string[];
  /** null: for the image itself. */
  credentials(source: SignatureSource | null): Credentials | null;
};

/** Nothing but what the operator has given for all pods. */
export const noAccess: Access = { id: '', missing: [], credentials: () => null };

export type LookupParts = {
  readonly registry: Registry;
  readonly verifier: ImageVerifier;
  readonly clock: EvidenceClock;
  /** `within`: milliseconds; null: no bound. */
  readonly access: (
    question: ImageQuestion,
    within: number | null,
  ) => Promise<Result<Access, ImageFault>>;
  readonly told?: (event: EvidenceEvent) => void;
};

export type Looked = { readonly value: ImageEvidence; readonly at: string };

export type Lookup = (
  question: ImageQuestion,
  bounds: ImageBounds,
) => Promise<Result<Looked, ImageFault>>;

export function createLookup({ registry, verifier, clock, access, told }: LookupParts): Lookup {
  const cache = new EvidenceCache<Access>({
    clock,
    ...(told === undefined ? {} : { told }),
    source: {
      resolve: (repository, tag, { credentials }, signal) =>
        resolveTag(registry, repository, tag, { credentials: credentials(null), signal }),
      verify: (image, authorities, { credentials }, signal) =>
        verifyImage(image, authorities, { registry, verifier, credentials, signal }),
    },
  });
  return async (question, bounds) => {
    const parsed = parseImage(question.image);
    const bad = parsed.ok ? unverifiable(parsed.value) : parsed.error;
    if (!parsed.ok || bad !== undefined) {
      return err({ code: 'image-reference', message: `${quote(question.image)} ${bad}` });
    }
    const { registry: host, path, tag, digest } = parsed.value;
    const began = clock.now();
    const granted = await access(question, bounds.within);
    if (!granted.ok) return granted;
    const { within } = bounds;
    const known = await cache.ask({
      repository: { registry: host, path },
      tag,
      digest: parseDigest(digest ?? '') ?? null,
      authorities: question.authorities,
      access: granted.value,
      maxAge: bounds.maxAge,
      within: within === null ? null : Math.max(0, within - (clock.now() - began)),
    });
    const told = withMissing(known, granted.value.missing);
    return told.ok ? ok({ value: told.value.evidence, at: told.value.at }) : told;
  };
}
