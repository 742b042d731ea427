// `sekisho check --fix` in this process: what is written into files, what is shown as a diff, what is left, exit codes.
// The goldens of test/golden/fix are made from test/fixtures/fix with SEKISHO_GOLDEN=write.
import { spawnSync } from 'node:child_process';
import { chmodSync, lstatSync, mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type Test, test } from 'tap';
import { get, getIn, isArray } from '../../src/base/json.ts';
import { blocksOf } from '../docs/snippets.ts';
import { golden } from '../golden.ts';
import { sekisho, type World } from './harness.ts';

const restricted = `
apiVersion: pod-security.admission.config.k8s.io/v1
kind: PodSecurityConfiguration
defaults: {enforce: restricted, enforce-version: latest}
`;

type Files = Record<string, NonNullable<Parameters<Test['testdir']>[0]>>;

async function fix(
  t: Test,
  files: Files,
  args: readonly string[] = ['--fix'],
  world: World = {},
  policy = restricted,
) {
  const folder = t.testdir({ m: files, policies: { 'p.yaml': policy } });
  const own = ['check', '-p', join(folder, 'policies'), ...args, join(folder, 'm')];
  const ran = await sekisho(folder, own, world);
  const read = (file: string): string => readFileSync(join(folder, 'm', file), 'utf8');
  return { ...ran, folder, read };
}

const fixtures = new URL('../fixtures/fix/', import.meta.url);

for (const name of readdirSync(fixtures).sort()) {
  test(`written into ${name} as its golden file has it, and a second time nothing is`, async (t) => {
    const before = readFileSync(new URL(name, fixtures), 'utf8');
    const { folder, read, stderr } = await fix(t, { [name]: before });
    const after = read(name);
    t.equal(after, golden(`fix/${name}`, after));
    t.match(stderr, `m/${name}: fixed `);
    const again = ['check', '-p', join(folder, 'policies'), '--fix', join(folder, 'm')];
    t.notMatch((await sekisho(folder, again)).stderr, /: fixed /);
    t.equal(read(name), after);
  });
}

const pod = (more = ''): string => `apiVersion: v1
kind: Pod
metadata: {name: web} # a pod
spec:
  containers:
    - {name: c, image: nginx}${more}
`;
const host = '\n  hostPID: true';
const hopeless = '\n  volumes: [{name: v, hostPath: {path: /}}]';
const baseline = restricted.replace('restricted', 'baseline');

test('what is fixed is told on standard error, what is left is the report and the exit code', async (t) => {
  const files = { 'a.yaml': pod(host), 'b.yaml': pod(host + hopeless) };
  const { code, stdout, stderr, read } = await fix(t, files, ['--fix'], {}, baseline);
  t.equal(code, 1);
  t.equal(stderr, 'm/a.yaml: fixed Pod web: spec.hostPID\n');
  t.match(stdout, 'm/b.yaml:7:12: pod-security/hostNamespaces');
  t.match(stdout, '2 manifests: 1 allowed, 1 denied');
  t.equal(read('a.yaml'), pod(host.replace('true', 'false')));
  t.equal(read('b.yaml'), pod(host + hopeless), 'a patch that does not make it pass is none');
});

test('the exit code is 0 when nothing is left', async (t) => {
  t.equal((await fix(t, { 'a.yaml': pod(host) }, ['--fix'], {}, baseline)).code, 0);
});

test('--fix=diff prints a diff that `patch` takes, writes nothing, and judges what would be', async (t) => {
  const files = {
    'a.yaml': pod(host),
    'b.json': '{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "b"}, "spec": {}}',
  };
  const { code, stdout, stderr, read, folder } = await fix(t, files, ['--fix=diff']);
  t.equal(code, 0);
  t.equal(read('a.yaml'), files['a.yaml']);
  t.match(stderr, 'm/a.yaml: would fix Pod web: spec.hostPID');
  t.match(stderr, '2 manifests: 2 allowed', 'the report is on standard error');
  // The harness has taken the folder out of the names, with the slash before it.
  const diff = stdout.replaceAll(/^(---|\+\+\+) ([ab])m/gm, '$1 $2/m');
  t.equal(diff.split('\n')[0], '--- a/m/a.yaml');
  const patched = spawnSync('patch', ['-p1', '-d', folder], { input: diff, encoding: 'utf8' });
  t.equal(patched.status, 0, patched.stdout);
  const again = ['check', '-p', join(folder, 'policies'), '--fix=diff', join(folder, 'm')];
  t.equal((await sekisho(folder, again)).stdout, '');
});

