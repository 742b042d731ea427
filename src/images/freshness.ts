// How long evidence is good for. A deleted signature is noticed after the longest of these; a key that is taken out of a
// policy at once, since it makes another authority.
import type { Code } from '../base/codes.ts';
import type { Authority, AuthorityEvidence } from './model.ts';

export type Freshness = {
  /** RFC 3339: when it was found. */
  readonly at: string;
  /** The same on the clock that differences are taken of. */
  readonly since: number;
  /** Milliseconds. */
  readonly lasts: number;
};

const hour = 60 * 60_000;
const halfMinute = 30_000;
/** What asking again soon does not change, and what costs most to ask. */
const tooMuch: ReadonlySet<Code> = new Set(['image-artefacts-limit', 'registry-limit']);

/** Milliseconds. INVARIANT: what could not be found out is never kept as absent; that too much is attached is kept as
 * just that. What is incomplete, or still lacks something that may be attached any moment, is looked for again soon. */
export function keepFor(part: AuthorityEvidence, { predicateTypes }: Authority): number {
  const { signatures, attestations, faults } = part;
  const found =
    predicateTypes.length === 0
      ? signatures.length > 0
      : predicateTypes.every((type) => attestations.some((each) => each.predicateType === type));
  const isNothing = signatures.length === 0 && attestations.length === 0;
  const isSure = faults.every(({ code }) => tooMuch.has(code));
  if (faults.length > 0) return isNothing && !isSure ? 0 : halfMinute;
  return found ? hour : halfMinute;
}
