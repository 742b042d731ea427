// Pieces that the schemas share: closed objects, metadata as `kubectl get -o yaml` prints it, selectors, resource rules.
// Upstream: k8s.io/apimachinery/pkg/apis/meta/v1 and k8s.io/api/admissionregistration/v1.
import { selectorOperators } from '../../k8s/selector.ts';
import { operations } from '../../model/attempt.ts';

export type Schema = Readonly<Record<string, unknown>>;

export const draft = 'https://json-schema.org/draft/2020-12/schema';

export const text: Schema = { type: 'string' };
export const anything: Schema = {};
export const textByKey: Schema = { type: 'object', additionalProperties: text };

/** An object that has these fields and no others. */
export function closed(
  properties: Readonly<Record<string, Schema>>,
  required: readonly string[] = [],
): Schema {
  return { type: 'object', properties, required, additionalProperties: false };
}

export function list(items: Schema, bounds: Schema = {}): Schema {
  return { type: 'array', items, ...bounds };
}

export function oneOf(values: readonly string[]): Schema {
  return { type: 'string', enum: values };
}

const filled = { minItems: 1 };

/** What the server fills in is taken as it comes: it is no part of the law. */
const metadataFields: Readonly<Record<string, Schema>> = {
  name: text,
  namespace: text,
  labels: textByKey,
  annotations: textByKey,
  generateName: anything,
  uid: anything,
  resourceVersion: anything,
  generation: anything,
  creationTimestamp: anything,
  deletionTimestamp: anything,
  deletionGracePeriodSeconds: anything,
  selfLink: anything,
  finalizers: anything,
  ownerReferences: anything,
  managedFields: anything,
};
export const metadata = closed(metadataFields, ['name']);
export const optionalMetadata = closed(metadataFields);

export const labelSelector = closed({
  matchLabels: textByKey,
  matchExpressions: list(
    closed({ key: text, operator: oneOf(selectorOperators), values: list(text) }, [
      'key',
      'operator',
    ]),
  ),
});

export const scopes = ['Cluster', 'Namespaced', '*'] as const;

const resourceRule = closed(
  {
    resourceNames: list(text),
    operations: list(oneOf([...operations, '*']), filled),
    apiGroups: list(text, filled),
    apiVersions: list(text, filled),
    resources: list(text, filled),
    scope: oneOf(scopes),
  },
  ['operations', 'apiGroups', 'apiVersions', 'resources'],
);

export const matchPolicies = ['Exact', 'Equivalent'] as const;

/** A policy must name resources; without rules a binding takes all that its policy matches. */
export function matchResources(required: 'rules-required' | 'rules-optional'): Schema {
  const needed = required === 'rules-required';
  return closed(
    {
      namespaceSelector: labelSelector,
      objectSelector: labelSelector,
      resourceRules: list(resourceRule, needed ? filled : {}),
      excludeResourceRules: list(resourceRule),
      matchPolicy: oneOf(matchPolicies),
    },
    needed ? ['resourceRules'] : [],
  );
}
