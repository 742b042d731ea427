// `sekisho check` in this process: the JSON contract of the design, places in the source, faults, exit codes, texts.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Test, test } from 'tap';
import { get, getIn, isArray, type JsonValue } from '../../src/base/json.ts';
import { golden } from '../golden.ts';
import { baseline, noHostNetwork, type Ran, sekisho, type World } from './harness.ts';

type Files = Record<string, NonNullable<Parameters<Test['testdir']>[0]>>;

const hostPod = `# a pod
apiVersion: v1
kind: Pod
metadata:
  name: web
spec:
  hostNetwork: true
  containers:
    - name: web
      image: nginx
`;
const goodPod = hostPod.replace('  hostNetwork: true\n', '');

/** Runs `check` in a folder of these files, beside a folder `policies`. Arguments that name files are put under it. */
async function check(
  t: Test,
  files: Files,
  args: readonly string[] = ['m.yaml'],
  policies: Record<string, string> = { 'p.yaml': noHostNetwork },
  world: World = {},
): Promise<Ran & { folder: string }> {
  const folder = t.testdir({ ...files, policies });
  const placed = args.map((arg) => (Object.hasOwn(files, arg) ? join(folder, arg) : arg));
  const ran = await sekisho(folder, ['check', '-p', join(folder, 'policies'), ...placed], world);
  return { ...ran, folder };
}

function parsed(text: string): JsonValue {
  return JSON.parse(text);
}

function decisions(text: string): readonly JsonValue[] {
  const list = get(parsed(text), 'decisions');
  return isArray(list) ? list : [];
}

test('-o json is the document of the design, member by member', async (t) => {
  const { code, stdout, stderr } = await check(t, { 'm.yaml': hostPod }, ['m.yaml', '-o', 'json']);
  t.equal(code, 1);
  t.equal(stderr, '');
  const document = parsed(stdout);
  const policySet = getIn(document, ['decisions', 0, 'policySet']);
  t.match(policySet, /^sha256:[0-9a-f]{64}$/);
  const inputs = getIn(document, ['decisions', 0, 'inputs']);
  const namespace = { port: 'namespace', question: 'default', at: '2026-11-21T10:00:00.000Z' };
  t.match(inputs, [namespace]);
  t.strictSame(document, {
    decisions: [
      {
        source: { file: 'm.yaml', document: 0, line: 2 },
        request: {
          uid: '',
          operation: 'CREATE',
          kind: { group: '', version: 'v1', kind: 'Pod' },
          resource: { group: '', version: 'v1', resource: 'pods' },
          namespace: 'default',
          name: 'web',
          userInfo: { username: '', groups: [] },
          dryRun: false,
        },
        allowed: false,
        policySet,
        results: [
          {
            policy: 'no-host-network',
            binding: 'no-host-network',
            param: null,
            kind: 'ValidatingAdmissionPolicy',
            rule: 'no-host-network/host-network',
            mode: null,
            evaluation: 'fail',
            actions: ['deny'],
            code: 'validation-failed',
            reason: 'Invalid',
            message: 'host network is not for you',
            findings: [
              {
                path: 'spec.hostNetwork',
                pointer: '/spec/hostNetwork',
                value: true,
                allowed: ['false'],
                message: 'is true: host network is not for you',
                remedy: 'remove hostNetwork',
                patch: [],
                position: { file: 'm.yaml', line: 7, column: 16 },
              },
            ],
            exception: null,
            controls: ['cis-k8s:5.2.4'],
          },
        ],
        warnings: [],
        auditAnnotations: { 'pod-security.kubernetes.io/enforce-policy': 'privileged:latest' },
        inputs,
      },
    ],
    faults: [],
    summary: { attempts: 1, allowed: 0, denied: 1, warned: 0, errors: 0, unknown: 0 },
  });
});

test('members stand in the order of the design', async (t) => {
  const { stdout } = await check(t, { 'm.yaml': hostPod }, ['m.yaml', '-o', 'json']);
  const document = parsed(stdout);
  t.same(Object.keys(document ?? {}), ['decisions', 'faults', 'summary']);
  t.same(Object.keys(getIn(document, ['decisions', 0]) ?? {}), [
    'source',
    'request',
    'allowed',
    'policySet',
    'results',
    'warnings',
    'auditAnnotations',
    'inputs',
  ]);
});

