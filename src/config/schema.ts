// The JSON Schema of kind Configuration (sekisho.dev/v1alpha1), made from the one table of settings.
import { exportersSchema } from './exporters-schema.ts';
import { registriesSchema } from './registries-schema.ts';
import { settingTable } from './setting-table.ts';
import { maxDrainSeconds, pathOf, type Setting } from './settings.ts';

export const configurationKind = { apiVersion: 'sekisho.dev/v1alpha1', kind: 'Configuration' };

const path = { type: 'string', minLength: 1 };
const shapes: Readonly<Record<Setting['type'], object>> = {
  path,
  paths: { type: 'array', minItems: 1, items: path },
  hosts: { type: 'array', minItems: 1, items: path },
  address: { type: 'string' },
  seconds: { type: 'integer', minimum: 0, maximum: maxDrainSeconds },
  text: { type: 'string' },
  size: { anyOf: [{ type: 'string' }, { type: 'integer' }] },
  period: { type: 'string' },
  outcome: { type: 'string' },
  switch: { type: 'boolean' },
};

/** What settings have in common is an object of its own: `ledger.replica`. */
type Properties = { [name: string]: object };

function propertiesOf(rows: readonly Setting[], depth: number): Properties {
  const properties: Properties = {};
  for (const row of rows) {
    const name = pathOf(row)[depth] ?? row.field;
    if (Object.hasOwn(properties, name)) continue;
    const inside = rows.filter((each) => pathOf(each)[depth] === name);
    properties[name] =
      pathOf(row).length > depth + 1
        ? closedObject(propertiesOf(inside, depth + 1))
        : { ...shapes[row.type], description: row.description };
  }
  return properties;
}

function closedObject(properties: Properties): object {
  return { type: 'object', additionalProperties: false, properties };
}

/** Draft 2020-12. A field that is not in the table is an error. */
export const configurationSchema = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  title: 'Configuration',
  description:
    'The settings of `sekisho serve`; each but `exporters` and `registries` has a flag, which wins over the file.',
  type: 'object',
  required: ['apiVersion', 'kind'],
  additionalProperties: false,
  properties: {
    apiVersion: { const: configurationKind.apiVersion },
    kind: { const: configurationKind.kind },
    ...propertiesOf(settingTable, 0),
    exporters: exportersSchema,
    registries: registriesSchema,
  },
};
