// PolicyTest (sekisho.dev/v1alpha1): cases beside a policy, that prove it.
import { operations } from '../../model/attempt.ts';
import {
  anything,
  closed,
  draft,
  list,
  metadata,
  oneOf,
  type Schema,
  text,
  textByKey,
} from './parts.ts';

const object: Schema = { type: 'object' };

export const policyTestSchema: Schema = {
  $schema: draft,
  title: 'PolicyTest',
  ...closed(
    {
      apiVersion: oneOf(['sekisho.dev/v1alpha1']),
      kind: oneOf(['PolicyTest']),
      metadata,
      spec: closed(
        {
          base: { ...object, description: 'The object that the changes of the cases are made to.' },
          cases: list(
            closed(
              {
                name: text,
                object,
                changes: {
                  type: 'object',
                  description:
                    'JSON pointers into the base, and the values to be there; null takes the field out.',
                  propertyNames: { type: 'string', pattern: '^/' },
                  additionalProperties: anything,
                },
                oldObject: object,
                oldChanges: {
                  type: 'object',
                  propertyNames: { type: 'string', pattern: '^/' },
                  additionalProperties: anything,
                },
                operation: oneOf(operations),
                subResource: text,
                user: closed({ username: text, groups: list(text) }),
                namespace: closed({ name: text, labels: textByKey }),
                expect: closed(
                  {
                    allowed: { type: 'boolean' },
                    denied: {
                      ...list(text),
                      description: 'The ids of the rules that deny, all of them.',
                    },
                    findings: {
                      ...list(text),
                      description: 'Paths that must be among the findings.',
                    },
                    warnings: { type: 'integer', minimum: 0 },
                  },
                  ['allowed'],
                ),
              },
              ['name', 'expect'],
            ),
            { minItems: 1 },
          ),
        },
        ['cases'],
      ),
    },
    ['apiVersion', 'kind', 'metadata', 'spec'],
  ),
};
