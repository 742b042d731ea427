// What ships is the built package: it is packed as `make build` packs it, installed into an empty folder, and must
// decide there as the sources do here. Packages come from npm's cache, which installing this checkout has filled.
import { execFile } from 'node:child_process';
import { cpSync, existsSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type Test, test } from 'tap';
import { getIn } from '../src/base/json.ts';
import { emptyFolder } from './folder.ts';
import { root } from './gate.ts';

type Ran = { readonly code: number; readonly stdout: string; readonly stderr: string };

/** Without the loader that tap gives to every Node that a test starts. Never rejects: a program that could not be run has exit code -1. */
async function run(cwd: string, command: string, ...args: readonly string[]): Promise<Ran> {
  try {
    return {
      code: 0,
      ...(await promisify(execFile)('env', ['-u', 'NODE_OPTIONS', command, ...args], { cwd })),
    };
  } catch (error) {
    const { code, stdout, stderr } = error as Partial<Ran>;
    return {
      code: typeof code === 'number' ? code : -1,
      stdout: stdout ?? '',
      stderr: stderr ?? String(error),
    };
  }
}

function readJson(path: string) {
  return JSON.parse(readFileSync(path, 'utf8'));
}

/** Packs a copy of the checkout, so that a `dist` that is there already is neither used nor lost; the tarball's path. */
async function pack(t: Test): Promise<string> {
  const stage = emptyFolder(t, 'packaging');
  const own = readJson(join(root, 'package.json'));
  const copied = ['package.json', 'tsconfig.json', 'tsconfig.build.json', 'src', ...own.files];
  for (const name of copied.filter((entry) => entry !== 'dist')) {
    if (existsSync(join(root, name)))
      cpSync(join(root, name), join(stage, name), { recursive: true });
  }
  symlinkSync(join(root, 'node_modules'), join(stage, 'node_modules'));
  t.same(
    await run(stage, 'tsc', '--project', 'tsconfig.build.json'),
    emptyRun,
    'the build is silent',
  );
  const packed = await run(stage, 'npm', 'pack', '--silent');
  t.equal(packed.code, 0, packed.stderr);
  return join(stage, `${own.name}-${own.version}.tgz`);
}

const emptyRun: Ran = { code: 0, stdout: '', stderr: '' };

/** A project whose only dependency is the tarball, locked to what our own lockfile names for production. */
function writeProject(folder: string, tarball: string): void {
  const own = readJson(join(root, 'package.json'));
  const { packages, lockfileVersion } = readJson(join(root, 'package-lock.json'));
  const { dependencies, optionalDependencies, bin, engines } = own;
  const project = { name: 'empty', version: '1.0.0', dependencies: { sekisho: `file:${tarball}` } };
  const production = Object.entries<{ dev?: boolean }>(packages).filter(
    ([path, { dev }]) => path !== '' && dev !== true,
  );
  const sekisho = {
    version: own.version,
    resolved: `file:${tarball}`,
    dependencies,
    optionalDependencies,
    bin,
    engines,
  };
  const lock = {
    ...{ name: 'empty', version: '1.0.0', lockfileVersion, requires: true },
    packages: { '': project, ...Object.fromEntries(production), 'node_modules/sekisho': sekisho },
  };
  writeFileSync(join(folder, 'package.json'), JSON.stringify(project));
  writeFileSync(join(folder, 'package-lock.json'), JSON.stringify(lock));
}

/** True once it is installed; where neither the cache nor a registry has the packages the test is skipped, and says so. */
async function install(t: Test, folder: string): Promise<boolean> {
  const flags = ['--omit=dev', '--omit=optional', '--ignore-scripts', '--no-audit', '--no-fund'];
  const installed = await run(
    folder,
    'npm',
    'ci',
    '--prefer-offline',
    '--loglevel=error',
    ...flags,
  );
  if (installed.code !== 0 && unreachable.test(installed.stderr)) {
    const skip = `the packages are not in npm's cache, and no registry answers: ${installed.stderr}`;
    t.pass('installed', { skip });
    return false;
  }
  t.equal(installed.code, 0, installed.stderr);
  return installed.code === 0;
}

