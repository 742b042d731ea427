// The JSON Schema of `registries` in a Configuration: one closed object for each host.
const text = { type: 'string', minLength: 1 };

export const registriesSchema = {
  description: 'how registries are reached and trusted; docs/registries.md',
  type: 'array',
  maxItems: 64,
  items: {
    type: 'object',
    additionalProperties: false,
    required: ['host'],
    properties: {
      host: { ...text, description: 'as images name it: registry.example.com:5000' },
      insecure: { type: 'boolean', description: 'plain HTTP' },
      caFile: { ...text, description: 'the only authorities that are believed for it, PEM' },
      mirror: { ...text, description: 'host and path that are asked before it' },
      mirrorOnly: { type: 'boolean', description: 'it is not asked for what its mirror lacks' },
      tokenHosts: {
        description: 'hosts beside its own that may get its credentials for a token',
        type: 'array',
        maxItems: 16,
        items: text,
      },
    },
  },
};
