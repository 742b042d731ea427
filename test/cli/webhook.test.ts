// `sekisho webhook`: what is printed, and what is refused before a cluster could be locked out.
import { join } from 'node:path';
import { test } from 'tap';
import { parseAllDocuments } from 'yaml';
import { root } from '../gate.ts';
import { noHostNetwork, sekisho } from './harness.ts';

const bundle = join(root, 'policies');

test('yaml and json are the same objects: the configuration, the guard and its binding', async (t) => {
  const folder = t.testdir({});
  const yaml = await sekisho(folder, ['webhook', '-p', bundle]);
  const json = await sekisho(folder, ['webhook', '-p', bundle, '-o', 'json']);
  t.same([yaml.code, json.code], [0, 0]);
  const documents = parseAllDocuments(yaml.stdout).map((document) => document.toJS());
  t.same(JSON.parse(json.stdout).items, documents);
  t.same(
    documents.map(({ kind }) => kind),
    [
      'ValidatingWebhookConfiguration',
      'ValidatingAdmissionPolicy',
      'ValidatingAdmissionPolicyBinding',
    ],
  );
});

test('flags are where they belong', async (t) => {
  const folder = t.testdir({
    'ca.crt': '-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n',
  });
  const flags = ['--service', 'gate/web:8443', '--timeout', '5', '--exclude-namespace', 'cni'];
  const ran = await sekisho(folder, [
    ...['webhook', '-p', bundle, '-o', 'json', '--ca-bundle', join(folder, 'ca.crt')],
    ...['--name', 'law', '--include-kube-system', '--admin-group', 'ops', ...flags],
  ]);
  const [configuration, guard] = JSON.parse(ran.stdout).items;
  t.match(configuration, {
    metadata: { name: 'law' },
    webhooks: [
      {
        timeoutSeconds: 5,
        clientConfig: {
          service: { namespace: 'gate', name: 'web', port: 8443, path: '/validate/fail-v1' },
          caBundle: /^[A-Za-z0-9+/]+=*$/,
        },
        namespaceSelector: { matchExpressions: [{ operator: 'NotIn', values: ['gate', 'cni'] }] },
      },
    ],
  });
  t.match(JSON.stringify(guard), 'ops');
  const url = ['--url', 'https://gate.example.com:9443/'];
  const byUrl = await sekisho(folder, ['webhook', '-p', bundle, '-o', 'json', ...url]);
  const [first] = JSON.parse(byUrl.stdout).items[0].webhooks;
  t.same(first.clientConfig, { url: 'https://gate.example.com:9443/validate/fail-v1' });
});

const wrong: readonly [string, readonly string[], string][] = [
  ['a timeout under three seconds', ['--timeout', '2'], '--timeout'],
  ['a timeout that the API server refuses', ['--timeout', '31'], '--timeout'],
  ['a Service without a namespace', ['--service', 'web'], '--service'],
  ['http', ['--url', 'http://x'], '--url'],
  ['both addresses', ['--url', 'https://x', '--service', 'a/b'], '--url'],
  ['a CA that is not there', ['--ca-bundle', 'no.crt'], '--ca-bundle'],
  ['nothing left out', ['--url', 'https://x', '--include-kube-system'], '--exclude-namespace'],
  ['an unknown format', ['-o', 'text'], '--output'],
];
for (const [name, flags, where] of wrong) {
  test(`refused: ${name}`, async (t) => {
    const ran = await sekisho(t.testdir({}), ['webhook', '-p', bundle, ...flags]);
    t.equal(ran.code, 2);
    t.match(ran.stderr, `${where}: flag-invalid:`);
    t.equal(ran.stdout, '');
  });
}

test('a policy that could lock the cluster out is refused with its fix, and nothing is printed', async (t) => {
  const leases = noHostNetwork
    .replaceAll('apiGroups: [""]', 'apiGroups: [coordination.k8s.io]')
    .replaceAll('resources: [pods]', 'resources: [leases]');
  const folder = t.testdir({ 'p.yaml': leases });
  const ran = await sekisho(folder, ['webhook', '-p', join(folder, 'p.yaml')]);
  t.equal(ran.code, 1);
  t.equal(ran.stdout, '');
  t.match(ran.stderr, 'no-host-network: webhook-lockout: names leases.coordination.k8s.io');
  t.match(ran.stderr, 'failurePolicy: Ignore');
});
