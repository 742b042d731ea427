// A12: no secret leaves, whatever its place or form; what is no secret stays readable.
import fc from 'fast-check';
import { test } from 'tap';
import type { JsonObject, JsonValue } from '../../src/base/json.ts';
import { jsonText } from '../../src/base/json-text.ts';
import { marker, withoutAssignments, withoutCredentials } from '../../src/redact/detectors.ts';
import { redact } from '../../src/redact/redact.ts';
import { scrubText } from '../../src/redact/scrub.ts';

const secret = 'Hunter2CorrectHorseBattery';
const jwt = `eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ4In0.${secret}`;
// Put together here, so that no scanner of repositories takes the examples for real ones.
const made = (start: string, length: number): string =>
  start + 'A1b2C3d4E5'.repeat(5).slice(0, length);

const certain: readonly string[] = [
  `postgres://shop:${secret}@db:5432/shop`,
  `https://${secret}@git.example.com/x.git`,
  `Authorization: Bearer ${secret}`,
  `curl -H 'Authorization: Basic ${Buffer.from(`a:${secret}`).toString('base64')}'`,
  `-----BEGIN RSA PRIVATE KEY-----\n${secret}\n-----END RSA PRIVATE KEY-----`,
  `-----BEGIN PRIVATE KEY-----\n${secret}`,
  jwt,
  `key ${made('AKIA', 0)}ABCDEFGHIJKLMNOP and ${made('ghp_', 36)}`,
  made('github_pat_', 30),
  made('glpat-', 20),
  made('xoxb-', 30),
  made('AIza', 35),
  made('npm_', 36),
  made('hvs.', 24),
  made('sk_live_', 24),
];

for (const text of certain) {
  test(`a credential in any text: ${text.slice(0, 24).split('\n')[0]}…`, (t) => {
    for (const without of [withoutCredentials, withoutAssignments]) {
      const left = without(`before ${text} after`);
      t.ok(left.includes(marker), left);
      t.notOk(left.includes(secret), left);
      t.match(left, /^before /);
    }
    t.end();
  });
}

const assignments: readonly string[] = [
  `--password=${secret}`,
  `--db-password ${secret}`,
  `PASSWORD=${secret}`,
  `export API_KEY="${secret}"`,
  `{"client_secret": "${secret}"}`,
  `token: ${secret}`,
  `mysql -u root --passwd=${secret} shop`,
  `aws_secret_access_key = ${secret}`,
];

for (const text of assignments) {
  test(`an assignment in a field: ${text.replace(secret, '…')}`, (t) => {
    t.notOk(withoutAssignments(text).includes(secret), withoutAssignments(text));
    t.end();
  });
}

const harmless: readonly string[] = [
  'spec.hostNetwork is true',
  'set automountServiceAccountToken to false',
  'registry.example.com/shop/web@sha256:4be1',
  'http://example.com/path?x=1',
  'basic authentication is not allowed',
  'the bearer of this',
  'allowPrivilegeEscalation != false (container "web" must set securityContext.allowPrivilegeEscalation=false)',
  'pods with service account tokens',
];

for (const text of harmless) {
  test(`a sentence of a policy stays as it is: ${text.slice(0, 40)}`, (t) => {
    t.equal(withoutCredentials(text), text);
    t.end();
  });
}

const encoded = Buffer.from(secret).toString('base64');
const places: readonly [string, string, JsonObject, string][] = [
  ['data of a Secret', 'Secret', { data: { k: encoded } }, '/data/k'],
  ['data of a Secret that is no mapping', 'Secret', { data: secret }, '/data'],
  ['stringData', 'Secret', { stringData: { __proto__x: secret } }, '/stringData/__proto__x'],
  ['data of a ConfigMap', 'ConfigMap', { data: { 'a/b': secret } }, '/data/a~1b'],
  ['binaryData', 'ConfigMap', { binaryData: { k: encoded } }, '/binaryData/k'],
  [
    'an environment value of any kind',
    'Rollout',
    { spec: { template: { spec: { containers: [{ env: [{ name: 'K', value: secret }] }] } } } },
    '/spec/template/spec/containers/0/env/0/value',
  ],
  [
    'a header',
    'Pod',
    { spec: { x: { httpHeaders: [{ name: 'Authorization', value: secret }] } } },
    '/spec/x/httpHeaders/0/value',
  ],
  [
    'the annotation that repeats the object',
    'Pod',
    { metadata: { annotations: { 'kubectl.kubernetes.io/last-applied-configuration': secret } } },
    '/metadata/annotations/kubectl.kubernetes.io~1last-applied-configuration',
  ],
  [
    'an annotation that is called a secret',
    'Pod',
    { metadata: { annotations: { 'example.com/db-password': secret } } },
    '/metadata/annotations/example.com~1db-password',
  ],
  [
    'a URL in an annotation',
    'Pod',
    { metadata: { annotations: { a: `https://u:${secret}@h/` } } },
    '/metadata/annotations/a',
  ],
  [
    'data of a Secret inside another object',
    'ManifestWork',
    {
      spec: {
        workload: { manifests: [{ apiVersion: 'v1', kind: 'Secret', data: { k: encoded } }] },
      },
    },
    '/spec/workload/manifests/0/data/k',
  ],
  [
    'data of a ConfigMap inside another object',
    'Template',
    { objects: [{ apiVersion: 'v1', kind: 'ConfigMap', data: { k: secret } }] },
    '/objects/0/data/k',
  ],
  ['an argument', 'Pod', { spec: { args: [`--token=${secret}`] } }, '/spec/args/0'],
  [
    'an argument after its flag',
    'Pod',
    { spec: { args: ['--db-password', secret] } },
    '/spec/args/1',
  ],
  [
    'a command of exec',
    'PodExecOptions',
    { command: ['sh', '-c', `X_TOKEN=${secret} x`] },
    '/command/2',
  ],
  [
    'a secret of digits alone, too many for a double',
    'Thing',
    { spec: { password: 12345678901234567890n } },
    '/spec/password',
  ],
  ['the token of a TokenReview', 'TokenReview', { spec: { token: secret } }, '/spec/token'],
  ...['adminPassword', 'admin_password', 'tls-key-passphrase', 'joinToken', 'sshPrivateKey'].map(
    (key): [string, string, JsonObject, string] => [
      `a field of a custom resource that ends as a secret does: ${key}`,
      'Database',
      { spec: { [key]: secret } },
      `/spec/${key}`,
    ],
  ),
  [
    'a key of a custom resource',
    'Database',
    { spec: { client_secret: secret } },
    '/spec/client_secret',
  ],
];

