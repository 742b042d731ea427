// What goes into the worker and what comes out of it: plain data.
import type { Result } from '../../base/result.ts';
import type { AuthorityEvidence, ImageFault } from '../model.ts';
import type { Verification } from '../verify/verify.ts';

/** The authorities of one image. */
export type VerifyRequest = readonly Verification[];

/** In the order of the request. */
export type VerifyAnswer = Result<readonly AuthorityEvidence[], ImageFault>;
