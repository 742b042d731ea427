// ValidatingAdmissionPolicy, every field of it. Upstream: k8s.io/api/admissionregistration/v1/types.go.
import {
  anything,
  closed,
  draft,
  list,
  matchResources,
  metadata,
  oneOf,
  type Schema,
  text,
} from './parts.ts';

export const failurePolicies = ['Fail', 'Ignore'] as const;
export const reasons = ['Invalid', 'Forbidden', 'RequestEntityTooLarge'] as const;

const matchCondition = closed({ name: text, expression: text }, ['name', 'expression']);
const variable = closed({ name: text, expression: text }, ['name', 'expression']);
const validation = closed(
  { expression: text, message: text, messageExpression: text, reason: oneOf(reasons) },
  ['expression'],
);
const auditAnnotation = closed({ key: text, valueExpression: text }, ['key', 'valueExpression']);

export const validatingAdmissionPolicySchema: Schema = {
  $schema: draft,
  title: 'ValidatingAdmissionPolicy',
  ...closed(
    {
      apiVersion: oneOf([
        'admissionregistration.k8s.io/v1',
        'admissionregistration.k8s.io/v1beta1',
      ]),
      kind: oneOf(['ValidatingAdmissionPolicy']),
      metadata,
      spec: closed(
        {
          failurePolicy: oneOf(failurePolicies),
          paramKind: closed({ apiVersion: text, kind: text }, ['apiVersion', 'kind']),
          matchConstraints: matchResources('rules-required'),
          matchConditions: list(matchCondition, { maxItems: 64 }),
          variables: list(variable),
          validations: list(validation),
          auditAnnotations: list(auditAnnotation, { maxItems: 20 }),
        },
        ['matchConstraints'],
      ),
      status: anything,
    },
    ['apiVersion', 'kind', 'metadata', 'spec'],
  ),
};
