// ValidatingAdmissionPolicy, every field. Upstream: k8s.io/api/admissionregistration/v1/types.go.
import { matchResources, metadata } from './selector.ts';

const expression = { type: 'string', pattern: '\\S' } as const;
const celName = { type: 'string', pattern: '^[A-Za-z_][A-Za-z0-9_]*$' } as const;
/** The name part of a qualified name. */
const qualifiedName = {
  type: 'string',
  pattern: '^([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$',
  maxLength: 63,
} as const;

export const validatingAdmissionPolicySchema = {
  type: 'object',
  required: ['apiVersion', 'kind', 'metadata', 'spec'],
  properties: {
    apiVersion: { type: 'string' },
    kind: { type: 'string' },
    metadata,
    status: { type: 'object' },
    spec: {
      type: 'object',
      required: ['matchConstraints'],
      properties: {
        failurePolicy: { enum: ['Fail', 'Ignore'] },
        paramKind: {
          type: 'object',
          required: ['apiVersion', 'kind'],
          properties: {
            apiVersion: { type: 'string', minLength: 1 },
            kind: { type: 'string', minLength: 1 },
          },
          additionalProperties: false,
        },
        matchConstraints: { ...matchResources, required: ['resourceRules'] },
        matchConditions: {
          type: 'array',
          maxItems: 64,
          items: {
            type: 'object',
            required: ['name', 'expression'],
            properties: { name: { type: 'string', minLength: 1, maxLength: 317 }, expression },
            additionalProperties: false,
          },
        },
        variables: {
          type: 'array',
          items: {
            type: 'object',
            required: ['name', 'expression'],
            properties: { name: celName, expression },
            additionalProperties: false,
          },
        },
        validations: {
          type: 'array',
          items: {
            type: 'object',
            required: ['expression'],
            properties: {
              expression,
              message: { type: 'string', pattern: '^[^\\r\\n]*$' },
              messageExpression: expression,
              reason: { enum: ['Invalid', 'Forbidden', 'RequestEntityTooLarge'] },
            },
            additionalProperties: false,
          },
        },
        auditAnnotations: {
          type: 'array',
          maxItems: 20,
          items: {
            type: 'object',
            required: ['key', 'valueExpression'],
            properties: { key: qualifiedName, valueExpression: expression },
            additionalProperties: false,
          },
        },
      },
      additionalProperties: false,
    },
  },
  additionalProperties: false,
} as const;
