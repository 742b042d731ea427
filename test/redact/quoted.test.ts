// Whoever holds a Decision or a fault may print it: what ports answered and lines of files are clean too.
import { join } from 'node:path';
import { test } from 'tap';
import { ok } from '../../src/base/result.ts';
import { admit } from '../../src/engine/admit.ts';
import { sekisho } from '../cli/harness.ts';
import { attemptOf, now } from '../fixtures/attempts.ts';
import { plainPorts } from '../fixtures/ports.ts';
import { wholeSet } from '../policy/texts.ts';

const secret = 'Hunter2-Correct-Horse';

const law = `
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: {name: p}
spec:
  paramKind: {apiVersion: v1, kind: ConfigMap}
  matchConstraints:
    resourceRules:
      - {apiGroups: [""], apiVersions: [v1], operations: [CREATE], resources: [pods]}
  validations:
    - expression: params.data.allowed != "${secret}"
      messageExpression: "'allowed is ' + params.data.allowed"
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata: {name: p}
spec:
  policyName: p
  paramRef: {name: c, namespace: shop, parameterNotFoundAction: Deny}
  validationActions: [Deny]
`;

test('what ports answered is in the decision without secrets, and says what is missing', async (t) => {
  const url = `https://u:${secret}@h/`;
  const ports = {
    ...plainPorts,
    namespace: async () =>
      ok({
        value: { apiVersion: 'v1', kind: 'Namespace', metadata: { annotations: { url } } },
        at: now,
      }),
    params: async () =>
      ok({
        value: [
          {
            apiVersion: 'v1',
            kind: 'ConfigMap',
            metadata: { name: 'c', namespace: 'shop' },
            data: { allowed: 'registry.example.com', k: secret },
          },
        ],
        at: now,
      }),
  };
  const decision = await admit(wholeSet(law), attemptOf({ object: { spec: {} } }), ports);
  t.notOk(JSON.stringify(decision.inputs).includes(secret));
  t.match(decision.inputs, [
    { port: 'namespace', redacted: ['/metadata/annotations/url'] },
    { port: 'params', redacted: ['/0/data/allowed', '/0/data/k'] },
  ]);
});

test('params are part of the law: a message may quote them', async (t) => {
  const params = `---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: c, namespace: shop}\ndata: {allowed: "${secret}"}\n`;
  const folder = t.testdir({
    'p.yaml': law + params,
    'o.yaml': 'apiVersion: v1\nkind: Pod\nmetadata: {name: x}\n',
  });
  const { stdout } = await sekisho(folder, [
    'check',
    join(folder, 'o.yaml'),
    '-p',
    join(folder, 'p.yaml'),
  ]);
  t.match(stdout, `allowed is ${secret}`);
});

test('the line of a fault is shown without the credential in it, on the terminal and in JSON', async (t) => {
  const folder = t.testdir({
    'p.yaml': law,
    'o.yaml': `apiVersion: v1\nkind: Secret\nstringData: {a: 1, password: ${secret}, password: ${secret}}\n`,
  });
  const args = ['check', join(folder, 'o.yaml'), '-p', join(folder, 'p.yaml')];
  const text = await sekisho(folder, args);
  t.equal(text.code, 2);
  t.match(text.stderr, /o\.yaml:3:\d+: yaml-duplicate-key/);
  const json = await sekisho(folder, [...args, '-o', 'json']);
  for (const told of [text.stderr, text.stdout, json.stdout]) t.notOk(told.includes(secret), told);
});
