// The worked example of a policy repository does what it says: the commands of its CI files are run as they are
// written, and a change that weakens a policy turns them red.
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'tap';
import { get, getIn, type JsonValue } from '../src/base/json.ts';
import type { Io } from '../src/cli/command.ts';
import { run } from '../src/cli/run.ts';
import { sekisho } from './cli/harness.ts';
import {
  ciFiles,
  ciOf,
  commandsOf,
  environments,
  example,
  files,
  github,
  gitlab,
  inCopy,
  law,
  list,
  outcomeOf,
  read,
  root,
  texts,
} from './examples/repository.ts';

for (const file of ciFiles) {
  test(`${file}: every command ends with 0 and writes its reports`, async (t) => {
    inCopy(t);
    const commands = commandsOf(file);
    t.equal(commands.length, environments.length * 3, 'two tests and a check for each environment');
    for (const args of commands) {
      const line = `sekisho ${args.join(' ')}`;
      t.notMatch(line, /[|&;<>`$(){}'*]/, 'a plain command, which no shell has to be asked about');
      const { code, stdout, stderr } = await sekisho('', args);
      t.equal(code, 0, line);
      const warned = line.includes('development') ? /audit-only: warning: / : /^$/;
      t.match(stderr, warned, line);
      t.notMatch(stdout, /failed: |^::error/m, line);
      for (const report of args.filter((arg) => /^(junit|sarif)=/.test(arg))) {
        const [format = '', path = ''] = report.split('=');
        const text = readFileSync(path, 'utf8');
        if (format === 'junit') t.match(text, /<testsuites[\s\S]*<testcase/, path);
        else t.equal(getIn(JSON.parse(text), ['version']), '2.1.0', path);
      }
    }
  });
}

test('both CI files try every environment that there is, with the same policies', (t) => {
  t.strictSame(readdirSync(join(example, 'environments')).sort(), [...environments].sort());
  t.strictSame(readdirSync(join(example, 'tests')).sort(), [...environments].sort());
  const [one, other] = ciFiles.map((file) =>
    commandsOf(file).map((args) => args.slice(0, args.indexOf('-o'))),
  );
  t.strictSame(one, other);
  for (const environment of environments) {
    for (const command of [
      ['test', `tests/${environment}`, ...law(environment)],
      ['check', 'manifests/accepted', ...law(environment)],
    ]) {
      t.ok(
        one?.some((args) => args.join(' ') === command.join(' ')),
        command.join(' '),
      );
    }
  }
  t.end();
});

test('the workflow has the least rights, and its actions are pinned by commit', (t) => {
  const workflow = ciOf(github);
  t.strictSame(get(workflow, 'permissions'), { contents: 'read' });
  const job = getIn(workflow, ['jobs', 'policies']);
  t.strictSame(get(job, 'permissions'), { contents: 'read', 'security-events': 'write' });
  t.strictSame(getIn(workflow, ['on', 'push', 'branches']), ['main']);
  t.ok('pull_request' in Object(get(workflow, 'on')), 'and on no pull_request_target');
  const uses = [...read(github).matchAll(/uses: (.*)$/gm)].map(([, action = '']) => action);
  t.equal(uses.length, 4);
  for (const action of uses) t.match(action, /^[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
  const [checkout] = list(get(job, 'steps'));
  t.equal(getIn(checkout, ['with', 'persist-credentials']), false);
  t.end();
});

test('the pipeline keeps every JUnit report that it writes', (t) => {
  const job = getIn(ciOf(gitlab), ['policies']);
  const kept = texts(getIn(job, ['artifacts', 'reports', 'junit']));
  t.equal(getIn(job, ['artifacts', 'when']), 'always', 'of cases that fail above all');
  const written = commandsOf(gitlab).flatMap((args) =>
    args.filter((arg) => arg.startsWith('junit=')).map((arg) => arg.slice('junit='.length)),
  );
  t.ok(written.length > 0);
  for (const path of written) {
    t.ok(
      kept.some((pattern) => path.startsWith(pattern.replace('*.xml', ''))),
      path,
    );
  }
  t.end();
});

test('both CI files install one tarball, and only by its digest', (t) => {
  const installs = ciFiles.map((file) => {
    const text = read(file);
    t.match(text, /\| sha256sum --check\n[\s-]*npm install --global --ignore-scripts \.\//, file);
    const value = ciOf(file);
    const variables = get(value, file === gitlab ? 'variables' : 'env');
    t.match(get(variables, 'SEKISHO_TARBALL'), /^https:\/\/\S+-\d+\.\d+\.\d+\.tgz$/);
    t.match(get(variables, 'SEKISHO_SHA256'), /^[0-9a-f]{64}$/, 'a text, not a number');
    return variables;
  });
  t.strictSame(installs[0], installs[1]);
  t.end();
});

test('what is refused is refused where policies are enforced, and recorded in development', async (t) => {
  inCopy(t);
  const hashes = new Set<JsonValue | undefined>();
  const wanted = [
    ['development', 0, 3],
    ['staging', 1, 3],
    ['production', 1, 8],
  ] as const;
  for (const [environment, code, rules] of wanted) {
    const args = ['check', 'manifests/refused/web.yaml', ...law(environment), '-o', 'json'];
    const ran = await sekisho('', args);
    t.equal(ran.code, code, environment);
    const decision = getIn(JSON.parse(ran.stdout), ['decisions', 0]);
    t.equal(get(decision, 'allowed'), code === 0, environment);
    const denied = list(get(decision, 'results'))
      .filter((result) => texts(get(result, 'actions')).includes('deny'))
      .map((result) => get(result, 'rule'));
    const told = code === 0 ? list(get(decision, 'wouldDeny')) : [...new Set(denied)];
    t.equal(told.length, rules, `${environment}: ${told.join(', ')}`);
    hashes.add(get(decision, 'policySet'));
  }
  t.equal(hashes.size, environments.length, 'each environment has a law of its own');
});

const production = 'environments/production';

test('the cases hold when the exception has ended long ago', async (t) => {
  inCopy(t);
  for (const now of ['2027-01-30T23:59:59.000Z', '2031-05-01T00:00:00.000Z']) {
    const commands = commandsOf(gitlab).filter((args) => args.includes(production));
    t.equal(commands.length, 2);
    for (const args of commands) t.equal(await at(now, args), 0, `${now} ${args}`);
    const exporter = ['check', 'manifests/refused/node-exporter.yaml', ...law('production')];
    t.equal(await at(now, exporter), now < '2027-01-31' ? 0 : 1, `${now} node-exporter`);
  }
});

/** The exit code on another day. */
function at(now: string, args: readonly string[]): Promise<number> {
  const output = { isTerminal: false, write: async (): Promise<void> => {} };
  const io: Io = {
    ...{ stdout: output, stderr: output, noColor: true, version: '1.2.3' },
    ...{ now: () => now, elapsed: () => 0, untilStopped: async () => {} },
  };
  return run(args, io);
}

test('when the last exception is gone a file with a comment keeps the folder', async (t) => {
  inCopy(t);
  rmSync('exceptions/node-exporter.yaml');
  rmSync('tests/production/exceptions.yaml');
  writeFileSync('exceptions/none.yaml', '# There is no exception.\n');
  t.same(await outcomeOf(gitlab), { code: 0, said: '' });
});

const bad = [
  ['baseline/no-host-namespaces/policy.yaml', /object\.spec\.\?hostPID.*$/m, '"true"', 1],
  ['baseline/no-host-namespaces/binding.yaml', '[Deny, Audit]', '[Audit]', 1],
  ['baseline/allowed-registries/params.yaml', '  prefixes: |', '  prefixes: |\n    docker.io/', 1],
  ['baseline/allowed-registries/policy.yaml', 'object.spec.?initContainers.orValue([]) +', '', 1],
  ['baseline/pod-security/policy.yaml', '[kube-system]', '[kube-system, shop]', 1],
  ['baseline/pod-security/policy.yaml', 'warn: restricted', 'warn: baseline', 1],
  ['baseline/settings.yaml', 'floor: { level: baseline,', 'floor: { level: privileged,', 1],
  ['baseline/team-label/policy.yaml', 'pod-templates: "true"', 'pod-templates: "false"', 1],
  ['baseline/team-label/policy.yaml', 'CREATE, UPDATE', 'CREATE', 1],
  ['baseline/team-label/binding.yaml', '[Deny, Audit]', '[Warn, Audit]', 1],
  ['environments/staging/team-label.yaml', '[Warn, Audit]', '[Audit]', 1],
  [`${production}/settings.yaml`, 'level: restricted', 'level: baseline', 1],
  [`${production}/settings.yaml`, 'mode: Enforce', 'mode: AuditOnly', 1],
  [`${production}/pod-security.yaml`, '[kube-system]', '[kube-system, shop]', 1],
  [`${production}/allowed-registries.yaml`, 'example.com/released/', 'example.com/', 1],
  ['exceptions/node-exporter.yaml', '- no-host-namespaces/host-network', '- no-host-namespaces', 1],
  ['exceptions/node-exporter.yaml', '[monitoring]', '[monitoring, shop]', 1],
  ['exceptions/node-exporter.yaml', / {4}workloads:\n.*\n/, '', 1],
  ['exceptions/node-exporter.yaml', '"2027-01-31"', '"2027-02-01"', 1],
  ['exceptions/node-exporter.yaml', '"2027-01-31"', '"2027-12-31"', 2],
  ['exceptions/node-exporter.yaml', 'hostNamespaces', 'hostNamespace', 2],
  ['baseline/team-label/policy.yaml', 'variables.team ==', 'variables.teem ==', 2],
  ['baseline/team-label/binding.yaml', 'validationActions', 'validationAction', 2],
  ['manifests/accepted/web.yaml', 'runAsNonRoot: true', 'runAsNonRoot: false', 1],
] as const;

test('a change that weakens or breaks a policy turns CI red', async (t) => {
  inCopy(t);
  for (const [file, from, to, code] of bad) {
    const before = readFileSync(file, 'utf8');
    const after = before.replace(from, to);
    t.not(after, before, `${file} has ${from}`);
    writeFileSync(file, after);
    const red = await outcomeOf(gitlab);
    t.equal(red.code, code, `${file}: ${from} becomes ${to}\n${red.said}`);
    writeFileSync(file, before);
  }
});

test('CODEOWNERS: every line owns something, and every file of the law has an owner of its own', (t) => {
  const lines = read('CODEOWNERS')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => line.split(/\s+/));
  const owns = (pattern: string, file: string): boolean =>
    pattern === '*' ||
    (pattern.endsWith('/') ? `/${file}`.startsWith(pattern) : `/${file}` === pattern);
  for (const [pattern = '', ...owners] of lines) {
    t.match(pattern, /^(\*|\/[\w./-]+)$/, 'a form that GitHub and GitLab read alike');
    t.ok(
      owners.length === 1 && /^@example\/[a-z]+$/.test(owners[0] ?? ''),
      `${pattern}: one owner`,
    );
    t.ok(
      files.some((file) => owns(pattern, file)),
      `${pattern} owns a file`,
    );
  }
  const lastOf = (file: string): readonly string[] =>
    lines.findLast(([pattern = '']) => owns(pattern, file)) ?? [];
  const law = files.filter((file) => /^(baseline|environments|exceptions|tests)\//.test(file));
  t.ok(law.length >= 20, `saw ${law.length} files`);
  for (const file of law) t.not(lastOf(file)[0], '*', file);
  const guarded =
    /^(baseline|exceptions|CODEOWNERS|\.git|environments\/production|tests\/production)/;
  for (const file of files.filter((each) => guarded.test(each))) {
    t.equal(lastOf(file)[1], '@example/security', file);
  }
  t.end();
});

test('what is copied from the bundle is the bundle: cp policies/NAME/policy.yaml to the example', (t) => {
  for (const name of ['allowed-registries', 'no-host-namespaces']) {
    for (const file of ['policy.yaml', 'binding.yaml']) {
      const bundled = readFileSync(join(root, 'policies', name, file), 'utf8');
      t.equal(read(`baseline/${name}/${file}`), bundled, `${name}/${file}`);
    }
  }
  t.end();
});

test('the example can be copied anywhere: no absolute paths, and what its README names is there', (t) => {
  for (const file of files) {
    t.notMatch(read(file), /(^|[\s"'=(])\/(home|Users|tmp|work|opt|usr|root|mnt|var)\//m, file);
    t.notOk(statSync(join(example, file)).size > 20_000, `${file} is small`);
  }
  for (const args of ciFiles.flatMap(commandsOf)) {
    t.notOk(
      args.some((arg) => /(^|=)[/~]|\.\./.test(arg)),
      args.join(' '),
    );
  }
  const named = [...read('README.md').matchAll(/`([\w./-]+\/[\w./-]*)`/g)].map(
    ([, path = '']) => path,
  );
  const paths = named.filter(
    (path) => !/NAME|^registry\./.test(path) && !/^(accepted|refused)\//.test(path),
  );
  t.ok(paths.length >= 5, 'saw the paths');
  for (const path of paths) t.ok(existsSync(join(example, path)), path);
  t.end();
});