const places: readonly [name: string, yaml: string, want: readonly [string, number, number][]][] = [
  ['a scalar', hostPod, [['spec.hostNetwork', 7, 16]]],
  [
    'an item of a list in a second document',
    `${goodPod}---\napiVersion: v1\nkind: List\nitems:\n  - apiVersion: v1\n    kind: Pod\n    metadata: {name: b}\n    spec: {hostPID: true, containers: [{name: c, image: i}]}\n`,
    [['spec.hostPID', 17, 21]],
  ],
  [
    'the template of a workload',
    'apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: d}\nspec:\n  template:\n    spec:\n      hostIPC: true\n      containers: []\n',
    [['spec.template.spec.hostIPC', 7, 16]],
  ],
  [
    'JSON',
    '{"apiVersion":"v1","kind":"Pod",\n  "metadata":{"name":"a"},\n  "spec":{"hostNetwork":true,"containers":[]}}\n',
    [['spec.hostNetwork', 3, 25]],
  ],
];

test('a finding has the line and column of its field', async (t) => {
  for (const [name, yaml, want] of places) {
    const ran = await check(t, { 'm.yaml': yaml }, ['m.yaml', '-o', 'json'], {
      'p.yaml': baseline,
    });
    const found = decisions(ran.stdout).flatMap((decision) => {
      const results = get(decision, 'results');
      return (isArray(results) ? results : []).flatMap((result) => {
        const findings = get(result, 'findings');
        if (get(result, 'evaluation') !== 'fail' || !isArray(findings)) return [];
        return findings.map((f) => [
          get(f, 'path'),
          getIn(f, ['position', 'line']),
          getIn(f, ['position', 'column']),
        ]);
      });
    });
    t.same(found, want, name);
  }
});

test('a document that is no manifest is a fault with its place; the others are decided; 2 wins over 1', async (t) => {
  const text = `${hostPod}---\nfoo: bar\n---\n${goodPod}---\na: 1\na: 2\n`;
  const { code, stdout, stderr } = await check(t, { 'm.yaml': text }, ['m.yaml', '-o', 'json']);
  t.equal(code, 2);
  const faults = get(parsed(stdout), 'faults');
  t.match(faults, [
    { code: 'manifest-kind', file: 'm.yaml', line: 12, column: 1, excerpt: 'foo: bar' },
    { code: 'yaml-duplicate-key', file: 'm.yaml', line: 25 },
  ]);
  t.match(get(parsed(stdout), 'summary'), { attempts: 2, allowed: 1, denied: 1 });
  t.match(
    stderr,
    'm.yaml:12:1: manifest-kind: apiVersion and kind are missing\n    foo: bar\n    ^\n',
  );
  t.match(stderr, /m\.yaml:25:\d+: yaml-duplicate-key: /);
});

const exits: readonly [name: string, files: Files, args: readonly string[], code: number][] = [
  ['all allowed', { 'm.yaml': goodPod }, ['m.yaml'], 0],
  ['one denied', { 'm.yaml': hostPod }, ['m.yaml'], 1],
  [
    'a folder',
    {
      m: {
        'a.yaml': goodPod,
        sub: {
          'b.json':
            '{"apiVersion":"v1","kind":"Pod","metadata":{"name":"b"},"spec":{"hostNetwork":true}}',
        },
      },
    },
    ['m'],
    1,
  ],
  ['a missing file beside a good one', { 'm.yaml': goodPod }, ['m.yaml', 'nowhere.yaml'], 2],
  ['nothing in any file', { 'm.yaml': '# only a comment\n---\n' }, ['m.yaml'], 2],
  [
    'an operation that no rule names',
    { 'm.yaml': hostPod },
    ['m.yaml', '--operation', 'DELETE'],
    0,
  ],
  ['no path', { 'm.yaml': goodPod }, [], 2],
  ['an unknown flag', { 'm.yaml': goodPod }, ['m.yaml', '--nope'], 2],
  [
    'two reports on standard output',
    { 'm.yaml': goodPod },
    ['m.yaml', '-o', 'json', '-o', 'text'],
    2,
  ],
  [
    'a report that cannot be written',
    { 'm.yaml': goodPod },
    ['m.yaml', '-o', 'json=/nowhere/x'],
    2,
  ],
  ['a policy path that is not there', { 'm.yaml': goodPod }, ['m.yaml', '-p', '/nowhere'], 2],
  [
    'cluster objects that are none',
    { 'm.yaml': goodPod, 'c.yaml': 'a: b' },
    ['m.yaml', '--cluster-objects', 'c.yaml'],
    2,
  ],
];

