// The only way out of the engine. `Turn` is no input; all the others answer from outside and are recorded.
import type { Code } from '../base/codes.ts';
import type { JsonObject } from '../base/json.ts';
import type { Result } from '../base/result.ts';
import type { AuthorizerAnswer, AuthorizerQuestion } from '../cel/authorizer.ts';
import type { ImageBounds, ImageEvidence, ImageQuestion } from '../images/model.ts';

/** Why a port has no answer. In the webhook this is an error of the rules that need it, in `check` unknown. */
export type PortFault = { readonly code: Code; readonly message: string };

/** `at`: RFC 3339, when the value was true. */
export type Answer<T> = { readonly value: T; readonly at: string };

/** `namespaced`: whether objects of the kind are in namespaces, where that is known. */
export type ParamsAnswer = Answer<readonly JsonObject[]> & { readonly namespaced?: boolean };

export type ParamsQuestion = {
  readonly apiVersion: string;
  readonly kind: string;
  /** undefined: a cluster-scoped kind. */
  readonly namespace?: string;
  /** undefined: every object (a selector is applied by the engine). */
  readonly name?: string;
};

/** `total`: how many there are; more than these when that was the limit, or the time was up. */
export type InventoryAnswer = Answer<readonly JsonObject[]> & { readonly total: number };

export type InventoryQuestion = {
  readonly namespace: string;
  /** Pods, at most. */
  readonly limit: number;
  /** Milliseconds, at most. */
  readonly within: number;
};

export type Ports = {
  /** The Namespace object (metadata at least); a fault when it cannot be had. */
  namespace(name: string): Promise<Result<Answer<JsonObject>, PortFault>>;
  /** Param objects outside the policy set; an empty list when there are none. */
  params(question: ParamsQuestion): Promise<Result<ParamsAnswer, PortFault>>;
  /** What a SubjectAccessReview says; absent where there is no API server to ask. */
  authorizer?(question: AuthorizerQuestion): Promise<Result<Answer<AuthorizerAnswer>, PortFault>>;
  /** What is verified of an image; absent where image policies are not evaluated (`check` without --verify-images). */
  images?(
    question: ImageQuestion,
    bounds: ImageBounds,
  ): Promise<Result<Answer<ImageEvidence>, PortFault>>;
  /** The pods that run in a namespace now; absent where there is no cluster to ask. */
  inventory?(question: InventoryQuestion): Promise<Result<InventoryAnswer, PortFault>>;
  readonly turn: Turn;
};

export type Turn = {
  /** Milliseconds since the attempt arrived, on a monotonic clock. */
  elapsed(): number;
  /** Lets the event loop run. */
  yield(): Promise<void>;
};
