// The image without a builder: the Dockerfile is carried out in a folder, and what comes of it starts as its user, with
// nothing writable but the ledger, answers over TLS, and reads its compiled code without writing any.
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { Agent } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type Test, test } from 'tap';
import { writeCertificates } from '../../certs/make.ts';
import { listeningPort, root } from '../gate.ts';
import { outcome, podReview, send } from '../server/harness.ts';
import { buildImage, here, type Image, parseDockerfile } from './dockerfile.ts';

const isRoot = process.getuid?.() === 0;
const dockerfile = join(root, 'Dockerfile');

test('the Dockerfile: bases without invented digests, a user by number, and an entry without a shell', (t) => {
  const all = parseDockerfile(readFileSync(dockerfile, 'utf8'));
  const texts = (name: string): string[] =>
    all.filter((each) => each.name === name).map(({ text }) => text);
  t.same(
    texts('FROM').map((text) => text.replace(/[${}]/g, '')),
    ['NODE_IMAGE AS build', 'BASE_IMAGE AS warm', 'BASE_IMAGE'],
  );
  for (const base of texts('ARG')) t.match(base, /^(NODE|BASE)_IMAGE=[^@]+node[^@]*24[^@]*$/, base);
  t.equal(texts('USER').at(-1), '65532:65532');
  t.equal(texts('ENTRYPOINT').length, 1);
  for (const text of [...texts('ENTRYPOINT'), ...texts('CMD')])
    t.ok(Array.isArray(JSON.parse(text)));
  const install = texts('RUN').filter((text) => text.includes('npm ci'));
  t.equal(install.length, 2);
  for (const text of install) t.match(text, /--ignore-scripts/);
  const ignored = readFileSync(join(root, '.dockerignore'), 'utf8').split('\n');
  const sent = ignored.filter((line) => line.startsWith('!')).map((line) => line.slice(1));
  const copied = texts('COPY')
    .filter((text) => !text.includes('--from='))
    .flatMap((text) => text.split(' ').slice(0, -1));
  t.same(sent.sort(), copied.sort(), 'the builder is sent what is copied, and no more');
  t.end();
});

/** Each package by a link of its own: npm would empty a folder that it comes to through a link. */
function linkPackages(folder: string): void {
  const [from, to] = [join(root, 'node_modules'), join(folder, 'node_modules')];
  mkdirSync(to);
  for (const name of readdirSync(from)) symlinkSync(join(from, name), join(to, name));
}

/** A folder that another user can enter. */
function openFolder(t: Test): string {
  const folder = mkdtempSync(join(tmpdir(), 'sekisho-image-'));
  chmodSync(folder, 0o755);
  t.teardown(() => {
    // What has no write bit can still be removed by its owner, once its folders have one.
    for (const path of folders(folder)) chmodSync(path, 0o755);
    rmSync(folder, { recursive: true, force: true });
  });
  return folder;
}

function folders(folder: string): string[] {
  const inner = readdirSync(folder, { withFileTypes: true }).filter((each) => each.isDirectory());
  return [folder, ...inner.flatMap(({ name }) => folders(join(folder, name)))];
}

function files(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((each) => each.isFile())
    .map(({ parentPath, name }) => join(parentPath, name));
}

const mib = (paths: readonly string[]): number =>
  Math.round(paths.reduce((sum, path) => sum + lstatSync(path).size, 0) / 1024 / 1024);

const unreachable = /\b(ENOTCACHED|ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT)\b/;

