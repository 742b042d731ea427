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

function described(schema: Schema, description: string): Schema {
  return { ...schema, description };
}

const changes: Schema = {
  type: 'object',
  description:
    'JSON pointers into the object, or into the base where the case has none, and the values to be there; null takes the field out.',
  propertyNames: { type: 'string', pattern: '^/' },
  additionalProperties: anything,
};

const filled: Schema = { type: 'string', minLength: 1 };

const file = described(
  filled,
  'The file of the object, which holds one document: relative to the file of the test.',
);

const resource = described(
  closed({ group: text, version: text, resource: text, scope: oneOf(['Cluster', 'Namespaced']) }, [
    'group',
    'version',
    'resource',
  ]),
  'Where the object is sent, where its kind does not tell; Namespaced unless scope says otherwise.',
);

const expectation = closed(
  {
    allowed: { type: 'boolean' },
    denied: described(list(text), 'The ids of the rules that deny, all of them.'),
    warned: described(list(text), 'The ids of the rules that warn, all of them.'),
    wouldDeny: described(
      list(text),
      'Under mode AuditOnly: the ids of the rules that would deny, all of them.',
    ),
    excused: described(list(text), 'The ids of the rules that an exception excuses, all of them.'),
    errors: described(
      list(text),
      'The ids of the rules that end in an error, all of them but those that deny. Any other error fails the case.',
    ),
    findings: described(list(text), 'Paths that must be among the findings.'),
    warnings: {
      description: 'How many warnings are given; or a part of each of them, and none is left over.',
      if: { type: 'array' },
      // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema.
      then: list(text),
      else: { type: 'integer', minimum: 0 },
    },
    message: described(text, 'A part of what some rule that denies says.'),
  },
  ['allowed'],
);

const policyCase = closed(
  {
    name: filled,
    object,
    file,
    changes,
    oldObject: object,
    oldFile: file,
    oldChanges: changes,
    operation: oneOf(operations),
    resource,
    subResource: text,
    objectName: described(text, 'request.name, where the object does not say it (CONNECT).'),
    user: closed({
      username: text,
      uid: text,
      groups: list(text),
      extra: { type: 'object', additionalProperties: list(text) },
    }),
    namespace: described(
      closed({ name: text, labels: textByKey, annotations: textByKey }),
      'The namespace of the object, as the cluster has it.',
    ),
    params: described(list(object), 'Param objects that the cluster has, beside those of files.'),
    time: described(text, 'The moment of the attempt, RFC 3339; without it, now.'),
    dryRun: { type: 'boolean' },
    expect: expectation,
  },
  ['name', 'expect'],
);

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
          policies: described(
            list(text, { minItems: 1 }),
            'The names of the policies that the cases are about, pod-security for Pod Security; the others are left out.',
          ),
          base: described(object, 'The object that the changes of the cases are made to.'),
          cases: list(policyCase, { minItems: 1 }),
        },
        ['cases'],
      ),
    },
    ['apiVersion', 'kind', 'metadata', 'spec'],
  ),
};
