// A JSON Schema for each kind of record, version 1 of the format. Published in docs/schemas; a new member is a new
// version only where a reader of the old one would be misled.
import type { RecordKind } from '../format/kinds.ts';
import { decisionMembers } from './decision.ts';
import {
  closed,
  digest,
  flag,
  hex,
  list,
  oneOf,
  orNull,
  publicKey,
  type Schema,
  text,
  time,
  whole,
} from './parts.ts';

type Shape = {
  readonly says: string;
  readonly required: Readonly<Record<string, Schema>>;
  readonly optional?: Readonly<Record<string, Schema>>;
};

const law = { policySet: orNull(digest), revision: orNull(text) };
const file: Schema = { type: 'string', pattern: '^\\d{20}\\.jsonl$' };

const shapes: Readonly<Record<RecordKind, Shape>> = {
  segment: {
    says: 'The first record of every file: whose records these are, what they continue, and the key that signs them.',
    required: {
      ledger: text,
      replica: text,
      cluster: text,
      engine: text,
      segment: { type: 'integer', minimum: 1 },
      why: oneOf('new', 'start', 'size', 'age', 'fault'),
      previous: orNull(closed({ file, seq: whole, hash: hex, bytes: whole })),
      epoch: whole,
      publicKey,
    },
  },
  start: {
    says: 'A server began: by which law, and with which settings.',
    required: {
      engine: text,
      node: text,
      ...law,
      mode: oneOf('Enforce', 'AuditOnly', null),
      settings: { type: 'object' },
    },
  },
  stop: { says: 'A server ended in good order.', required: { reason: text } },
  redaction: {
    says: 'What is taken out of objects from here on.',
    required: { rules: list(text), digest, keyed: flag },
  },
  reload: {
    says: 'A change of the law was tried.',
    required: {
      outcome: oneOf('accepted', 'refused'),
      ...law,
      from: orNull(digest),
      warnings: list(text),
      faults: list(text),
    },
  },
  decision: { says: 'A request that was decided.', required: decisionMembers },
  unreadable: {
    says: 'Bytes that could not be decided, and were refused.',
    required: {
      replica: text,
      code: text,
      message: text,
      uid: orNull(text),
      bytes: orNull(whole),
      sha256: orNull(hex),
    },
    optional: { mode: { const: 'AuditOnly' } },
  },
  refused: {
    says: 'Callers that never got to ask, counted together; one of them as a sample.',
    required: {
      count: { type: 'integer', minimum: 1 },
      from: time,
      to: time,
      sample: closed({ cause: text, address: text }),
    },
  },
  withdrawn: {
    says: 'A decision whose record was durable too late: its answer was a denial.',
    required: { decision: text, cause: text },
  },
  gap: {
    says: 'For a while nothing could be recorded; so many decisions have no record.',
    required: { from: time, to: time, cause: text, denied: whole, allowed: whole },
  },
  checkpoint: {
    says: 'A signed note over all records before it.',
    required: { note: text },
    optional: { next: publicKey },
  },
  retention: {
    says: 'The oldest files are removed; so the chain begins after them.',
    required: { files: list(closed({ file, from: whole, to: whole, hash: hex })) },
  },
};

const version = 1;

/** Draft 2020-12, by kind. */
export const recordSchemas: Readonly<Record<string, Schema>> = Object.fromEntries(
  Object.entries(shapes).map(([kind, { says, required, optional = {} }]) => [
    kind,
    {
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      $id: `https://sekisho.dev/schemas/record-v${version}/${kind}.json`,
      title: `Record of kind ${kind}, version ${version}`,
      description: says,
      ...closed(
        {
          v: { const: version },
          seq: { type: 'integer', minimum: 1 },
          prev: hex,
          kind: { const: kind },
          id: text,
          at: time,
          ...required,
          sum: hex,
        },
        { clock: { const: 'stepped' }, ...optional },
      ),
    },
  ]),
);
