// PodSecurityConfiguration, alone or inside an AdmissionConfiguration.
// Upstream: k8s.io/pod-security-admission/admission/api/v1, k8s.io/apiserver/pkg/apis/apiserver/v1.
const strings = {
  type: 'array',
  items: { type: 'string', minLength: 1 },
  uniqueItems: true,
} as const;
const level = { enum: ['privileged', 'baseline', 'restricted'] } as const;
const version = { type: 'string', pattern: '^(latest|v1\\.(0|[1-9][0-9]{0,4}))$' } as const;

export const podSecurityConfigurationSchema = {
  type: 'object',
  required: ['apiVersion', 'kind'],
  properties: {
    apiVersion: {
      enum: [
        'pod-security.admission.config.k8s.io/v1',
        'pod-security.admission.config.k8s.io/v1beta1',
      ],
    },
    kind: { const: 'PodSecurityConfiguration' },
    metadata: { type: 'object' },
    defaults: {
      type: 'object',
      properties: {
        enforce: level,
        'enforce-version': version,
        audit: level,
        'audit-version': version,
        warn: level,
        'warn-version': version,
      },
      additionalProperties: false,
    },
    exemptions: {
      type: 'object',
      properties: { usernames: strings, namespaces: strings, runtimeClasses: strings },
      additionalProperties: false,
    },
  },
  additionalProperties: false,
} as const;

export const admissionConfigurationSchema = {
  type: 'object',
  required: ['apiVersion', 'kind', 'plugins'],
  properties: {
    apiVersion: { enum: ['apiserver.config.k8s.io/v1', 'apiserver.config.k8s.io/v1beta1'] },
    kind: { const: 'AdmissionConfiguration' },
    plugins: {
      type: 'array',
      items: {
        type: 'object',
        required: ['name'],
        properties: {
          name: { type: 'string' },
          path: { type: 'string' },
          configuration: { type: 'object' },
        },
        additionalProperties: false,
      },
    },
  },
  additionalProperties: false,
} as const;
