// A12: secrets of an object reach neither the answer, the record, the log, the metrics nor the reports of `check`,
// even where a policy tries to quote, cut or encode them.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'tap';
import type { JsonObject } from '../../src/base/json.ts';
import { sekisho } from '../cli/harness.ts';
import { podReview, serve } from '../server/harness.ts';

const secret = 'Hunter2-Correct-Horse';
const encoded = Buffer.from(secret).toString('base64');
/** None of these may be found anywhere, in any case. */
const traces = [
  secret,
  encoded,
  'Correct-Horse',
  'hunter2',
  Buffer.from(encoded).toString('base64'),
];

const policyOf = (text: string): string => `
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: {name: quoting}
spec:
  matchConstraints:
    resourceRules:
      - {apiGroups: [""], apiVersions: [v1], operations: [CREATE, UPDATE], resources: [pods, secrets, configmaps]}
${text}
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata: {name: quoting}
spec: {policyName: quoting, validationActions: [Deny]}
`;

const told = (expression: string): string =>
  policyOf(`  validations: [{expression: 'false', messageExpression: "${expression}"}]`);
const held = 'object.spec.containers[0].env[0].value';
const first = "object.data['k']";

type Row = readonly [name: string, policy: string, object: JsonObject];
const pod = (changes: JsonObject = {}, metadata: JsonObject = {}): JsonObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'web', namespace: 'capture', ...metadata },
  spec: {
    containers: [{ name: 'web', image: 'i', env: [{ name: 'PASSWORD', value: secret }] }],
    ...changes,
  },
});
const other = (kind: string, fields: JsonObject): JsonObject => ({
  apiVersion: 'v1',
  kind,
  metadata: { name: 'web', namespace: 'capture' },
  ...fields,
});

const rows: readonly Row[] = [
  ['a message that quotes an environment value', told(`'env is ' + ${held}`), pod()],
  ['a message that cuts it', told(`'env is ' + ${held}.substring(8)`), pod()],
  ['a message that changes its case', told(`${held}.lowerAscii()`), pod()],
  ['a message that turns it into a list', told(`${held}.split('').join('')`), pod()],
  [
    'a message by way of a variable',
    policyOf(
      `  variables: [{name: v, expression: "${held}"}]\n  validations: [{expression: 'variables.v == null', messageExpression: "'it is ' + variables.v"}]`,
    ),
    pod(),
  ],
  [
    'an audit annotation',
    policyOf(
      `  validations: [{expression: 'false'}]\n  auditAnnotations: [{key: env, valueExpression: "string(${held})"}]`,
    ),
    pod(),
  ],
  [
    'the error of a conversion',
    policyOf(`  validations: [{expression: "int(${held}) > 0"}]`),
    pod(),
  ],
  [
    'the error of a quantity',
    policyOf(`  validations: [{expression: "quantity(${held}).isGreaterThan(quantity('1'))"}]`),
    pod(),
  ],
  [
    'the error of a time',
    policyOf(`  validations: [{expression: "timestamp(${held}) == null"}]`),
    pod(),
  ],
  [
    'the error of a match condition',
    policyOf(
      `  matchConditions: [{name: m, expression: "duration(${held}) == null"}]\n  validations: [{expression: 'true'}]`,
    ),
    pod(),
  ],
  ...[
    `ip(${held}.lowerAscii()).family() == 4`,
    `url(${held}.substring(8) + '%zz').getHost() == ''`,
    `{'a': 1}[${held}.split('-')[1] + '-Horse'] == 1`,
    `'a'.matches('(' + ${held}.substring(8))`,
    `ip('10.0.0.1').family() == (${held}.startsWith('Hunter') ? int(object.metadata.labels[${held}.substring(8)]) : 4)`,
  ].map(
    (expression): Row => [
      `the error of what was made of it: ${expression.split('(')[0]}`,
      policyOf(`  validations: [{expression: ${JSON.stringify(expression)}}]`),
      pod({}, { labels: { a: 'b' } }),
    ],
  ),
  [
    'the error of a match condition over a part of it',
    policyOf(
      `  matchConditions: [{name: m, expression: "ip(${held}.substring(8)).family() == 4"}]\n  validations: [{expression: 'true'}]`,
    ),
    pod(),
  ],
  [
    'the error of a variable that cuts it',
    policyOf(
      `  variables: [{name: v, expression: "ip(${held}.substring(8)).family()"}]\n  validations: [{expression: 'variables.v == 4'}]`,
    ),
    pod(),
  ],
  ['data of a Secret', told(`'data is ' + ${first}`), other('Secret', { data: { k: encoded } })],
  [
    'data of a Secret as a key error',
    policyOf(`  validations: [{expression: "object.data[${first}] == 'x'"}]`),
    other('Secret', { data: { k: encoded } }),
  ],
  [
    'stringData of a Secret',
    told("'data is ' + object.stringData['k']"),
    other('Secret', { stringData: { k: secret } }),
  ],
  [
    'data of a ConfigMap',
    told(`'data is ' + ${first}`),
    other('ConfigMap', { data: { k: secret } }),
  ],
  [
    'a bearer token in an annotation',
    told("'a is ' + object.metadata.annotations['a']"),
    pod({}, { annotations: { a: `Bearer ${secret}` } }),
  ],
  [
    'the annotation that repeats the object',
    told(
      "'a is ' + object.metadata.annotations['kubectl.kubernetes.io/last-applied-configuration']",
    ),
    pod(
      {},
      { annotations: { 'kubectl.kubernetes.io/last-applied-configuration': `{"x":"${secret}"}` } },
    ),
  ],
  [
    'an argument',
    told("'x ' + object.spec.containers[0].args[1]"),
    pod({ containers: [{ name: 'web', image: 'i', args: ['--password', secret] }] }),
  ],
  [
    'a URL',
    told("'x ' + object.spec.containers[0].args[0]"),
    pod({ containers: [{ name: 'web', image: 'i', args: [`https://u:${secret}@h/`] }] }),
  ],
  [
    'an image',
    told("'x ' + object.spec.containers[0].image"),
    pod({ containers: [{ name: 'web', image: `https://u:${secret}@h/i` }] }),
  ],
];

