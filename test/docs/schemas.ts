// docs/schemas: the JSON Schema of each kind of record, as `make docs` writes it and a test compares it.
import { recordSchemas } from '../../src/ledger/schema/records.ts';

export const schemaFolder = new URL('../../docs/schemas/record-v1/', import.meta.url);

/** File names and their texts. */
export function schemaFiles(): ReadonlyMap<string, string> {
  return new Map(
    Object.entries(recordSchemas).map(([kind, schema]) => [
      `${kind}.json`,
      `${JSON.stringify(schema, null, 2)}\n`,
    ]),
  );
}
