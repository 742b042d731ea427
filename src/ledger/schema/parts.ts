// Pieces that the schemas of records are made of. JSON Schema, draft 2020-12.
export type Schema = { readonly [key: string]: unknown };

export const text: Schema = { type: 'string' };
export const whole: Schema = { type: 'integer', minimum: 0 };
export const number: Schema = { type: 'number', minimum: 0 };
export const flag: Schema = { type: 'boolean' };
export const anything: Schema = {};
export const hex: Schema = { type: 'string', pattern: '^[0-9a-f]{64}$' };
export const digest: Schema = { type: 'string', pattern: '^sha256:[0-9a-f]{64}$' };
export const publicKey: Schema = { type: 'string', pattern: '^[0-9A-Za-z+/]{43}=$' };
export const pointer: Schema = { type: 'string', pattern: '^(/.*)?$' };
/** RFC 3339 in UTC. */
export const time: Schema = {
  type: 'string',
  pattern: '^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}(\\.\\d+)?Z$',
};

export function orNull(schema: Schema): Schema {
  return { anyOf: [schema, { type: 'null' }] };
}

export function list(items: Schema): Schema {
  return { type: 'array', items };
}

export function oneOf(...values: readonly (string | null)[]): Schema {
  return { enum: values };
}

type Members = Readonly<Record<string, Schema>>;

/** Exactly these members; those of `optional` may be absent. */
export function closed(required: Members, optional: Members = {}): Schema {
  const properties = { ...required, ...optional };
  return {
    type: 'object',
    required: Object.keys(required),
    additionalProperties: false,
    properties,
  };
}

/** At least these members: later versions of the engine may say more. */
export function open(required: Members, optional: Members = {}): Schema {
  return {
    type: 'object',
    required: Object.keys(required),
    properties: { ...required, ...optional },
  };
}
