// What gets into a record: nothing secret, never more than 256 KiB, always one line.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import fc from 'fast-check';
import { test } from 'tap';
import type { JsonObject } from '../../src/base/json.ts';
import { containerPlaces } from '../../src/k8s/containers.ts';
import { workloadKinds } from '../../src/k8s/pod-template.ts';
import type { DecisionBody } from '../../src/ledger/decision-body.ts';
import { decisionText, recordedResult } from '../../src/ledger/decision-text.ts';
import type { LedgerEntry } from '../../src/ledger/entry.ts';
import { maxLine as maxRecord } from '../../src/ledger/format/chain.ts';
import { entryBody, type RecordContext } from '../../src/ledger/record.ts';
import type { Attempt } from '../../src/model/attempt.ts';
import type { RuleResult } from '../../src/model/decision.ts';
import { marker } from '../../src/redact/detectors.ts';
import { createDigester } from '../../src/redact/digest.ts';
import { decodeReview } from '../../src/review/decode.ts';
import { parseJson } from '../../src/yaml/json.ts';
import { entryOf } from './entry.ts';

const secret = 'hunter2-correct-horse';

const context: RecordContext = {
  replica: 'gate-0',
  cluster: 'prod',
  digest: null,
  moment: () => ({ at: '2026-11-21T10:00:00.000Z', stepped: false }),
};

function recordBody(entry: LedgerEntry, changed: Partial<RecordContext> = {}): string {
  return entryBody(entry, { ...context, ...changed }).toString();
}

type Record = {
  readonly attempt: { readonly object: JsonObject };
  readonly redacted: readonly { readonly pointer: string; readonly digest: string | null }[];
  readonly cut: readonly string[];
  readonly decision: { readonly allowed: boolean; readonly results: readonly RuleResult[] };
};

const read = (body: string): Record => JSON.parse(body) as Record;
const pointersOf = (body: string): readonly string[] =>
  read(body).redacted.map(({ pointer }) => pointer);

const pods = [{ group: '', kind: 'Pod', path: [] as readonly string[] }, ...workloadKinds];
for (const { group, kind, path } of pods) {
  for (const place of containerPlaces) {
    test(`environment values of ${place} in a ${kind} are redacted, and listed`, (t) => {
      let object: JsonObject = {
        spec: { [place]: [{ name: 'a' }, { name: 'b', env: [{ name: 'K', value: secret }] }] },
      };
      for (const step of [...path].reverse()) object = { [step]: object };
      const body = recordBody(
        entryOf({ kind: { group, version: 'v1', kind }, object, oldObject: object }),
      );
      t.notOk(body.includes(secret));
      const pointer = `${['', ...path].join('/')}/spec/${place}/1/env/0/value`;
      t.same(pointersOf(body), [`/attempt/object${pointer}`, `/attempt/oldObject${pointer}`]);
      t.ok(body.includes(marker));
      t.end();
    });
  }
}

const encoded = Buffer.from(secret).toString('base64');
const kinds: readonly [string, JsonObject, string][] = [
  ['Secret', { data: { k: encoded } }, '/data/k'],
  ['Secret', { stringData: { k: secret } }, '/stringData/k'],
  ['ConfigMap', { data: { 'a/b': secret } }, '/data/a~1b'],
  ['ConfigMap', { binaryData: { k: encoded } }, '/binaryData/k'],
  [
    'Service',
    { metadata: { annotations: { 'kubectl.kubernetes.io/last-applied-configuration': secret } } },
    '/metadata/annotations/kubectl.kubernetes.io~1last-applied-configuration',
  ],
];

for (const [kind, object, pointer] of kinds) {
  test(`a ${kind}: ${pointer} is redacted`, (t) => {
    const body = recordBody(entryOf({ kind: { group: '', version: 'v1', kind }, object }));
    t.notOk(body.includes(secret) || body.includes(encoded));
    t.same(pointersOf(body), [`/attempt/object${pointer}`]);
    t.end();
  });
}

