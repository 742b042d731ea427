// Which questions about images are the same, and what evidence weighs in memory.
import type { Digest } from '../base/brand.ts';
import type { Authority, AuthorityEvidence } from './model.ts';
import type { Repository } from './registry/registry.ts';

/** What tells questions apart. */
export type Keyed = {
  readonly repository: Repository;
  /** null where there is a digest. */
  readonly tag: string | null;
  readonly digest: Digest | null;
  readonly authorities: readonly Authority[];
  /** What is logged in with. */
  readonly access: { readonly id: string };
  /** Milliseconds: older evidence is looked for again; null: its own time. */
  readonly maxAge: number | null;
};

export function flightKey({ repository, tag, digest, authorities, access, maxAge }: Keyed): string {
  const { registry, path } = repository;
  const ids = authorities.map(({ id }) => id);
  return JSON.stringify([registry, path, digest ?? tag, digest === null, access.id, maxAge, ids]);
}

/** What credentials can read is not shown to who has others. */
export function entryKey({ repository, access }: Keyed, digest: Digest, authority: string): string {
  return [repository.registry, repository.path, digest, authority, access.id].join(' ');
}

/** Bytes, about: all but the statements is small and bounded. */
export function sizeOf({ attestations, signatures, rejected }: AuthorityEvidence): number {
  const statements = attestations.reduce((sum, { statement }) => sum + weightOf(statement), 0);
  return 1000 * (1 + attestations.length + signatures.length + rejected.length) + statements;
}

function weightOf(value: unknown): number {
  if (typeof value === 'string') return 2 * value.length;
  if (typeof value !== 'object' || value === null) return 8;
  const members = Object.entries(value);
  return members.reduce((sum, [key, each]) => sum + 16 + 2 * key.length + weightOf(each), 16);
}
