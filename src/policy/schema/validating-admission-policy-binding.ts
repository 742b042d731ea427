// ValidatingAdmissionPolicyBinding, every field. Upstream: k8s.io/api/admissionregistration/v1/types.go.
import { labelSelector, matchResources, metadata } from './selector.ts';

export const validatingAdmissionPolicyBindingSchema = {
  type: 'object',
  required: ['apiVersion', 'kind', 'metadata', 'spec'],
  properties: {
    apiVersion: { type: 'string' },
    kind: { type: 'string' },
    metadata,
    spec: {
      type: 'object',
      required: ['policyName', 'validationActions'],
      properties: {
        policyName: { type: 'string', minLength: 1 },
        paramRef: {
          type: 'object',
          required: ['parameterNotFoundAction'],
          properties: {
            name: { type: 'string', minLength: 1 },
            namespace: { type: 'string', minLength: 1 },
            selector: labelSelector,
            parameterNotFoundAction: { enum: ['Allow', 'Deny'] },
          },
          additionalProperties: false,
        },
        matchResources,
        validationActions: {
          type: 'array',
          minItems: 1,
          uniqueItems: true,
          items: { enum: ['Deny', 'Warn', 'Audit'] },
        },
      },
      additionalProperties: false,
    },
  },
  additionalProperties: false,
} as const;
