// Whether matchConstraints or a binding's matchResources apply to a subject.
// Upstream: k8s.io/apiserver/pkg/admission/plugin/policy/matching and .../webhook/predicates.
import { get, isObject } from '../base/json.ts';
import { everything, type LabelSelector, selects } from '../k8s/selector.ts';
import type { MatchResources, ResourceRule } from '../policy/model.ts';
import type { Subject } from './subject.ts';

/** `equivalent`: only another version of the same resource is named, and conversion is the API server's. */
export type Match = 'yes' | 'no' | 'equivalent';

export type Labels = Readonly<Record<string, string>>;

/** Policies never judge the objects that configure admission policies: a bad policy must stay removable. */
const exemptResources: ReadonlySet<string> = new Set([
  'validatingadmissionpolicies',
  'validatingadmissionpolicybindings',
  'mutatingadmissionpolicies',
  'mutatingadmissionpolicybindings',
]);

export function isExempt({ resource }: Subject): boolean {
  return (
    resource.group === 'admissionregistration.k8s.io' && exemptResources.has(resource.resource)
  );
}

/** All that needs no namespace: the rules, the exclusions and the object selector. */
export function matchesRules(match: MatchResources, subject: Subject): Match {
  if (!matchesObject(match.objectSelector, subject)) return 'no';
  const equivalent = match.matchPolicy === 'Equivalent';
  const excluded = anyRule(match.excludeResourceRules, subject, equivalent);
  if (excluded !== 'no') return excluded === 'yes' ? 'no' : 'equivalent';
  if (match.resourceRules.length === 0) return 'yes';
  return anyRule(match.resourceRules, subject, equivalent);
}

/** `labels` null: a cluster-scoped object that is no Namespace, which every selector matches. */
export function matchesNamespace(match: MatchResources, labels: Labels | null): boolean {
  return labels === null || selects(match.namespaceSelector, labels);
}

function anyRule(rules: readonly ResourceRule[], subject: Subject, equivalent: boolean): Match {
  if (rules.some((rule) => matchesRule(rule, subject) && hasVersion(rule, subject))) return 'yes';
  // The version is all that differs: `*` would have matched above.
  if (equivalent && rules.some((rule) => matchesRule(rule, subject))) return 'equivalent';
  return 'no';
}

function hasVersion(rule: ResourceRule, { resource }: Subject): boolean {
  return hasOrAll(rule.apiVersions, resource.version);
}

function matchesRule(rule: ResourceRule, subject: Subject): boolean {
  const { attempt, resource, subResource } = subject;
  return (
    inScope(rule, subject) &&
    hasOrAll(rule.operations, attempt.operation) &&
    hasOrAll(rule.apiGroups, resource.group) &&
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
function inScope(rule: ResourceRule, { attempt, resource }: Subject): boolean {
  if (rule.scope === '*') return true;
  const isNamespace = resource.group === '' && resource.resource === 'namespaces';
  const clusterScoped = isNamespace || attempt.namespace === '';
  return (rule.scope === 'Cluster') === clusterScoped;
}

function hasOrAll(items: readonly string[], wanted: string): boolean {
  return items.includes('*') || items.includes(wanted);
}

function matchesObject(selector: LabelSelector, subject: Subject): boolean {
  if (isEmpty(selector)) return true;
  return [subject.object, subject.oldObject].some(
    (object) => object !== null && selects(selector, labelsOf(object)),
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