const result: RuleResult = {
  policy: 'pass',
  binding: 'b',
  param: null,
  kind: 'ValidatingAdmissionPolicy',
  rule: 'pass/rule',
  mode: null,
  evaluation: 'fail',
  actions: ['deny'],
  code: 'validation-failed',
  reason: 'Invalid',
  message: '',
  findings: [],
  exception: null,
  controls: [],
};
const reviews = new URL('../fixtures/reviews/', import.meta.url);
const reviewNames = readdirSync(reviews).filter((each) => each.endsWith('.json'));

function attemptIn(name: string): Attempt {
  const bytes = readFileSync(new URL(name, reviews));
  const parsed = parseJson(bytes, { maxBytes: 1e7, maxDepth: 256 });
  if (!parsed.ok) throw new Error(parsed.error.message);
  const attempt = decodeReview(parsed.value, { now: '2026-11-21T10:00:00Z', deadline: null });
  if (!attempt.ok) throw new Error(attempt.error.message);
  return attempt.value;
}

for (const name of reviewNames) {
  test(`a real review leaves no secret: ${name}`, (t) => {
    const body = recordBody(entryOf(attemptIn(name)));
    t.notMatch(body, /not-a-real|bm90LWEtcmVhb/);
    t.notOk(body.includes('managedFields'));
    t.equal(body.split('\n').length, 1);
    t.end();
  });
}

test('the records of real reviews are byte for byte what they were', (t) => {
  const pass = { ...result, evaluation: 'pass', actions: [], code: null, reason: null } as const;
  const told = { ...result, message: 'not “this”\n', controls: ['NIST'] };
  const inputs = [
    { port: 'namespace', question: 'n', answer: { a: 1 }, at: '', redacted: ['/a'] },
  ] as const;
  const digest = createDigester(Buffer.alloc(32, 7));
  const lines = reviewNames.map((name, i) => {
    const decision = {
      results: i % 3 === 0 ? [pass, told, pass] : [pass, pass],
      inputs,
      celCost: i,
    };
    const entry = entryOf(attemptIn(name), i % 4 === 0 ? {} : decision);
    const stages = { queue: 0.0004, read: 1, decide: 2.34567 };
    return recordBody(i % 2 === 0 ? entry : { ...entry, stages, revision: 'r' }, { digest });
  });
  const golden = new URL('../golden/ledger/records.jsonl', import.meta.url);
  const text = `${lines.join('\n')}\n`;
  if (process.env['SEKISHO_GOLDEN'] === 'write') writeFileSync(golden, text);
  t.equal(text, readFileSync(golden, 'utf8'));
  t.end();
});

test('a large object is kept by its digest, and the record says so', (t) => {
  const object = { data: { a: 'x'.repeat(400_000) } };
  const record = read(recordBody(entryOf({ object })));
  t.match(record.attempt.object, { cut: true, digest: /^sha256:[0-9a-f]{64}$/ });
  t.ok(record.cut.includes('/attempt/object'));
  t.end();
});

const large: readonly [string, string][] = [
  [
    '10,000 results',
    recordBody(
      entryOf(
        { object: {} },
        {
          results: Array.from({ length: 10_000 }, () => ({ ...result, message: 'm'.repeat(300) })),
        },
      ),
    ),
  ],
  [
    'groups of 1 MiB',
    recordBody(
      entryOf({
        userInfo: {
          username: 'u',
          uid: '',
          groups: Array.from({ length: 20_000 }, (_, i) => `group-${i}-${'x'.repeat(40)}`),
          extra: {},
        },
      }),
    ),
  ],
  ['a name of 1 MiB', recordBody(entryOf({ name: 'n'.repeat(1 << 20) }))],
  [
    'a namespace of 1 MiB from a port',
    recordBody(
      entryOf(
        {},
        {
          inputs: [
            {
              port: 'namespace',
              question: 'n',
              answer: { metadata: { annotations: { a: 'x'.repeat(1 << 20) } } },
              at: '',
              redacted: [],
            },
          ],
        },
      ),
    ),
  ],
];

for (const [name, body] of large) {
  test(`a record stays within 256 KiB: ${name}`, (t) => {
    t.ok(Buffer.byteLength(body) <= maxRecord);
    t.equal(read(body).decision.allowed, false, 'and says what was decided');
    t.end();
  });
}

