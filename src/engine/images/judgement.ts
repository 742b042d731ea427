// What an image policy says of one image: the words that authorities, conditions and policies are judged in.
// "Unsigned", "signed by somebody else" and "could not be found out" are never one another.
import type { Digest } from '../../base/brand.ts';
import type { Code } from '../../base/codes.ts';
import type { ImageEvidence } from '../../images/model.ts';

/** `fix`: what to do, a sentence without its full stop. */
export type Refused = {
  readonly kind: 'refused';
  readonly code: Code;
  /** Reads on from the name of the image: `is not signed: …`. */
  readonly why: string;
  readonly fix: string;
};

/** A registry or a verifier did not answer: this is no verdict on the image. */
export type Undecided = {
  readonly kind: 'undecided';
  readonly code: Code;
  readonly why: string;
};

/** A condition reads what was redacted or not recorded. */
export type Unknown = { readonly kind: 'unknown'; readonly code: Code; readonly why: string };

/** `digest`: what was verified; null when nothing had to be. */
export type Satisfied = { readonly kind: 'satisfied'; readonly digest: Digest | null };

export type Judgement = Satisfied | Refused | Undecided | Unknown;

/** `not-asked`: there is nobody to ask. `at`: RFC 3339, when it was found. */
export type Evidence =
  | { readonly kind: 'known'; readonly evidence: ImageEvidence; readonly at: string }
  | { readonly kind: 'fault'; readonly code: Code; readonly message: string }
  | { readonly kind: 'not-asked' };