const unreachable =
  /\b(ENOTCACHED|ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH)\b/;

/** Each run has its own now. */
function timeless(stdout: string) {
  return JSON.parse(stdout.replaceAll(/"at": ?"[^"]+"/g, '"at":"now"'));
}

function compare(t: Test, file: string, built: Ran, source: Ran, allowed: boolean): void {
  t.equal(built.code, allowed ? 0 : 1, `${file}: ${built.stderr}`);
  t.equal(source.code, built.code, `${file}: exit code as from the sources`);
  const [ours, theirs] = [timeless(built.stdout), timeless(source.stdout)];
  t.strictSame(ours, theirs, `${file}: the same document as from the sources`);
  t.equal(getIn(ours, ['decisions', 0, 'allowed']), allowed, file);
}

test('the packed build installs into an empty folder and decides as the sources do', async (t) => {
  const tarball = await pack(t);
  const folder = emptyFolder(t, 'packaging');
  writeProject(folder, tarball);
  if (!(await install(t, folder))) return;

  const there = join(folder, 'node_modules/sekisho');
  const own = readJson(join(root, 'package.json'));
  t.strictSame(readdirSync(there).sort(), [...own.files, 'package.json'].sort(), 'what is in it');
  const sekisho = join(folder, 'node_modules/.bin/sekisho');
  t.match(await run(folder, sekisho, '--version'), { code: 0, stdout: own.version });

  const manifests = join(root, 'test/demo/manifests');
  const policies = join(there, 'policies');
  for (const [file, allowed] of [
    ['web.yaml', true],
    ['gateway.yaml', false],
  ] as const) {
    const args = ['check', file, '-p', policies, '-o', 'json'];
    const built = await run(manifests, sekisho, ...args);
    const source = await run(manifests, process.execPath, join(root, 'src/main.ts'), ...args);
    compare(t, file, built, source, allowed);
  }
  await expectVerifier(t, folder, there);
  await expectLedger(t, folder, there);
});

/** A thread is started by the path of its file, which the build does not rewrite. */
async function expectVerifier(t: Test, folder: string, there: string): Promise<void> {
  const verifier = JSON.stringify(join(there, 'dist/images/worker/verifier.js'));
  const program = `
    import { openVerifier } from ${verifier};
    const patience = AbortSignal.timeout(60_000);
    const answer = await openVerifier({ limit: () => patience }).verify([], patience);
    process.stdout.write(JSON.stringify(answer));`;
  const ran = await run(folder, process.execPath, '--input-type=module', '--eval', program);
  t.equal(ran.stdout, '{"ok":true,"value":[]}', ran.stderr);
}

async function expectLedger(t: Test, folder: string, there: string): Promise<void> {
  const thread = JSON.stringify(join(there, 'dist/server/ledger-thread/thread.js'));
  const program = `
    import { openLedgerThread } from ${thread};
    const about = { folder: 'ledger', replica: 'r', cluster: 'c', engine: '1', digestKey: null };
    const ports = { oldestNeeded: () => 0, tell() {}, now: () => '', newId: () => 'id' };
    const { value: ledger } = await openLedgerThread({ opening: about, ...ports });
    const law = { policySet: null, revision: null, policies: null };
    const start = { kind: 'start', id: 'id', engine: '1', node: '24', mode: null, settings: {} };
    const { ok, value } = await ledger.append({ ...start, ...law });
    await ledger.close();
    process.stdout.write(JSON.stringify({ ok, seq: value.seq }));`;
  const ran = await run(folder, process.execPath, '--input-type=module', '--eval', program);
  t.equal(ran.stdout, '{"ok":true,"seq":2}', ran.stderr);
}