test('a diff has colours on a terminal alone', async (t) => {
  const red = '\u001b[31m-';
  t.match((await fix(t, { 'a.yaml': pod(host) }, ['--fix=diff'], { terminal: true })).stdout, red);
  t.notMatch((await fix(t, { 'a.yaml': pod(host) }, ['--fix=diff'])).stdout, red);
});

test('what an alias shares is left, with its place and the reason', async (t) => {
  const shared = `${pod()}---
apiVersion: v1
kind: List
items:
  - apiVersion: v1
    kind: Pod
    metadata: {name: a}
    spec: &spec {containers: [{name: c, image: i}], hostPID: true}
  - {apiVersion: v1, kind: Pod, metadata: {name: b}, spec: *spec}
`;
  const { code, stderr, read } = await fix(t, { 'a.yaml': shared }, ['--fix'], {}, baseline);
  t.equal(code, 1);
  t.equal(read('a.yaml'), shared);
  t.match(
    stderr,
    'm/a.yaml:11:5: fix-by-hand: Pod a cannot be fixed here: items[0].spec.hostPID: the anchor "spec" shares it',
  );
  t.match(stderr, 'm/a.yaml:15:5: fix-by-hand: Pod b');
});

test('a broken document and its neighbours stay as they are, but for what is fixed', async (t) => {
  const broken = `a: [\n---\n${pod(host)}---\n# only a comment\n--- # c\n${pod(host)}`;
  const { code, read } = await fix(t, { 'a.yaml': broken }, ['--fix'], {}, baseline);
  t.equal(code, 2);
  t.equal(read('a.yaml'), broken.replaceAll('hostPID: true', 'hostPID: false'));
});

test('the file keeps its mode and byte order mark, a link stays a link, and nothing else is left behind', async (t) => {
  const folder = t.testdir({
    real: { 'a.yaml': `\uFEFF${pod(host)}` },
    m: { 'link.yaml': t.fixture('symlink', '../real/a.yaml') },
    policies: { 'p.yaml': baseline },
  });
  const real = join(folder, 'real/a.yaml');
  chmodSync(real, 0o604);
  const { code } = await sekisho(folder, [
    'check',
    '-p',
    join(folder, 'policies'),
    '--fix',
    join(folder, 'm'),
  ]);
  t.equal(code, 0);
  t.equal(readFileSync(real, 'utf8'), `\uFEFF${pod(host.replace('true', 'false'))}`);
  t.equal(statSync(real).mode & 0o777, 0o604);
  t.ok(lstatSync(join(folder, 'm/link.yaml')).isSymbolicLink());
  t.same(readdirSync(join(folder, 'real')), ['a.yaml']);
});

test('a file that cannot be written is a fault, and judged as it is', async (t) => {
  const folder = t.testdir({ m: { 'a.yaml': pod(host) }, policies: { 'p.yaml': baseline } });
  // Somebody else's, or one that a crash has left: it is not overwritten.
  mkdirSync(join(folder, 'm', '.a.yaml.sekisho-fix'));
  const ran = await sekisho(folder, [
    'check',
    '-p',
    join(folder, 'policies'),
    '--fix',
    join(folder, 'm'),
  ]);
  t.equal(ran.code, 2);
  t.match(ran.stderr, /m\/a\.yaml: file-unwritable: /);
  t.match(ran.stdout, '1 denied');
});