for (const [name, policy, object] of rows) {
  test(`A12: ${name}: refused, and the secret is nowhere`, async (t) => {
    const { log, answer } = await asked(t, policy, object);
    const report = await checked(t, policy, object);
    t.equal(answer.allowed, false);
    t.equal(report.code, 1, 'the policy loads, and refuses');
    const said = [...log, answer.text, report.text].map((text) => text.toLowerCase());
    for (const trace of traces) {
      const found = said.filter((text) => text.includes(trace.toLowerCase()));
      t.same(found, [], trace);
    }
  });
}

type Asker = Parameters<typeof serve>[0];

async function asked(t: Asker, policy: string, object: JsonObject) {
  const settings = (folder: string) => ({ ledger: join(folder, 'ledger') });
  const server = await serve(t, { policies: { 'p.yaml': policy }, settings });
  const kind = String(object['kind']);
  const resource = { group: '', version: 'v1', resource: `${kind.toLowerCase()}s` };
  const gvk = { group: '', version: 'v1', kind };
  const request = { object, kind: gvk, requestKind: gvk, resource, requestResource: resource };
  const { text, json } = await server.call({ body: podReview({}, request) });
  const metrics = await server.plain('/metrics');
  const folder = join(server.folder, 'ledger');
  const records = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => readFileSync(join(parentPath, name), 'utf8'));
  const answer = { allowed: json.response?.allowed, text };
  return { answer, log: [...server.logged, ...records, metrics.text] };
}

async function checked(t: Asker, policy: string, object: JsonObject) {
  const folder = t.testdir({ 'p.yaml': policy, 'o.json': JSON.stringify(object) });
  const args = ['check', join(folder, 'o.json'), '-p', join(folder, 'p.yaml')];
  const text = await sekisho(folder, args);
  const json = await sekisho(folder, [...args, '-o', 'json']);
  return { code: text.code, text: text.stdout + text.stderr + json.stdout };
}
