// charts/sekisho as helm renders and installs it on a real API server: nothing unknown in it, the registration that
// `sekisho webhook` prints, a configuration that the server takes, and pods that the bundle and Pod Security accept.
import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type Test, test } from 'tap';
import { parseAllDocuments } from 'yaml';
import { makeAuthority } from '../../certs/make.ts';
import {
  get,
  getIn,
  isArray,
  isObject,
  type JsonObject,
  type JsonValue,
} from '../../src/base/json.ts';
import { loadSettings } from '../../src/config/load.ts';
import { emptyFolder } from '../folder.ts';
import { root } from '../gate.ts';
import { type Ran, startCluster, whyNot } from './cluster.ts';
import { until } from './processes.ts';
import { buildHelm } from './programs.ts';

const skip = whyNot();
const chart = join(root, 'charts/sekisho');
const digest = `sha256:${'0123456789abcdef'.repeat(4)}`;

async function run(program: string, args: readonly string[]): Promise<Ran> {
  try {
    const ran = await promisify(execFile)(program, args, { maxBuffer: 64 * 1024 * 1024 });
    return { code: 0, ...ran };
  } catch (error) {
    const { code, stdout, stderr } = error as Partial<Ran>;
    return { code: code ?? -1, stdout: stdout ?? '', stderr: stderr ?? String(error) };
  }
}

const image = ['--set', `image.repository=registry.example.com/sekisho,image.digest=${digest}`];

type Values = {
  readonly folder: string;
  readonly helm: string;
  readonly ca: string;
  readonly usual: readonly string[];
};

async function prepare(t: Test): Promise<Values> {
  const [folder, helm] = [emptyFolder(t, 'chart'), await buildHelm()];
  const ca = join(folder, 'ca.crt');
  writeFileSync(ca, (await makeAuthority()).certificate);
  const usual = [
    ...image,
    '--set',
    'tls.secretName=sekisho-tls',
    '--set-file',
    `webhook.caBundle=${ca}`,
  ];
  return { folder, helm, ca, usual };
}

async function render({ helm }: Values, args: readonly string[]): Promise<readonly JsonObject[]> {
  const ran = await run(helm, ['template', 'sekisho', chart, '-n', 'sekisho', ...args]);
  if (ran.code !== 0) throw new Error(ran.stderr);
  return parseAllDocuments(ran.stdout)
    .map((document): JsonValue => document.toJS())
    .filter(isObject);
}

const ofKind = (objects: readonly JsonObject[], kind: string): readonly JsonObject[] =>
  objects.filter((object) => get(object, 'kind') === kind);

const withoutLabels = (object: JsonObject): JsonObject => {
  const { labels: _, ...metadata } = object['metadata'] as JsonObject;
  return { ...object, metadata };
};

const registered = new Set([
  'ValidatingWebhookConfiguration',
  'ValidatingAdmissionPolicy',
  'ValidatingAdmissionPolicyBinding',
]);

test('the chart registers what `sekisho webhook` prints, whatever is chosen', {
  skip,
}, async (t) => {
  const values = await prepare(t);
  const { folder, ca, usual } = values;
  const own = join(root, 'policies/no-host-namespaces');
  const ownRegistration = join(folder, 'own.json');
  const sekisho = (args: readonly string[]) =>
    run(process.execPath, [join(root, 'src/main.ts'), 'webhook', '-o', 'json', ...args]);
  const bundle = ['-p', join(root, 'policies')];
  writeFileSync(ownRegistration, (await sekisho(['-p', own])).stdout);
  const certManager = [
    ...image,
    ...['--set', 'tls.certManager.enabled=true,tls.certManager.issuerRef.name=ca'],
  ];
  const rows: readonly (readonly [
    what: string,
    helm: readonly string[],
    ours: readonly string[],
  ])[] = [
    ['the defaults', usual, [...bundle, '--ca-bundle', ca]],
    [
      'another port, a shorter timeout, more namespaces and groups',
      [
        ...usual,
        ...['--set', 'webhook.timeoutSeconds=5,service.port=8443,webhook.includeKubeSystem=true'],
        ...[
          '--set',
          'webhook.excludeNamespaces={gate-a,gate-b},webhook.adminGroups={oidc:admins,ops}',
        ],
      ],
      [
        ...[...bundle, '--ca-bundle', ca, '--timeout', '5', '--service', 'sekisho/sekisho:8443'],
        ...[
          '--include-kube-system',
          '--exclude-namespace',
          'gate-a',
          '--exclude-namespace',
          'gate-b',
        ],
        ...['--admin-group', 'oidc:admins', '--admin-group', 'ops'],
      ],
    ],
    ['cert-manager', certManager, [...bundle, '--cert-manager', 'sekisho/sekisho']],
    [
      'policies of its own',
      [...usual, '--set-file', `webhook.registration=${ownRegistration}`],
      ['-p', own, '--ca-bundle', ca],
    ],
  ];
  for (const [what, helm, ours] of rows) {
    const objects = await render(values, helm);
    const found = objects.filter((object) => registered.has(String(get(object, 'kind'))));
    const printed = await sekisho(ours);
    t.equal(printed.code, 0, printed.stderr);
    const wanted: JsonValue = JSON.parse(printed.stdout);
    const items = isObject(wanted) ? get(wanted, 'items') : [];
    const sorted = (all: readonly JsonValue[]) =>
      [...all].sort((a, b) => String(getIn(a, ['kind'])).localeCompare(String(getIn(b, ['kind']))));
    t.strictSame(sorted(found.map(withoutLabels)), sorted(isArray(items) ? items : []), what);
  }
  const objects = await render(values, certManager);
  t.strictSame(
    ofKind(objects, 'Certificate').map((each) => getIn(each, ['spec', 'dnsNames'])),
    [['sekisho.sekisho.svc']],
  );
  const broken = await run(values.helm, [
    ...['template', 'sekisho', chart, ...usual, '--set', 'webhook.registration=kind: Pod'],
  ]);
  t.match([broken.code, broken.stderr], [1, /webhook.registration must be what/]);
});