test('integers are exact, keys are ordinary, and one record is one line', (t) => {
  const object = JSON.parse('{"__proto__": {"a": 1}, "constructor": 2}');
  object.big = 9007199254740993n;
  const body = recordBody(entryOf({ object, name: 'a\nb\u2028c\u001b[2J' }));
  t.ok(body.includes('9007199254740993'));
  t.ok(body.includes('"__proto__":{"a":1}'));
  t.notMatch(body, /\p{Cc}/u);
  t.end();
});

test('a decision is put together from kept texts exactly as it would be written', (t) => {
  const pass = { ...result, evaluation: 'pass', actions: [], code: null, reason: null } as const;
  const changes: readonly Partial<RuleResult>[] = [
    {},
    { rule: 'other' },
    { binding: null },
    { mode: 'warn' },
    { controls: ['NIST'] },
    { controls: ['CIS'] },
    { policy: 'p' },
    { kind: 'PodSecurity' },
    { param: 'a/b' },
    { message: 'm' },
    { exception: 'e' },
    { evaluation: 'fail', actions: ['deny'] },
  ];
  const made = JSON.parse(recordBody(entryOf({ name: '关所' }))) as DecisionBody;
  const { redacted, cut, decision: _, ...base } = made;
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...changes), { maxLength: 6 }), (chosen) => {
      const { decision } = entryOf({}, { results: chosen.map((each) => ({ ...pass, ...each })) });
      const body = { ...base, decision, redacted, cut };
      const text = decisionText(body);
      const results = decision.results.map(recordedResult);
      const want = JSON.stringify({ ...body, decision: { ...decision, results } });
      return String(text) === want && text.bytes === Buffer.byteLength(String(text));
    }),
    { numRuns: 2_000 },
  );
  t.end();
});

const unsaid = {
  ...{ binding: null, param: null, mode: null, actions: [], code: null, reason: null },
  ...{ message: '', findings: [], exception: null, controls: [] },
};
const passed = { ...result, ...unsaid, evaluation: 'pass' } as const;
const results: readonly (readonly [name: string, result: RuleResult, left: readonly string[]])[] = [
  ['a plain pass says which rule', passed, ['policy', 'kind', 'rule', 'evaluation']],
  [
    'and by which binding, param and mode, and for which controls',
    { ...passed, binding: 'b', param: 'a/b', mode: 'warn', controls: ['CIS 5.2.2'] },
    ['policy', 'binding', 'param', 'kind', 'rule', 'mode', 'evaluation', 'controls'],
  ],
  ['a pass that has a message is kept whole', { ...passed, message: 'm' }, Object.keys(result)],
  ['one that was excused is too', { ...passed, exception: 'e' }, Object.keys(result)],
  ['and so is what does not pass', { ...passed, evaluation: 'skip' }, Object.keys(result)],
];

for (const [name, given, left] of results) {
  test(`in a record ${name}; what is left out is null or empty`, (t) => {
    const kept = recordedResult(given);
    t.same(Object.keys(kept), left);
    t.strictSame({ ...unsaid, ...kept }, given);
    t.end();
  });
}

test('no object makes a record throw', (t) => {
  fc.assert(
    fc.property(
      fc.jsonValue(),
      fc.jsonValue(),
      fc.constantFrom('Pod', 'Secret', 'ConfigMap'),
      (a, b, kind) => {
        const object = { metadata: a, spec: b, data: a, stringData: b } as JsonObject;
        JSON.parse(recordBody(entryOf({ kind: { group: '', version: 'v1', kind }, object })));
      },
    ),
    { numRuns: 500 },
  );
  t.end();
});

test('a request that could not be read leaves its size, its hash and why', (t) => {
  const entry = {
    kind: 'unreadable',
    id: 'i',
    at: 'now',
    code: 'review-syntax',
    message: 'm',
    uid: null,
    bytes: 3,
    sha256: 'ab',
  } as const;
  t.same(JSON.parse(recordBody(entry)), { ...entry, replica: 'gate-0' });
  t.end();
});
