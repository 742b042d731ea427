// The CEL conditions of image policies over what was verified. What comes from a registry and was not verified has no way in.
// Upstream: policy.type of ClusterImagePolicy, which knows cue and rego; the names are those of policy/images/conditions.ts.
import type { Digest } from '../../base/brand.ts';
import type { Code } from '../../base/codes.ts';
import type { JsonObject, JsonValue } from '../../base/json.ts';
import { cut, printable } from '../../base/text.ts';
import { activate } from '../../cel/activation.ts';
import { parseTimestamp } from '../../cel/library/time-text.ts';
import type { Budget, Roots } from '../../cel/program.ts';
import type { VerifiedAttestation, VerifiedSignature } from '../../images/model.ts';
import type { ImageReference } from '../../k8s/image-reference.ts';
import type { ImageCondition } from '../../policy/model.ts';

/** What all conditions on the images of one Pod see, and what they may spend together. */
export type Scene = {
  readonly object: JsonObject | null;
  /** Made when the first condition needs it. */
  readonly namespaceObject: () => JsonValue;
  /** RFC 3339. */
  readonly now: string;
  readonly budget: Budget;
  readonly pause: () => Promise<void> | undefined;
};

export type Held =
  | { readonly kind: 'yes' }
  | { readonly kind: 'no' | 'unknown'; readonly code: Code; readonly why: string };

/** As conditions see them: see policy/images/conditions.ts. */
export type SeenAttestation = {
  readonly statement: JsonObject;
  readonly signature: Readonly<Record<string, unknown>>;
};
export type AuthorityMatch = {
  readonly signatures: readonly Readonly<Record<string, unknown>>[];
  readonly attestations: Readonly<Record<string, readonly SeenAttestation[]>>;
};

const maxSource = 200;

/** An error is no "yes", whatever it is an error of. */
export async function holds(
  { program, message }: ImageCondition,
  extra: Readonly<Record<string, unknown>>,
  scene: Scene,
): Promise<Held> {
  const wait = scene.pause();
  if (wait !== undefined) await wait;
  const { object, namespaceObject, now, budget } = scene;
  const nothing = { oldObject: null, request: null };
  const roots: Roots = {
    object,
    namespaceObject: namespaceObject(),
    ...nothing,
    extra: { ...extra, now: parseTimestamp(now) },
  };
  const outcome = program.evaluate(activate(roots, [], budget));
  const source = cut(printable(program.source.trim()), maxSource);
  if (outcome.kind === 'error') {
    return { kind: 'no', code: outcome.code, why: `${source}: ${cut(outcome.message, maxSource)}` };
  }
  if (outcome.kind === 'value') {
    if (outcome.value === true) return { kind: 'yes' };
    return { kind: 'no', code: 'image-condition', why: message || `${source} is false` };
  }
  const why = `depends on what is not known: ${outcome.paths.join(', ')}`;
  return { kind: 'unknown', code: 'value-unknown', why };
}

/** Threat: hosts have no case, to globs neither; and beside a digest anybody may write any tag, and nothing looks whether it
 * names that image. */
export function seenImage(
  { registry, path, tag, digest: written }: ImageReference,
  digest: Digest | null,
): JsonObject {
  const seen = written === null ? (tag ?? '') : '';
  return { registry: registry.toLowerCase(), repository: path, tag: seen, digest: digest ?? '' };
}

/** Threat: anybody may have an old signature logged or stamped anew. Only a certificate that was valid for minutes makes
 * the time of a witness the time of the signature; a bare key has none. */
export function seenSignature(signature: VerifiedSignature): Readonly<Record<string, unknown>> {
  const { issuer, subject, annotations, extensions, signedAt } = signature;
  const isOfKey = subject === null;
  const time = signedAt === null || isOfKey ? {} : { signedAt: parseTimestamp(signedAt) };
  return { issuer: issuer ?? '', subject: subject ?? '', annotations, extensions, ...time };
}

export function seenAttestation(attestation: VerifiedAttestation): SeenAttestation {
  return { statement: attestation.statement, signature: seenSignature(attestation) };
}
