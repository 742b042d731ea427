// The JSON Schema of kind Configuration (sekisho.dev/v1alpha1), made from the one table of settings.
import { maxDrainSeconds, type Setting, settingTable } from './settings.ts';

export const configurationKind = { apiVersion: 'sekisho.dev/v1alpha1', kind: 'Configuration' };

const path = { type: 'string', minLength: 1 };
const shapes: Readonly<Record<Setting['type'], object>> = {
  path,
  paths: { type: 'array', minItems: 1, items: path },
  address: { type: 'string' },
  seconds: { type: 'integer', minimum: 0, maximum: maxDrainSeconds },
};

/** Draft 2020-12. A field that is not in the table is an error. */
export const configurationSchema = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  title: 'Configuration',
  description: 'The settings of `sekisho serve`; each has a flag, which wins over the file.',
  type: 'object',
  required: ['apiVersion', 'kind'],
  additionalProperties: false,
  properties: {
    apiVersion: { const: configurationKind.apiVersion },
    kind: { const: configurationKind.kind },
    ...Object.fromEntries(
      settingTable.map(({ field, type, description }) => [field, { ...shapes[type], description }]),
    ),
  },
};
