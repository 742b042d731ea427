// Which image policies concern a Pod, by everything but the names of its images, and which of those cover an image.
// Upstream: ImagePolicyConfig.GetMatchingPolicies in sigstore/policy-controller, pkg/apis/config/image_policies.go.

import type { JsonObject } from '../../base/json.ts';
import { covers, spellingsOf } from '../../images/glob.ts';
import type { GroupVersionResource } from '../../k8s/gvk.ts';
import type { ImageReference } from '../../k8s/image-reference.ts';
import { selects } from '../../k8s/selector.ts';
import type { ImagePolicy } from '../../policy/model.ts';
import { type Labels, labelsOf } from '../match.ts';
import type { Subject } from '../subject.ts';

/** `labels`: of the namespace; null: there is none, and every selector matches. */
export function concerningPolicies(
  policies: readonly ImagePolicy[],
  subject: Subject,
  labels: Labels | null,
): readonly ImagePolicy[] {
  const { resource, object } = subject.attempt;
  return policies.filter(
    (policy) => inNamespace(policy, labels) && matchesAny(policy, resource, object),
  );
}

/** Those that will judge the Pod once it is made from a template, and do not judge the template. */
export function laterPolicies(
  policies: readonly ImagePolicy[],
  subject: Subject,
  labels: Labels | null,
): readonly ImagePolicy[] {
  if (!subject.template) return [];
  return policies.filter(
    (policy) => inNamespace(policy, labels) && matchesAny(policy, subject.resource, subject.object),
  );
}

export function coveringPolicies(
  policies: readonly ImagePolicy[],
  reference: ImageReference,
): readonly ImagePolicy[] {
  const spellings = spellingsOf(reference);
  return policies.filter(({ globs }) => globs.some((glob) => covers(glob, spellings)));
}

function inNamespace({ namespaceSelector }: ImagePolicy, labels: Labels | null): boolean {
  return namespaceSelector === null || labels === null || selects(namespaceSelector, labels);
}

function matchesAny(
  { match }: ImagePolicy,
  { group, version, resource }: GroupVersionResource,
  object: JsonObject | null,
): boolean {
  if (match.length === 0) return true;
  const isOrAll = (wanted: string, value: string): boolean => wanted === '*' || wanted === value;
  return match.some(
    (each) =>
      isOrAll(each.group, group) &&
      isOrAll(each.version, version) &&
      isOrAll(each.resource, resource) &&
      (each.selector === null || selects(each.selector, labelsOf(object))),
  );
}