test('what the Dockerfile makes starts as its user with nothing writable, answers, checks, and ends', async (t) => {
  const folder = openFolder(t);
  const [imageFolder, work] = [join(folder, 'image'), join(folder, 'work')];
  for (const path of [imageFolder, work]) mkdirSync(path);
  let image: Image;
  try {
    image = await buildImage({
      ...{ dockerfile, context: root, folder: imageFolder, root: isRoot },
      // The packages that the lockfile names are here already.
      instead: {
        'npm ci --ignore-scripts --no-audit --no-fund': () =>
          linkPackages(join(imageFolder, 'src')),
      },
    });
  } catch (error) {
    if (!unreachable.test(String(error)) || process.env['CI'] === 'true') throw error;
    t.pass('built', { skip: 'the packages are not in npm’s cache, and no registry answers' });
    return;
  }
  const { user } = image;
  const app = join(imageFolder, 'app');
  const cache = join(app, '.compile-cache');
  const shipped = files(app);
  const modules = shipped.filter((path) => path.includes('/node_modules/'));
  const compiled = files(cache);
  t.comment(
    `${shipped.length} files, ${mib(shipped)} MiB: packages ${mib(modules)}, compiled code ${mib(compiled)}`,
  );
  t.ok(compiled.length > 100, 'the compile cache is warm');
  t.same(
    readdirSync(app).sort(),
    [
      ...['.compile-cache', 'CHANGELOG.md', 'LICENSE', 'README.md', 'bin', 'dist', 'node_modules'],
      ...['package-lock.json', 'package.json', 'policies'],
    ].sort(),
  );
  const writable = shipped.filter((path) => (lstatSync(path).mode & 0o222) !== 0);
  t.same(writable, [], 'nothing has a bit to write it');

  await writeCertificates(work);
  for (const name of ['tls.crt', 'tls.key', 'ca.crt']) chmodSync(join(work, name), 0o444);
  const ledger = join(work, 'ledger');
  mkdirSync(ledger);
  if (isRoot) chownSync(ledger, user.uid, user.gid);
  writeFileSync(
    join(work, 'cluster.yaml'),
    '{apiVersion: v1, kind: Namespace, metadata: {name: capture}}',
  );
  writeFileSync(
    join(work, 'configuration.yaml'),
    `apiVersion: sekisho.dev/v1alpha1
kind: Configuration
policies: [${join(app, 'policies')}]
clusterObjects: [${join(work, 'cluster.yaml')}]
listen: 127.0.0.1:0
metrics: 127.0.0.1:0
tlsCert: ${join(work, 'tls.crt')}
tlsKey: ${join(work, 'tls.key')}
ledger: {folder: ${ledger}}
drainSeconds: 0
`,
  );
  // The user can read it, and neither change nor make anything in it.
  const probe = `const fs = require('node:fs'); for (const path of process.argv.slice(1)) {
    try { fs.accessSync(path, fs.constants.W_OK); console.log(path); } catch {} }`;
  const asUser = isRoot ? user : {};
  const probed = await promisify(execFile)(
    process.execPath,
    ['-e', probe, ...folders(app).slice(0, 200), cache],
    asUser,
  );
  if (isRoot) t.equal(probed.stdout, '', 'no folder is writable for the user');

  const environment = Object.fromEntries(
    Object.entries(image.environment).map(([name, value]) => [name, here(value, imageFolder)]),
  );
  const start = ['-u', 'NODE_OPTIONS', ...image.entrypoint.map((word) => here(word, imageFolder))];
  const env = { ...environment, NODE_DEBUG_NATIVE: 'COMPILE_CACHE' };
  const options = { cwd: app, ...asUser };
  t.equal(image.command[0], 'serve');
  const args = [...start, 'serve', '--config', join(work, 'configuration.yaml')];
  const child = spawn('env', args, { ...options, env, stdio: ['ignore', 'ignore', 'pipe'] });
  const ended = once(child, 'exit');
  t.teardown(() => child.kill('SIGKILL'));
  const said: string[] = [];
  const port = await listeningPort(child, said);
  if (port === undefined) throw new Error(said.slice(-20).join('\n'));
  const agent = new Agent({ ca: readFileSync(join(work, 'ca.crt'), 'utf8') });
  t.teardown(() => agent.destroy());
  const reply = await send({ agent, port, body: podReview({ hostNetwork: true }) });
  t.match(outcome(reply), /^200 denied/);
  t.ok(files(ledger).length > 0, 'the decision is recorded');
  child.kill('SIGTERM');
  t.same(await ended, [0, null], 'it ends as it should');
  const accepted = said.filter((line) => /was accepted|cache hit/i.test(line)).length;
  const missed = said.filter((line) => /cache miss|not found|rejected/i.test(line)).length;
  t.comment(`compiled code: ${accepted} accepted, ${missed} missed`);
  t.ok(accepted > 100, `the compiled code is used: ${said.slice(0, 5).join('\n')}`);
  t.same(files(app), shipped, 'nothing was written');

  const manifest = join(root, 'test/demo/manifests/gateway.yaml');
  const manifestCopy = join(work, 'gateway.yaml');
  writeFileSync(manifestCopy, readFileSync(manifest));
  const checked = await promisify(execFile)(
    'env',
    [...start, 'check', manifestCopy, '-p', join(app, 'policies')],
    { ...options, env: environment },
  ).catch((error: { code: number; stdout: string }) => error);
  t.match(checked, { code: 1, stdout: /breaks \d+ rules?/ });
});
