// Which image policies concern a Pod, by everything but the names of its images, and which of those cover an image.
// Upstream: ImagePolicyConfig.GetMatchingPolicies in sigstore/policy-controller, pkg/apis/config/image_policies.go.

import type { JsonObject } from '../../base/json.ts';
import { compileGlob, type Glob, spellingsOf } from '../../images/glob.ts';
import type { GroupVersionResource } from '../../k8s/gvk.ts';
import type { ImageReference } from '../../k8s/image-reference.ts';
import { selects } from '../../k8s/selector.ts';
import type { ImagePolicy } from '../../policy/model.ts';
import { type Labels, labelsOf } from '../match.ts';
import type { Subject } from '../subject.ts';

/** `own` judge the Pod now, `later` once it is made from a template. */
export type Concern = {
  readonly own: readonly ImagePolicy[];
  readonly later: readonly ImagePolicy[];
};

/** `labels`: of the namespace; null: there is none, and every selector matches. */
export function concernOf(
  policies: readonly ImagePolicy[],
  { attempt, resource, object, template }: Subject,
  labels: Labels | null,
): Concern {
  const here = policies.filter((policy) => inNamespace(policy, labels));
  return {
    own: here.filter((policy) => matchesAny(policy, attempt.resource, attempt.object)),
    later: template ? here.filter((policy) => matchesAny(policy, resource, object)) : [],
  };
}

/** The same before the update. */
export function concernBefore(
  policies: readonly ImagePolicy[],
  subject: Subject,
  labels: Labels | null,
): Concern {
  const { attempt, oldObject } = subject;
  const before = { ...attempt, object: attempt.oldObject };
  return concernOf(policies, { ...subject, attempt: before, object: oldObject }, labels);
}

/** Whether the policy names this kind of object, and not just any. */
export function isForKind({ match }: ImagePolicy, resource: GroupVersionResource): boolean {
  return match.some((each) => isFor(each, resource));
}

export function coveringPolicies(
  policies: readonly ImagePolicy[],
  reference: ImageReference,
): readonly ImagePolicy[] {
  if (policies.length === 0) return policies;
  const spellings = spellingsOf(reference);
  return policies.filter(({ globs }) => globsOf(globs).some((covers) => covers(spellings)));
}

const compiled = new WeakMap<readonly string[], readonly Glob[]>();

function globsOf(globs: readonly string[]): readonly Glob[] {
  const known = compiled.get(globs) ?? globs.map(compileGlob);
  compiled.set(globs, known);
  return known;
}

function inNamespace({ namespaceSelector }: ImagePolicy, labels: Labels | null): boolean {
  return namespaceSelector === null || labels === null || selects(namespaceSelector, labels);
}

function matchesAny(
  { match }: ImagePolicy,
  resource: GroupVersionResource,
  object: JsonObject | null,
): boolean {
  if (match.length === 0) return true;
  return match.some(
    (each) =>
      isFor(each, resource) && (each.selector === null || selects(each.selector, labelsOf(object))),
  );
}

function isFor(
  wanted: ImagePolicy['match'][number],
  { group, version, resource }: GroupVersionResource,
): boolean {
  const isOrAll = (each: string, value: string): boolean => each === '*' || each === value;
  return (
    isOrAll(wanted.group, group) &&
    isOrAll(wanted.version, version) &&
    isOrAll(wanted.resource, resource)
  );
}
