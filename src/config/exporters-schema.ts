// The JSON Schema of `exporters` in a Configuration: one closed object for each kind of sink, chosen by its `kind`.
import { exporterKinds, saslMechanisms } from '../ledger/export/settings.ts';

type Fields = Readonly<Record<string, object>>;

const text = { type: 'string', minLength: 1, maxLength: 2048 };
const file = { ...text, description: 'path of a file' };
const period = { type: 'string', description: 'such as 30s, 10m or 1h' };

const name = {
  type: 'string',
  pattern: '^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$',
  description: 'of its cursor and metrics; the kind in lower case when absent',
};

function closed(properties: Fields, required: readonly string[] = []): object {
  return { type: 'object', additionalProperties: false, required, properties };
}

const batch = closed({
  records: { type: 'integer', minimum: 1, maximum: 100_000 },
  bytes: { type: ['string', 'integer'], description: 'such as 512Ki or 8Mi, at most 64Mi' },
  wait: period,
});

const tls = closed({
  caFile: { ...file, description: 'the only authority that is believed, PEM' },
  certFile: { ...file, description: 'our certificate, PEM' },
  keyFile: { ...file, description: 'its key, PEM' },
});

type Kind = (typeof exporterKinds)[number];

const kinds: Readonly<Record<Kind, { fields: Fields; required: readonly string[] }>> = {
  Stdout: { fields: {}, required: [] },
  S3: {
    fields: {
      bucket: { ...text, pattern: '^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$' },
      region: { ...text, pattern: '^[a-z0-9-]{1,64}$' },
      prefix: { ...text, pattern: "^[A-Za-z0-9!_.*'()/-]{1,512}$" },
      endpoint: { ...text, description: 'URL of a server that speaks S3; AWS when absent' },
      pathStyle: { type: 'boolean', description: 'the bucket in the path of the URL' },
      caFile: { ...file, description: 'the only authority that is believed, PEM' },
      credentials: closed({ accessKeyIdFile: file, secretAccessKeyFile: file }, [
        'accessKeyIdFile',
        'secretAccessKeyFile',
      ]),
      objectLock: closed(
        {
          mode: { enum: ['COMPLIANCE', 'GOVERNANCE'] },
          days: { type: 'integer', minimum: 1, maximum: 36_500 },
        },
        ['mode', 'days'],
      ),
    },
    required: ['bucket', 'region'],
  },
  Kafka: {
    fields: {
      brokers: { type: 'array', minItems: 1, maxItems: 64, items: text },
      topic: { ...text, pattern: '^[A-Za-z0-9._-]{1,249}$' },
      tls,
      sasl: closed(
        { mechanism: { enum: [...saslMechanisms] }, usernameFile: file, passwordFile: file },
        ['mechanism', 'usernameFile', 'passwordFile'],
      ),
    },
    required: ['brokers', 'topic'],
  },
  HTTP: {
    fields: {
      url: text,
      headersFile: { ...file, description: 'lines `Name: value`, read for each request' },
      tls,
    },
    required: ['url'],
  },
  Slack: {
    fields: {
      urlFile: { ...file, description: 'holds the URL of an incoming webhook' },
      window: { ...period, description: 'a rule in a namespace is told once in so long' },
      every: { ...period, description: 'least time between two messages' },
      caFile: { ...file, description: 'the only authority that is believed, PEM' },
    },
    required: ['urlFile'],
  },
};

function schemaOf(kind: Kind): object {
  const { fields, required } = kinds[kind];
  return closed({ kind: { const: kind }, name, ...fields, batch }, ['kind', ...required]);
}

export const exportersSchema = {
  description: 'where durable records are forwarded to; docs/exporters.md',
  type: 'array',
  maxItems: 16,
  items: {
    type: 'object',
    discriminator: { propertyName: 'kind' },
    oneOf: exporterKinds.map(schemaOf),
  },
};
