// What a search for artefacts ends in, and how it says what is missing, broken or too much.
import type { Digest } from '../base/brand.ts';
import { count } from '../base/text.ts';
import { type Artefact, artefactLimits, rejected } from './artefact.ts';
import type { ImageFault, Rejected } from './model.ts';
import type { Asking, Registry, Repository } from './registry/registry.ts';

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

export const nothing: Found = { artefacts: [], rejected: [], faults: [] };

/** One search. */
export type Scene = {
  readonly registry: Registry;
  readonly place: Place;
  readonly image: Digest;
  readonly asking: Asking;
};

export function missing(digest: Digest): Rejected {
  const message = 'is listed by the registry, which does not have it';
  return rejected(digest, { code: 'image-artefact-missing', message });
}

export function unreadable(digest: Digest, message: string): Rejected {
  return rejected(digest, { code: 'image-artefact-unreadable', message });
}

export function tooMany({ place }: Scene): ImageFault {
  const most = count(artefactLimits.count, place.kind);
  const message = `more than ${most} (or ${artefactLimits.totalBytes} bytes of them) are attached to the image; delete what is not needed any more`;
  return { code: 'image-artefacts-limit', message };
}