test('exit codes: 0 fine, 1 denied, 2 could not run', async (t) => {
  for (const [name, files, args, code] of exits) {
    const ran = await check(t, files, args);
    t.equal(ran.code, code, `${name}: ${ran.stderr}`);
    t.equal(ran.stderr !== '', code === 2, name);
  }
});

test('broken policies are told with their places, all at once, and nothing is decided', async (t) => {
  const { code, stdout, stderr } = await check(t, { 'm.yaml': hostPod }, ['m.yaml', '-o', 'json'], {
    'a.yaml': noHostNetwork.replace('message:', 'massage:'),
    'b.yaml': 'kind: [\n',
  });
  t.equal(code, 2);
  t.match(stderr, /policies\/a\.yaml:\d+:\d+: policy-field: /);
  t.match(stderr, /policies\/b\.yaml:\d+:\d+: yaml-syntax: /);
  t.match(parsed(stdout), {
    decisions: [],
    faults: [{ code: 'policy-field' }, { code: 'yaml-syntax' }],
    summary: { attempts: 0 },
  });
});

test('integers beyond 2^53 are printed digit for digit', async (t) => {
  const policy = noHostNetwork.replace(
    'message: host network is not for you',
    'messageExpression: "string(object.spec.big)"',
  );
  const text = hostPod.replace('spec:', 'spec:\n  big: 9007199254740993');
  const { stdout } = await check(t, { 'm.yaml': text }, ['m.yaml', '-o', 'json'], {
    'p.yaml': policy,
  });
  t.match(stdout, '"message": "9007199254740993"');
});

test('user, groups, namespace and operation are those of the flags', async (t) => {
  const args = [
    'm.yaml',
    '-o',
    'json',
    '--user',
    'alice',
    '--group',
    'dev',
    '--group',
    'ops',
    '--namespace',
    'shop',
    '--operation',
    'UPDATE',
  ];
  const { stdout } = await check(t, { 'm.yaml': goodPod }, args);
  t.match(getIn(parsed(stdout), ['decisions', 0, 'request']), {
    operation: 'UPDATE',
    namespace: 'shop',
    userInfo: { username: 'alice', groups: ['dev', 'ops'] },
  });
});

const byLabel = noHostNetwork.replace(
  'matchConstraints:',
  'matchConstraints:\n    namespaceSelector: {matchLabels: {gate: closed}}',
);
const shop = '{apiVersion: v1, kind: Namespace, metadata: {name: shop, labels: {gate: closed}}}\n';
const podInShop = hostPod.replace('name: web', 'name: web\n  namespace: shop');

test('namespaces come from the manifests, wherever they stand, and from --cluster-objects', async (t) => {
  const cases: readonly [string, Files, readonly string[], number][] = [
    ['nobody supplies it', { 'm.yaml': podInShop }, ['m.yaml'], 0],
    ['after the pod in the same file', { 'm.yaml': `${podInShop}---\n${shop}` }, ['m.yaml'], 1],
    ['in a later file', { 'm.yaml': podInShop, 'z.yaml': shop }, ['m.yaml', 'z.yaml'], 1],
    [
      'in disguise',
      { 'm.yaml': podInShop, 'z.yaml': shop.replace('Namespace', '"\\x4eamespace"') },
      ['m.yaml', 'z.yaml'],
      1,
    ],
    [
      'cluster objects',
      { 'm.yaml': podInShop, 'c.yaml': shop },
      ['m.yaml', '--cluster-objects', 'c.yaml'],
      1,
    ],
    [
      'a bare one in the manifests takes no label off',
      { 'm.yaml': `${podInShop}---\n${shop.replace('gate: closed', '')}`, 'c.yaml': shop },
      ['m.yaml', '--cluster-objects', 'c.yaml'],
      1,
    ],
  ];
  for (const [name, files, args, code] of cases) {
    const ran = await check(t, files, args, { 'p.yaml': byLabel });
    t.equal(ran.code, code, `${name}\n${ran.stdout}${ran.stderr}`);
  }
});