test('the configuration is one that the server takes, and its mounts are those of the pod', {
  skip,
}, async (t) => {
  const values = await prepare(t);
  const { folder, usual } = values;
  const rows: readonly (readonly [args: readonly string[], wanted: object])[] = [
    [
      [],
      {
        policies: ['/app/policies'],
        clientCa: null,
        ledger: '/var/lib/sekisho/ledger',
        drainSeconds: 15,
      },
    ],
    [
      [
        ...[
          '--set',
          'policies.files.a\\.yaml=x,tls.clientCa.configMap=callers,ledger.cluster=blue',
        ],
        ...['--set', 'strict=true,drainSeconds=40,exporters[0].kind=Stdout'],
      ],
      {
        policies: ['/app/policies', '/etc/sekisho/policies'],
        clientCa: '/etc/sekisho/client-ca/ca.crt',
        records: { cluster: 'blue' },
        strict: true,
        drainSeconds: 40,
        exporters: [{ kind: 'Stdout' }],
      },
    ],
    [['--set', 'ledger.enabled=false'], { ledger: null }],
  ];
  for (const [args, wanted] of rows) {
    const objects = await render(values, [...usual, ...args]);
    const text = ofKind(objects, 'ConfigMap')
      .map((each) => getIn(each, ['data', 'configuration.yaml']))
      .find((each) => typeof each === 'string');
    const file = join(folder, 'configuration.yaml');
    writeFileSync(file, String(text));
    const settings = await loadSettings({}, file);
    t.match(settings, { ok: true, value: wanted }, args.join(' '));
    const [deployment] = ofKind(objects, 'Deployment');
    const spec = getIn(deployment ?? {}, ['spec', 'template', 'spec']);
    const mounts = getIn(spec ?? null, ['containers', 0, 'volumeMounts']);
    const paths = (isArray(mounts) ? mounts : []).map((each) => String(getIn(each, ['mountPath'])));
    if (!settings.ok) continue;
    const { policies, tlsCert, tlsKey, clientCa, ledger, drainSeconds } = settings.value;
    for (const used of [...policies, tlsCert, tlsKey, clientCa, ledger]) {
      if (used === null || used === '/app/policies') continue;
      t.ok(
        paths.some((path) => used === path || used.startsWith(`${path}/`)),
        `${used} is mounted`,
      );
    }
    const grace = getIn(spec ?? null, ['terminationGracePeriodSeconds']);
    t.ok(Number(grace) >= drainSeconds + 15, 'it is not killed while it drains');
  }
});

test('its own pods pass restricted Pod Security and the whole bundle', { skip }, async (t) => {
  const values = await prepare(t);
  const { folder, usual } = values;
  const restricted = `apiVersion: pod-security.admission.config.k8s.io/v1
kind: PodSecurityConfiguration
defaults: {enforce: restricted, enforce-version: latest}
`;
  const policies = join(folder, 'restricted.yaml');
  writeFileSync(policies, restricted);
  for (const args of [[], ['--set', 'ledger.claim=records,tls.clientCa.configMap=callers']]) {
    const ran = await run(values.helm, [
      'template',
      'sekisho',
      chart,
      '-n',
      'sekisho',
      ...usual,
      ...args,
    ]);
    const manifest = join(folder, 'rendered.yaml');
    writeFileSync(manifest, ran.stdout);
    const checked = await run(process.execPath, [
      ...[
        join(root, 'src/main.ts'),
        'check',
        manifest,
        '-p',
        join(root, 'policies'),
        '-p',
        policies,
      ],
      ...['-o', 'json'],
    ]);
    t.equal(checked.code, 0, checked.stdout.slice(0, 4_000) + checked.stderr);
    t.match(checked.stdout, /"Deployment"/);
  }
});

