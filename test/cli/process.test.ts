// The program as it is started: exit codes of a real process, standard input, a reader that leaves, the launcher.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'tap';
import { makeAuthority, serverNames } from '../../certs/make.ts';
import { noHostNetwork } from './harness.ts';

const root = join(import.meta.dirname, '../..');
const main = join(root, 'src/main.ts');
const launcher = join(root, 'bin/sekisho.js');

type Started = { readonly code: number | null; readonly stdout: string; readonly stderr: string };

type Start = {
  readonly node?: readonly string[];
  readonly stdin?: string;
  /** Called with all of standard error so far. */
  readonly onError?: (text: string, kill: (signal: NodeJS.Signals) => void) => void;
};

function start(
  args: readonly string[],
  { node = [], stdin = '', onError }: Start = {},
): Promise<Started> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [...node, ...args], {
      env: { ...process.env, NODE_OPTIONS: '' },
    });
    let [stdout, stderr] = ['', ''];
    child.stdout.on('data', (chunk) => {
      stdout += String(chunk);
    });
    child.stderr.on('data', (chunk) => {
      stderr += String(chunk);
      onError?.(stderr, (signal) => child.kill(signal));
    });
    child.on('close', (code) => resolve({ code, stdout, stderr }));
    child.stdin.end(stdin);
  });
}

const pod = (spec: string): string =>
  `apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec: {${spec}}\n`;

test('exit codes of a process, and standard input', async (t) => {
  const folder = t.testdir({ policies: { 'p.yaml': noHostNetwork } });
  const args = [main, 'check', '-', '-p', join(folder, 'policies')];
  t.match(await start(args, { stdin: pod('hostNetwork: false') }), { code: 0, stderr: '' });
  const denied = await start([...args, '-o', 'json'], { stdin: pod('hostNetwork: true') });
  t.match(denied, { code: 1, stderr: '' });
  const { decisions } = JSON.parse(denied.stdout);
  t.match(decisions[0].source, { file: '<stdin>', document: 0, line: 1 });
  const broken = await start(args, { stdin: 'a: [' });
  t.match(broken, { code: 2, stderr: /^<stdin>:1:\d+: yaml-syntax: / });
});

test('check loads neither the HTTP server nor its log', async (t) => {
  const hook = `import { registerHooks } from 'node:module';
    registerHooks({ resolve(name, context, next) {
      if (name === 'fastify' || name === 'pino') throw new Error('loaded ' + name);
      return next(name, context);
    } });`;
  const node = ['--import', `data:text/javascript,${encodeURIComponent(hook)}`];
  const folder = t.testdir({ policies: { 'p.yaml': noHostNetwork } });
  const args = [main, 'check', '-', '-p', join(folder, 'policies')];
  t.match(await start(args, { node, stdin: pod('hostNetwork: false') }), { code: 0, stderr: '' });
  const serve = await start([main, 'serve', '--tls-cert', 'a', '--tls-key', 'b'], { node });
  t.match(serve.stderr, 'loaded ', 'the hook sees what is loaded');
});

test('the launcher starts the program, and says in one line which Node it needs', async (t) => {
  t.match(await start([launcher, '--version']), { code: 0, stdout: /^\d+\.\d+\.\d+\n$/ });
  const old = "Object.defineProperty(process.versions, 'node', { value: '20.11.1' })";
  const node = ['--import', `data:text/javascript,${encodeURIComponent(old)}`];
  t.same(await start([launcher, '--version'], { node }), {
    code: 2,
    stdout: '',
    stderr: 'sekisho needs Node 24 or newer; this is Node 20.11.1\n',
  });
});

test('serve listens until it is told to stop, and then exits with 0', async (t) => {
  const authority = await makeAuthority();
  const { cert, key } = await authority.issue({ commonName: 'sekisho', names: serverNames });
  const folder = t.testdir({ policies: { 'p.yaml': noHostNetwork }, cert, key });
  const files = ['--tls-cert', join(folder, 'cert'), '--tls-key', join(folder, 'key')];
  const addresses = ['--listen', '127.0.0.1:0', '--metrics', '127.0.0.1:0', '--drain-seconds', '0'];
  let told = false;
  const { code, stdout, stderr } = await start(
    [main, 'serve', '-p', join(folder, 'policies'), ...files, ...addresses],
    {
      onError(text, kill) {
        if (told || !text.includes('"listening"')) return;
        told = true;
        kill('SIGTERM');
      },
    },
  );
  t.equal(code, 0, stderr);
  t.equal(stdout, '', 'standard output belongs to records and reports');
  t.match(stderr, /"reviews":"127\.0\.0\.1:\d+"/);
  t.match(stderr, '"stopping"');
});

test('a reader that leaves ends the run without a word, and not with 0', async (t) => {
  const folder = t.testdir({ policies: { 'p.yaml': noHostNetwork } });
  const many = Array.from({ length: 3000 }, () => pod('hostNetwork: true')).join('---\n');
  const { code, stderr } = await new Promise<{ code: number | null; stderr: string }>((resolve) => {
    const child = spawn(process.execPath, [
      main,
      'check',
      '-',
      '-p',
      join(folder, 'policies'),
      '-o',
      'json',
    ]);
    let stderr = '';
    child.stderr.on('data', (chunk) => {
      stderr += String(chunk);
    });
    child.stdout.once('data', () => child.stdout.destroy());
    child.on('close', (code) => resolve({ code, stderr }));
    child.stdin.end(many);
  });
  t.equal(code, 2);
  t.equal(stderr, '');
});
