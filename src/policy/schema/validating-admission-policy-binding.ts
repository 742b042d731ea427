// ValidatingAdmissionPolicyBinding, every field of it. Upstream: k8s.io/api/admissionregistration/v1/types.go.
import {
  closed,
  draft,
  labelSelector,
  list,
  matchResources,
  metadata,
  oneOf,
  type Schema,
  text,
} from './parts.ts';

export const notFoundActions = ['Allow', 'Deny'] as const;
export const validationActions = ['Deny', 'Warn', 'Audit'] as const;

export const validatingAdmissionPolicyBindingSchema: Schema = {
  $schema: draft,
  title: 'ValidatingAdmissionPolicyBinding',
  ...closed(
    {
      apiVersion: oneOf([
        'admissionregistration.k8s.io/v1',
        'admissionregistration.k8s.io/v1beta1',
      ]),
      kind: oneOf(['ValidatingAdmissionPolicyBinding']),
      metadata,
      spec: closed(
        {
          policyName: text,
          paramRef: closed(
            {
              name: text,
              namespace: text,
              selector: labelSelector,
              parameterNotFoundAction: oneOf(notFoundActions),
            },
            ['parameterNotFoundAction'],
          ),
          matchResources: matchResources('rules-optional'),
          validationActions: list(oneOf(validationActions), { minItems: 1 }),
        },
        ['policyName', 'validationActions'],
      ),
    },
    ['apiVersion', 'kind', 'metadata', 'spec'],
  ),
};