test('helm lint is content, and the schema refuses wrong values through helm', {
  skip,
}, async (t) => {
  const { helm, usual } = await prepare(t);
  const linted = await run(helm, ['lint', '--strict', chart, ...usual]);
  t.equal(linted.code, 0, linted.stdout + linted.stderr);
  const rows: readonly (readonly [args: readonly string[], told: RegExp])[] = [
    [[], /image/],
    [[...usual, '--set', 'replicas=none'], /replicas/],
    [[...usual, '--set', 'webhook.failurePolicy=Ignore'], /failurePolicy/],
    [[...usual, '--set', 'webhook.timeoutSeconds=2'], /timeoutSeconds/],
    [[...usual, '--set', 'tls.secretName='], /tls/],
    [[...usual, '--set', 'image.digest=latest'], /digest/],
  ];
  for (const [args, told] of rows) {
    const ran = await run(helm, ['template', 'sekisho', chart, ...args]);
    t.match([ran.code, ran.stderr], [1, told], args.slice(-1).join());
  }
});

test('a real API server takes all of it without a warning, by dry run and by helm install', {
  skip,
}, async (t) => {
  const cluster = await startCluster();
  t.teardown(() => cluster.stop());
  const values = await prepare(t);
  await cluster.apply(
    '{apiVersion: v1, kind: Namespace, metadata: {name: sekisho, labels: {pod-security.kubernetes.io/enforce: restricted}}}',
  );
  await cluster.apply('{apiVersion: v1, kind: Namespace, metadata: {name: gate-params}}');
  await cluster.apply(
    '{apiVersion: scheduling.k8s.io/v1, kind: PriorityClass, metadata: {name: gate}, value: 1000}',
  );
  const all = [
    ...values.usual,
    ...['--set', 'rbac.params[0].apiGroup=,rbac.params[0].resource=configmaps'],
    ...['--set', 'rbac.params[0].namespaces={gate-params},rbac.exceptionNamespaces={gate-params}'],
    ...['--set', 'rbac.params[1].apiGroup=example.com,rbac.params[1].resource=bounds'],
    ...['--set', 'policies.files.own\\.yaml=x,tls.clientCa.configMap=callers'],
  ];
  const rendered = await run(values.helm, [
    'template',
    'sekisho',
    chart,
    '-n',
    'sekisho',
    '--include-crds',
    ...all,
  ]);
  t.equal(rendered.code, 0, rendered.stderr);
  const dry = await cluster.kubectl(['apply', '--dry-run=server', '--validate=strict', '-f', '-'], {
    input: rendered.stdout,
  });
  t.same([dry.code, dry.stderr], [0, ''], 'no unknown field, no warning');

  // No controller of quotas runs here, and without one the quota of system-… classes lets nothing in.
  const install = [
    'install',
    'sekisho',
    chart,
    '-n',
    'sekisho',
    '--kubeconfig',
    cluster.kubeconfig,
  ];
  const installed = await run(values.helm, [...install, ...all, '--set', 'priorityClassName=gate']);
  t.equal(installed.code, 0, installed.stderr);
  t.notMatch(installed.stderr, /warning/i);
  const pods = async (): Promise<string> =>
    (await cluster.kubectl(['-n', 'sekisho', 'get', 'pods', '-o', 'name'])).stdout;
  let count = 0;
  await until('three pods', 30, async () => {
    count = (await pods()).split('\n').filter((line) => line.startsWith('pod/')).length;
    return count === 3;
  });
  t.equal(count, 3, 'the controller may make them where nobody else may');
  const account = 'system:serviceaccount:sekisho:sekisho';
  const may = async (...question: readonly string[]): Promise<string> =>
    (await cluster.kubectl(['auth', 'can-i', ...question, '--as', account])).stdout.trim();
  const rights: readonly (readonly [question: readonly string[], answer: string])[] = [
    [['watch', 'namespaces'], 'yes'],
    [['list', 'validatingwebhookconfigurations'], 'yes'],
    [['list', 'pods'], 'yes'],
    [['create', 'subjectaccessreviews'], 'yes'],
    [['list', 'configmaps', '-n', 'gate-params'], 'yes'],
    [['list', 'policyexceptions.sekisho.dev', '-n', 'gate-params'], 'yes'],
    [['list', 'configmaps', '-n', 'sekisho'], 'no'],
    [['get', 'secrets', '-n', 'sekisho'], 'no'],
    [['update', 'validatingwebhookconfigurations'], 'no'],
    [['patch', 'namespaces'], 'no'],
    [['watch', 'pods'], 'no'],
    [['create', 'pods', '-n', 'sekisho'], 'no'],
  ];
  for (const [question, answer] of rights)
    t.equal(await may(...question), answer, question.join(' '));
});
