// The CustomResourceDefinition of PolicyException, made from its JSON Schema: what a cluster takes is what files may say.
// Upstream: apiextensions.k8s.io/v1; a structural schema, where closed objects are the API server's pruning.
import { get, getIn, isArray, isObject, type JsonObject, type JsonValue } from '../../base/json.ts';
import { policyExceptionSchema } from './policy-exception.ts';

const group = 'sekisho.dev';
const plural = 'policyexceptions';

export function exceptionDefinition(): JsonObject {
  const schema: JsonValue = JSON.parse(JSON.stringify(policyExceptionSchema));
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.${group}` },
    spec: {
      group,
      scope: 'Namespaced',
      names: {
        kind: 'PolicyException',
        listKind: 'PolicyExceptionList',
        plural,
        singular: 'policyexception',
        categories: ['sekisho'],
      },
      versions: [
        {
          name: 'v1alpha1',
          served: true,
          storage: true,
          additionalPrinterColumns: columns,
          schema: { openAPIV3Schema: rootOf(schema) },
        },
      ],
    },
  };
}

const columns: JsonValue = [
  { name: 'Rules', type: 'string', jsonPath: '.spec.rules' },
  { name: 'Owner', type: 'string', jsonPath: '.spec.owner' },
  { name: 'Expires', type: 'string', jsonPath: '.spec.expires' },
];

/** The API server has its own schema of metadata, and takes only its own words for apiVersion and kind. */
function rootOf(schema: JsonValue): JsonObject {
  const text = { type: 'string' };
  return {
    type: 'object',
    description: 'A permission to break named rules, for a reason and for a time.',
    required: ['spec'],
    properties: {
      apiVersion: text,
      kind: text,
      metadata: { type: 'object' },
      spec: structural(getIn(schema, ['properties', 'spec']) ?? {}),
    },
  };
}

const kept = ['type', 'description', 'enum', 'minItems', 'maxItems', 'required'] as const;

function structural(schema: JsonValue): JsonObject {
  const words = kept.flatMap((word): [string, JsonValue][] => {
    const value = get(schema, word);
    return value === undefined || (isArray(value) && value.length === 0) ? [] : [[word, value]];
  });
  const [properties, items] = [get(schema, 'properties'), get(schema, 'items')];
  return {
    ...Object.fromEntries(words),
    ...(items === undefined ? {} : { items: structural(items) }),
    ...(isObject(properties)
      ? {
          properties: Object.fromEntries(
            Object.entries(properties).map(([name, inside]) => [name, structural(inside)]),
          ),
        }
      : {}),
  };
}
