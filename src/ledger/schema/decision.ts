// The members of a `decision` record: who asked for what, what was decided and why, and what was taken out of it.
import {
  anything,
  closed,
  digest,
  flag,
  list,
  number,
  oneOf,
  open,
  orNull,
  pointer,
  type Schema,
  text,
  time,
  whole,
} from './parts.ts';

const kind = closed({ group: text, version: text, kind: text });
const resource = closed({ group: text, version: text, resource: text });

/** What was too large. */
const cutValue = closed({ cut: { const: true }, bytes: whole, digest });

const operation = closed(
  { op: oneOf('add', 'remove', 'replace'), path: pointer },
  { value: anything },
);
const difference: Schema = {
  ...closed({ patch: list(operation) }),
  description: 'RFC 6902, from object to oldObject',
};
const object: Schema = { type: ['object', 'null'] };

const attempt = closed({
  uid: text,
  origin: oneOf('webhook', 'manifest', 'case', 'record', 'inventory'),
  operation: oneOf('CREATE', 'UPDATE', 'DELETE', 'CONNECT'),
  kind,
  resource,
  subResource: text,
  requestKind: kind,
  requestResource: resource,
  requestSubResource: text,
  name: text,
  namespace: text,
  userInfo: closed({
    username: text,
    uid: text,
    groups: list(text),
    extra: { type: 'object', additionalProperties: list(text) },
  }),
  object: { anyOf: [cutValue, object] },
  oldObject: { anyOf: [cutValue, difference, object] },
  options: { anyOf: [cutValue, object] },
  dryRun: flag,
  now: time,
  deadline: orNull(number),
});

const kinds = oneOf('ValidatingAdmissionPolicy', 'PodSecurity', 'ClusterImagePolicy', 'Sekisho');
const modes = ['enforce', 'audit', 'warn'];

const passed: Schema = {
  ...closed(
    { policy: text, kind: kinds, rule: text, evaluation: { const: 'pass' } },
    { binding: text, param: text, mode: oneOf(...modes), controls: list(text) },
  ),
  description: 'a rule that passed and has nothing to say: what is left out is null or empty',
};

const result = open({
  policy: text,
  binding: orNull(text),
  param: orNull(text),
  kind: kinds,
  rule: text,
  mode: oneOf(...modes, null),
  evaluation: oneOf('pass', 'fail', 'error', 'unknown', 'skip'),
  actions: list(oneOf('deny', 'warn', 'audit')),
  code: orNull(text),
  reason: orNull(text),
  message: text,
  findings: list(open({ path: text, pointer: text, value: anything, message: text, remedy: text })),
  exception: orNull(text),
  controls: list(text),
});

const input = closed({
  port: oneOf('namespace', 'params', 'authorizer', 'images', 'inventory'),
  question: anything,
  answer: anything,
  at: text,
  redacted: list(pointer),
});

const exception = closed({
  name: text,
  rules: list(text),
  reason: text,
  owner: text,
  ticket: text,
  approval: closed({ claimedBy: text, verified: { const: false } }),
  expires: time,
});

const decision = open(
  {
    request: open({ uid: text, operation: text, kind, resource, namespace: text, name: text }),
    allowed: flag,
    policySet: digest,
    results: list({ anyOf: [passed, result] }),
    warnings: list(text),
    auditAnnotations: { type: 'object', additionalProperties: text },
    inputs: list(input),
  },
  {
    mode: { const: 'AuditOnly' },
    wouldDeny: list(text),
    exceptions: list(exception),
    celCost: number,
  },
);

/** Of a request that fits nowhere only this is kept. */
const bareDecision = closed({ allowed: flag, policySet: digest });

export const decisionMembers = {
  replica: text,
  cluster: text,
  engine: text,
  revision: orNull(text),
  durationMs: number,
  stages: orNull(closed({ queue: number, read: number, decide: number })),
  attempt: { anyOf: [attempt, cutValue] },
  decision: { anyOf: [decision, bareDecision] },
  redacted: list(
    closed({
      pointer,
      digest: orNull({ type: 'string', pattern: '^hmac-sha256:[0-9a-f]{64}$' }),
    }),
  ),
  cut: list(pointer),
};