for (const [name, kind, object, pointer] of places) {
  test(`${name} is taken out, and its place is listed`, (t) => {
    const redacted = redact(object, { group: '', kind });
    const text = JSON.stringify(redacted.value);
    t.notOk(text.includes(secret) || text.includes(encoded), text);
    t.same(redacted.pointers, [pointer]);
    t.end();
  });
}

test('what is no secret is not touched, and not copied', (t) => {
  const object = {
    metadata: {
      name: 'web',
      annotations: { 'rbac.authorization.kubernetes.io/autoupdate': 'true' },
    },
    spec: {
      automountServiceAccountToken: false,
      passwordSecretRef: { name: 'web', key: 'password' },
      tokenExpirationSeconds: 600,
      volumes: [{ secret: { secretName: 'web-tls' } }, { projected: { sources: [] } }],
      containers: [{ image: 'r/web@sha256:12', args: ['--port', '80', '--token-file', '/t'] }],
      imagePullSecrets: [{ name: 'pull' }],
    },
  };
  const redacted = redact(object, { group: '', kind: 'Pod' });
  t.same(redacted.pointers, ['/spec/containers/0/args/3']);
  t.equal((redacted.value as typeof object).metadata, object.metadata);
  t.end();
});

test('a secret is taken out of a text in each form in which it may be quoted', (t) => {
  const multi = `line one ${secret}\nline "two" ${secret}`;
  const { secrets } = redact({ data: { k: encoded, m: multi } }, { group: '', kind: 'Secret' });
  for (const text of [
    secret,
    encoded,
    multi,
    JSON.stringify(multi),
    `no such key: ${secret}`,
    `${secret}, ${secret}`,
  ]) {
    t.notOk(scrubText(`x ${text} y`, secrets).includes(secret), text);
    t.notOk(scrubText(text, secrets).includes(encoded), text);
  }
  t.end();
});

test('whatever the object, redaction neither throws nor leaves a value of a Secret', (t) => {
  const value = fc
    .string({ minLength: 12, maxLength: 20 })
    .filter((s) => !'[redacted]'.includes(s));
  fc.assert(
    fc.property(value, fc.jsonValue(), (hidden, rest) => {
      const object = {
        kind: 'x',
        metadata: { a: rest as JsonValue },
        data: { k: hidden, l: [hidden] },
      };
      const { value: left, pointers } = redact(object, { group: '', kind: 'Secret' });
      t.same((left as { data: unknown }).data, { k: marker, l: marker });
      t.ok(pointers.includes('/data/k'));
    }),
    { numRuns: 300 },
  );
  fc.assert(
    fc.property(fc.jsonValue(), (rest) => {
      const object = { spec: rest as JsonValue };
      const { value: left, pointers } = redact(object, { group: '', kind: 'Pod' });
      if (pointers.length === 0) t.equal(jsonText(left), jsonText(object));
    }),
    { numRuns: 300 },
  );
  t.end();
});

test('the detectors are linear: a megabyte of the worst takes no time that a test would notice', (t) => {
  const worst = ['a:', 'password', 'x://', '-----BEGIN ', 'eyJ', 'Bearer ', '= ', 'token="'];
  for (const piece of worst) {
    const text = piece.repeat(Math.ceil(1_000_000 / piece.length));
    t.type(withoutAssignments(text), 'string', piece);
  }
  t.end();
});
