// Whether matchConstraints or a binding's matchResources apply to a subject.
// Upstream: k8s.io/apiserver/pkg/admission/plugin/policy/matching and .../webhook/predicates.
import { get, isObject } from '../base/json.ts';
import { equivalentsOf } from '../k8s/equivalent.ts';
import type { GroupVersionResource } from '../k8s/gvk.ts';
import { everything, type LabelSelector, selects } from '../k8s/selector.ts';
import type { MatchResources, ResourceRule } from '../policy/model.ts';
import type { Subject } from './subject.ts';

/** `equivalent`: only another name of the same objects is in the rules, and conversion is the API server's. */
export type Match = 'yes' | 'no' | 'equivalent';

export type Labels = Readonly<Record<string, string>>;

/** Policies never judge the objects that configure admission policies: a bad policy must stay removable. Nor who asks
 * what it may do: without an answer to that nobody gets in. */
const exempt: ReadonlySet<string> = new Set([
  'admissionregistration.k8s.io/validatingadmissionpolicies',
  'admissionregistration.k8s.io/validatingadmissionpolicybindings',
  'admissionregistration.k8s.io/mutatingadmissionpolicies',
  'admissionregistration.k8s.io/mutatingadmissionpolicybindings',
  'authentication.k8s.io/selfsubjectreviews',
  'authentication.k8s.io/tokenreviews',
  'authorization.k8s.io/localsubjectaccessreviews',
  'authorization.k8s.io/selfsubjectaccessreviews',
  'authorization.k8s.io/selfsubjectrulesreviews',
  'authorization.k8s.io/subjectaccessreviews',
]);

export function isExempt({ resource }: Subject): boolean {
  return exempt.has(`${resource.group}/${resource.resource}`);
}

/** All that needs no namespace: the rules, the exclusions and the object selector. */
export function matchesRules(match: MatchResources, subject: Subject): Match {
  if (!matchesObject(match.objectSelector, subject)) return 'no';
  const equivalent = match.matchPolicy === 'Equivalent';
  const excluded = anyRule(match.excludeResourceRules, subject, equivalent);
  if (excluded === 'yes' || excluded === 'equivalent') return 'no';
  const included =
    match.resourceRules.length === 0 ? 'yes' : anyRule(match.resourceRules, subject, equivalent);
  if (included === 'no') return 'no';
  return included === 'yes' && excluded === 'no' ? 'yes' : 'equivalent';
}

/** `labels` null: a cluster-scoped object that is no Namespace, which every selector matches. */
export function matchesNamespace(match: MatchResources, labels: Labels | null): boolean {
  return labels === null || selects(match.namespaceSelector, labels);
}

/** `maybe`: equivalent if the API server serves the version that is named. */
function anyRule(
  rules: readonly ResourceRule[],
  subject: Subject,
  equivalent: boolean,
): Match | 'maybe' {
  const { resource } = subject;
  if (rules.some((rule) => matchesRule(rule, subject, resource))) return 'yes';
  if (!equivalent) return 'no';
  const others = equivalentsOf(resource);
  if (others === null) {
    const inAnyVersion = (rule: ResourceRule): boolean =>
      matchesRule({ ...rule, apiVersions: ['*'] }, subject, resource);
    return rules.some(inAnyVersion) ? 'maybe' : 'no';
  }
  const named = (rule: ResourceRule): boolean =>
    others.some((other) => matchesRule(rule, subject, other));
  return rules.some(named) ? 'equivalent' : 'no';
}

function matchesRule(
  rule: ResourceRule,
  { attempt, subResource }: Subject,
  resource: GroupVersionResource,
): boolean {
  return (
    inScope(rule, attempt.namespace, resource) &&
    hasOrAll(rule.operations, attempt.operation) &&
    hasOrAll(rule.apiGroups, resource.group) &&
    hasOrAll(rule.apiVersions, resource.version) &&
    rule.resources.some((named) => matchesResource(named, resource.resource, subResource)) &&
    (rule.resourceNames.length === 0 || rule.resourceNames.includes(attempt.name))
  );
}

// `pods/*` matches pods too; `*` matches no subresource; a star before `/status` matches only status.
function matchesResource(named: string, resource: string, subResource: string): boolean {
  const slash = named.indexOf('/');
  const [wanted, wantedSub] =
    slash < 0 ? [named, ''] : [named.slice(0, slash), named.slice(slash + 1)];
  return (
    (wanted === '*' || wanted === resource) && (wantedSub === '*' || wantedSub === subResource)
  );
}

/** A Namespace object is cluster-scoped, although its request carries its own name as the namespace. */
function inScope(rule: ResourceRule, namespace: string, resource: GroupVersionResource): boolean {
  if (rule.scope === '*') return true;
  const isNamespace = resource.group === '' && resource.resource === 'namespaces';
  const clusterScoped = isNamespace || namespace === '';
  return (rule.scope === 'Cluster') === clusterScoped;
}

function hasOrAll(items: readonly string[], wanted: string): boolean {
  return items.includes('*') || items.includes(wanted);
}

/** What a connection is asked with (PodExecOptions) has no metadata, and no selector but the empty one selects that:
 * not even one that asks for a label to be absent. */
function matchesObject(selector: LabelSelector, subject: Subject): boolean {
  if (isEmpty(selector)) return true;
  const isConnect = subject.attempt.operation === 'CONNECT';
  return [subject.object, subject.oldObject].some(
    (object) =>
      object !== null &&
      !(isConnect && get(object, 'metadata') === undefined) &&
      selects(selector, labelsOf(object)),
  );
}

function isEmpty(selector: LabelSelector): boolean {
  return (
    selector === everything ||
    (Object.keys(selector.matchLabels).length === 0 && selector.matchExpressions.length === 0)
  );
}

/** String labels of an object's metadata; anything else there is no label. */
export function labelsOf(object: unknown): Labels {
  const labels = get(get(object, 'metadata'), 'labels');
  if (!isObject(labels)) return {};
  return Object.fromEntries(
    Object.entries(labels).filter((e): e is [string, string] => typeof e[1] === 'string'),
  );
}
