// The authorizer as expressions see it: questions for a SubjectAccessReview, and answers that are there or not yet.
// Evaluation is synchronous: what has no answer yet is noted, and the expression is run again when it has.

export type UserInfo = {
  readonly username: string;
  readonly uid: string;
  readonly groups: readonly string[];
  readonly extra: Readonly<Record<string, readonly string[]>>;
};

type Access = UserInfo & { readonly verb: string };

/** What a SubjectAccessReview asks; "" for what is not said. Selectors are as they were written. */
export type AuthorizerQuestion =
  | (Access & { readonly kind: 'path'; readonly path: string })
  | (Access & { readonly kind: 'resource' } & ResourceAccess);

export type ResourceAccess = {
  readonly group: string;
  readonly resource: string;
  readonly subresource: string;
  readonly namespace: string;
  readonly name: string;
  readonly fieldSelector: string;
  readonly labelSelector: string;
};

/** `error`: why the authorizer could not say; null when it could. */
export type AuthorizerAnswer = {
  readonly allowed: boolean;
  readonly reason: string;
  readonly error: string | null;
};

export type Authorizer = {
  readonly user: UserInfo;
  /** What the request is for: `authorizer.requestResource`. */
  readonly requestResource: ResourceAccess;
  /** undefined: not known yet, and the question is noted; what depends on it is then unknown. */
  answer(question: AuthorizerQuestion): AuthorizerAnswer | undefined;
};