test('warnings are fixed as well, and what is only audited is not', async (t) => {
  const modes = (warn: string, audit: string): string =>
    `${baseline.replace('enforce: baseline, enforce-version: latest', `warn: ${warn}, audit: ${audit}`)}`;
  const warned = await fix(
    t,
    { 'a.yaml': pod(host) },
    ['--fix'],
    {},
    modes('baseline', 'baseline'),
  );
  t.match(warned.read('a.yaml'), 'hostPID: false');
  const audited = await fix(
    t,
    { 'a.yaml': pod(host) },
    ['--fix'],
    {},
    modes('privileged', 'baseline'),
  );
  t.match(audited.read('a.yaml'), 'hostPID: true');
});

test('what an exception permits is not fixed', async (t) => {
  const exception = `---
apiVersion: sekisho.dev/v1alpha1
kind: PolicyException
metadata: {name: host}
spec:
  rules: [pod-security/hostNamespaces]
  match: {namespaces: [default], names: [web]}
  reason: r
  owner: o
  ticket: t
  approvedBy: a
  expires: "2027-01-31"
`;
  const spec = `${host}\n  hostIPC: true\n  securityContext: {sysctls: [{name: a, value: b}]}`;
  const { code, read, stderr } = await fix(
    t,
    { 'a.yaml': pod(spec) },
    ['--fix'],
    {},
    `${baseline}${exception}`,
  );
  t.equal(code, 0, stderr);
  t.equal(read('a.yaml'), pod(`${host}\n  hostIPC: true`));
});

test('of the bundle those policies are fixed whose remedy is mechanical', async (t) => {
  const bundle = new URL('../../policies', import.meta.url).pathname;
  const spec = '\n  automountServiceAccountToken: true\n  hostNetwork: true';
  const folder = t.testdir({ 'a.yaml': pod(spec) });
  const file = join(folder, 'a.yaml');
  const rules = async (...args: readonly string[]): Promise<readonly string[]> => {
    const { stdout } = await sekisho(folder, ['check', '-p', bundle, '-o', 'jsonl', ...args, file]);
    const results = get(JSON.parse(stdout.split('\n')[0] ?? ''), 'results');
    const broken = (isArray(results) ? results : []).filter(
      (result) => getIn(result, ['actions', 0]) !== undefined,
    );
    return [...new Set(broken.map((result) => String(get(result, 'policy'))))];
  };
  const before = await rules();
  const after = await rules('--fix');
  t.same(before.filter((rule) => !after.includes(rule)).sort(), [
    'no-automount-service-account-token',
    'no-host-namespaces',
    'pod-security',
    'read-only-root-filesystem',
  ]);
  t.same([...after].sort(), ['allowed-registries', 'images-by-digest', 'resource-limits']);
});

test('the diff of docs/fixing.md is the one that is printed', async (t) => {
  const page = readFileSync(new URL('../../docs/fixing.md', import.meta.url), 'utf8');
  const [policy, web] = blocksOf(page).filter(({ file }) => file !== '');
  const diff = blocksOf(page).find(({ language }) => language === 'diff')?.text;
  const own = { 'web.yaml': web?.text ?? '' };
  const { stdout } = await fix(t, own, ['--fix=diff'], {}, policy?.text);
  t.equal(stdout.replaceAll(/^(---|\+\+\+) ([ab])m/gm, '$1 $2'), diff);
});

const flags: readonly (readonly [string, readonly string[], string])[] = [
  [
    'standard input cannot be written',
    ['--fix', '-'],
    '--fix: flag-invalid: standard input cannot be written',
  ],
  [
    'two texts cannot go to standard output',
    ['--fix=diff', '-o', 'json', 'x'],
    '--output: flag-invalid: with --fix=diff',
  ],
  [
    'there is no other way to fix',
    ['--fix=all', 'x'],
    "option '--fix [how]' argument 'all' is invalid",
  ],
];

for (const [rule, args, message] of flags) {
  test(`flags: ${rule}`, async (t) => {
    const { code, stderr } = await sekisho('', ['check', ...args]);
    t.equal(code, 2);
    t.match(stderr, message);
  });
}
