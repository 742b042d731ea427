// Pieces that several kinds share: metadata as `kubectl get -o yaml` prints it, selectors, resource rules.
// Upstream: k8s.io/apimachinery/pkg/apis/meta/v1 and k8s.io/api/admissionregistration/v1.
const strings = { type: 'array', items: { type: 'string' } } as const;
const texts = { type: 'object', additionalProperties: { type: 'string' } } as const;

/** What the server fills in is taken as it comes; it is no part of the law. */
export const metadata = {
  type: 'object',
  required: ['name'],
  properties: {
    name: {
      type: 'string',
      pattern: '^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$',
      maxLength: 253,
    },
    namespace: { type: 'string' },
    labels: texts,
    annotations: texts,
    generateName: { type: 'string' },
    uid: { type: 'string' },
    resourceVersion: { type: 'string' },
    generation: { type: 'number' },
    creationTimestamp: { type: ['string', 'null'] },
    deletionTimestamp: { type: 'string' },
    deletionGracePeriodSeconds: { type: 'number' },
    selfLink: { type: 'string' },
    finalizers: strings,
    ownerReferences: { type: 'array' },
    managedFields: { type: 'array' },
  },
  additionalProperties: false,
} as const;

export const labelSelector = {
  type: 'object',
  properties: {
    matchLabels: texts,
    matchExpressions: {
      type: 'array',
      items: {
        type: 'object',
        required: ['key', 'operator'],
        properties: {
          key: { type: 'string', minLength: 1 },
          operator: { enum: ['In', 'NotIn', 'Exists', 'DoesNotExist'] },
          values: strings,
        },
        additionalProperties: false,
      },
    },
  },
  additionalProperties: false,
} as const;

const rule = {
  type: 'object',
  required: ['apiGroups', 'apiVersions', 'operations', 'resources'],
  properties: {
    resourceNames: strings,
    operations: {
      type: 'array',
      minItems: 1,
      items: { enum: ['CREATE', 'UPDATE', 'DELETE', 'CONNECT', '*'] },
    },
    apiGroups: { ...strings, minItems: 1 },
    apiVersions: { type: 'array', minItems: 1, items: { type: 'string', minLength: 1 } },
    resources: { type: 'array', minItems: 1, items: { type: 'string', minLength: 1 } },
    scope: { enum: ['Cluster', 'Namespaced', '*'] },
  },
  additionalProperties: false,
} as const;

export const matchResources = {
  type: 'object',
  properties: {
    namespaceSelector: labelSelector,
    objectSelector: labelSelector,
    resourceRules: { type: 'array', items: rule },
    excludeResourceRules: { type: 'array', items: rule },
    matchPolicy: { enum: ['Exact', 'Equivalent'] },
  },
  additionalProperties: false,
} as const;