const limited = noHostNetwork
  .replace('spec:\n', 'spec:\n  paramKind: {apiVersion: v1, kind: ConfigMap}\n')
  .replace(
    '!has(object.spec.hostNetwork) || object.spec.hostNetwork == false',
    "params.data.open == 'yes'",
  )
  .replace(
    'policyName:',
    'paramRef: {name: door, namespace: ops, parameterNotFoundAction: Deny}, policyName:',
  );
const door = (open: string): string =>
  `{apiVersion: v1, kind: ConfigMap, metadata: {name: door, namespace: ops}, data: {open: "${open}"}}\n`;

test('params come from --cluster-objects, never from the manifests that they judge', async (t) => {
  const cases: readonly [string, Files, readonly string[], string][] = [
    ['open', { 'm.yaml': goodPod, 'c.yaml': door('yes') }, ['--cluster-objects', 'c.yaml'], 'pass'],
    ['shut', { 'm.yaml': goodPod, 'c.yaml': door('no') }, ['--cluster-objects', 'c.yaml'], 'fail'],
    ['among the manifests', { 'm.yaml': `${goodPod}---\n${door('yes')}` }, [], 'error'],
  ];
  for (const [name, files, args, want] of cases) {
    const ran = await check(t, files, ['m.yaml', ...args, '-o', 'json'], { 'p.yaml': limited });
    t.equal(getIn(parsed(ran.stdout), ['decisions', 0, 'results', 0, 'evaluation']), want, name);
    t.equal(ran.code, want === 'pass' ? 0 : 1, name);
  }
});

test('an unknown leaves the verdict, is counted, and fails the run unless it is allowed', async (t) => {
  const older = noHostNetwork
    .replace(
      'apiGroups: [""], apiVersions: [v1]',
      'apiGroups: [example.com], apiVersions: [v1beta7]',
    )
    .replace('resources: [pods]', 'resources: [widgets]');
  const widget = 'apiVersion: example.com/v1\nkind: Widget\nmetadata: {name: web}\n';
  const json = await check(t, { 'm.yaml': widget }, ['m.yaml', '-o', 'json'], { 'p.yaml': older });
  t.equal(json.code, 1);
  t.match(parsed(json.stdout), {
    decisions: [
      {
        allowed: true,
        results: [{ evaluation: 'unknown', actions: [], code: 'equivalent-version' }],
      },
    ],
    summary: { allowed: 1, denied: 0, unknown: 1 },
  });
  const allowed = await check(t, { 'm.yaml': widget }, ['m.yaml', '--allow-unknown'], {
    'p.yaml': older,
  });
  t.equal(allowed.code, 0);
  const quiet = await check(t, { 'm.yaml': widget }, ['m.yaml', '-q'], { 'p.yaml': older });
  t.match(quiet.stdout, 'unknown: no-host-network: ', 'quiet says why the run fails');
});

test('-o jsonl is a line for each decision, each fault and the summary', async (t) => {
  const text = `${hostPod}---\nfoo: bar\n`;
  const { stdout } = await check(t, { 'm.yaml': text }, ['m.yaml', '-o', 'jsonl']);
  const lines = stdout.trimEnd().split('\n').map(parsed);
  t.same(
    lines.map((line) => Object.keys(line ?? {})[0]),
    ['source', 'fault', 'summary'],
  );
  const json = await check(t, { 'm.yaml': text }, ['m.yaml', '-o', 'json']);
  t.strictSame(lines[0], decisions(json.stdout)[0], 'the same decision as in json');
});

test('several reports at once: text for people, JSON in a file', async (t) => {
  const folder = t.testdir({ policies: { 'p.yaml': noHostNetwork }, 'm.yaml': hostPod });
  const out = join(folder, 'out.json');
  const args = [
    'check',
    join(folder, 'm.yaml'),
    '-p',
    join(folder, 'policies'),
    '-o',
    'text',
    '-o',
    `json=${out}`,
    '--color',
    'always',
  ];
  const { stdout } = await sekisho(folder, args);
  t.match(stdout, '\u001b[31mPod default/web breaks 1 rule\u001b[0m');
  t.match(parsed(readFileSync(out, 'utf8')), { summary: { denied: 1 } });
});

