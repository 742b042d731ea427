// PolicySettings (sekisho.dev/v1alpha1): what no upstream format can say and yet changes a verdict.
import { metadata } from './selector.ts';

export const policySettingsSchema = {
  type: 'object',
  required: ['apiVersion', 'kind', 'metadata', 'spec'],
  properties: {
    apiVersion: { const: 'sekisho.dev/v1alpha1' },
    kind: { const: 'PolicySettings' },
    metadata,
    spec: {
      type: 'object',
      properties: {
        podSecurity: {
          type: 'object',
          properties: { templates: { enum: ['Enforce', 'Warn'] } },
          additionalProperties: false,
        },
      },
      additionalProperties: false,
    },
  },
  additionalProperties: false,
} as const;