const warnings = noHostNetwork.replace('[Deny]', '[Warn]');
const both = { 'p.yaml': noHostNetwork, 'q.yaml': baseline };
const textCases: readonly [
  name: string,
  yaml: string,
  policies: Record<string, string>,
  args: readonly string[],
][] = [
  ['all allowed', goodPod, both, []],
  ['one denied by two rules, one allowed', `${hostPod}---\n${goodPod}`, both, []],
  ['a warning', hostPod, { 'p.yaml': warnings }, []],
  ['a kind that nobody knows', 'apiVersion: a.b/v1\nkind: Widget\nmetadata: {name: w}\n', both, []],
  [
    'an error that the policy ignores',
    hostPod,
    {
      'p.yaml': noHostNetwork
        .replace('spec:\n', 'spec:\n  failurePolicy: Ignore\n')
        .replace('!has(object.spec.hostNetwork) || ', 'object.spec.nope || '),
    },
    [],
  ],
  ['quiet', `${hostPod}---\n${goodPod}`, both, ['-q']],
  ['quiet, and nothing denied', goodPod, both, ['-q']],
  ['a fault', `${goodPod}---\nfoo: bar\n`, both, []],
  ['hostile names', hostPod.replace('name: web\n', 'name: "a\\e[2J\\nb"\n'), both, []],
];

test('texts read as the golden file says', async (t) => {
  const texts: string[] = [];
  for (const [name, yaml, policies, args] of textCases) {
    const { stdout, stderr } = await check(t, { 'm.yaml': yaml }, ['m.yaml', ...args], policies);
    texts.push(`== ${name}\n${stdout}${stderr === '' ? '' : `-- standard error\n${stderr}`}`);
  }
  // The hash of the policies is not what is pinned here.
  const all = texts.join('\n').replaceAll(/sha256:[0-9a-f]{12}/g, 'sha256:…');
  t.equal(all, golden('check.txt', all));
});

test('colour only on a terminal, unless NO_COLOR or --color say otherwise', async (t) => {
  const cases: readonly [World, readonly string[], boolean][] = [
    [{}, [], false],
    [{ terminal: true }, [], true],
    [{ terminal: true, noColor: true }, [], false],
    [{ terminal: true }, ['--color', 'never'], false],
    [{ noColor: true }, ['--color', 'always'], true],
  ];
  for (const [world, args, colored] of cases) {
    const { stdout } = await check(t, { 'm.yaml': hostPod }, ['m.yaml', ...args], undefined, world);
    t.equal(stdout.includes('\u001b['), colored, JSON.stringify([world, args]));
  }
});

test('a long run says on a terminal how far it is, and takes the line away', async (t) => {
  let clock = 0;
  const elapsed = (): number => {
    clock += 600;
    return clock;
  };
  const m = { 'a.yaml': goodPod, 'b.yaml': goodPod, 'c.yaml': goodPod };
  const long = await check(t, { m }, ['m'], undefined, { terminal: true, elapsed });
  t.match(long.stderr, 'checked 2 of 3 files');
  t.ok(long.stderr.endsWith('\r\u001b[K'));
  const piped = await check(t, { m }, ['m'], undefined, { elapsed });
  t.equal(piped.stderr, '');
});

test('A13: nothing of a file moves a cursor: names, warnings, faults and their excerpts', async (t) => {
  const esc = '\u001b[2J';
  const folder = t.testdir({
    'p.yaml': `${noHostNetwork}---
apiVersion: sekisho.dev/v1alpha1
kind: PolicySettings
spec: {mode: AuditOnly}
`,
    'o.json': JSON.stringify({
      apiVersion: `v1`,
      kind: 'Pod',
      metadata: { name: `web${esc}` },
      spec: { hostNetwork: true },
    }),
    [`x${esc}.json`]:
      '{"kind": "Pod", "apiVersion": "v1", "metadata": {"name": "a"}, "spec": {"hostNetwork": true}}',
    'broken.json': `{"a": 1, "a": "${esc}"}`,
    [`bad${esc}.json`]: '{"a": 1, "a": 2}',
  });
  const { stdout, stderr } = await sekisho(folder, ['check', folder, '-p', join(folder, 'p.yaml')]);
  t.match(stdout, 'would be refused');
  t.match(stderr, 'yaml-syntax');
  t.match(stderr, /bad.*\.json:1:/);
  t.notMatch(stdout + stderr, esc);
});
