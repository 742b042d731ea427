// What the documents say is so: generated pages are current, links and commands exist, the refusal in the README is
// the program's, dependencies are told with their versions, and nothing names the machine it was written on.
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { Agent } from 'node:https';
import { homedir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { test } from 'tap';
import { codes } from '../src/base/codes.ts';
import { create } from './demo/kubectl.ts';
import { reviewOf } from './demo/reviews.ts';
import { celPage, renderCel } from './docs/cel.ts';
import { codesPage, renderCodes } from './docs/codes.ts';
import { makeWorkplace, root, serveArguments, startServed } from './gate.ts';

/** What is not committed. */
const ignored = new Set(['node_modules', '.git', '.tap', 'dist', '.sekisho', 'dev']);

function filesIn(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter(({ name }) => !ignored.has(name) && !name.endsWith('.tgz'))
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      return entry.isDirectory() ? filesIn(path) : entry.isFile() ? [path] : [];
    });
}

const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const files = filesIn(root);
const documents = files.filter((path) => path.endsWith('.md'));

test('docs/codes.md is the list of the program: make docs', (t) => {
  const page = readFileSync(codesPage, 'utf8');
  t.equal(page, renderCodes());
  const told = [...page.matchAll(/^\| `([a-z0-9-]+)` \|/gm)].map(([, code]) => code);
  t.strictSame([...told].sort(), Object.keys(codes).sort(), 'each code once, and no other');
  t.end();
});

test('docs/cel.md is the tables of src/cel/library: make docs', (t) => {
  t.equal(readFileSync(celPage, 'utf8'), renderCel());
  t.end();
});

test('every make target that a document or the CI names is in the Makefile', (t) => {
  const targets = new Set([...read('Makefile').matchAll(/^([a-z]+):/gm)].map(([, name]) => name));
  for (const name of ['demo', 'run', 'test', 'check', 'bench', 'certs', 'build', 'clean']) {
    t.ok(targets.has(name), `make ${name}`);
  }
  const commands = /(?:^|`)make ([a-z]+)(?=`|\s*(?:#|$))/gm;
  for (const path of [...documents, join(root, 'Makefile')]) {
    for (const [, name] of readFileSync(path, 'utf8').matchAll(commands)) {
      t.ok(targets.has(name), `${relative(root, path)}: make ${name}`);
    }
  }
  const steps = [...read('.ci/run').matchAll(/^step ([a-z]+)$/gm)].map(([, name]) => name ?? '');
  t.ok(
    ['check', 'test'].every((name) => steps.includes(name)),
    'CI checks and tests',
  );
  t.ok(
    steps.every((name) => targets.has(name)),
    `CI runs ${steps.join(', ')}`,
  );
  t.end();
});

test('every link of a document to a file leads somewhere', (t) => {
  const dead = documents.flatMap((path) =>
    [...readFileSync(path, 'utf8').matchAll(/\]\(([^)#\s]+)[^)]*\)/g)]
      .map(([, target = '']) => target)
      .filter((target) => !/^[a-z]+:/.test(target))
      .filter((target) => !existsSync(join(dirname(path), target)))
      .map((target) => `${relative(root, path)}: ${target}`),
  );
  t.ok(documents.length >= 8, 'saw the documents');
  t.strictSame(dead, []);
  t.end();
});

test('the refusal in the README is what the program says', async (t) => {
  const shown = /<!-- refusal of (\S+\.yaml)[^>]*-->\n```\n([\s\S]*?)\n```/.exec(read('README.md'));
  const [, manifest = '', block = ''] = shown ?? [];
  const workplace = await makeWorkplace('docs');
  const gate = await startServed(serveArguments(workplace));
  t.teardown(() => gate.stop());
  const agent = new Agent({ ca: workplace.ca });
  const file = manifest.slice(manifest.lastIndexOf('/') + 1);
  const { allowed, lines } = await create(agent, gate.port, reviewOf(join(root, manifest)), file);
  t.equal(allowed, false);
  t.equal(withoutIds(lines.join('\n')), withoutIds(block));
});

/** Every decision has its own id, and every change of the bundle another hash. */
function withoutIds(text: string): string {
  return text.replace(
    /^decision \S+ · policies sha256:[0-9a-f]+…?$/m,
    'decision ID · policies HASH',
  );
}

test('every dependency is exact, locked, and told in docs/dependencies.md with its version', (t) => {
  const own = JSON.parse(read('package.json'));
  const wanted: Record<string, string> = {
    ...own.dependencies,
    ...own.devDependencies,
    ...own.optionalDependencies,
  };
  const rows = [...read('docs/dependencies.md').matchAll(/^\| `([^`]+)` \| (\S+) \|/gm)];
  const told = Object.fromEntries(rows.map(([, name = '', version]) => [name, version]));
  t.strictSame(told, wanted);
  const { packages } = JSON.parse(read('package-lock.json'));
  for (const [name, version] of Object.entries(wanted)) {
    t.match(version, /^\d+\.\d+\.\d+$/, `${name} is exact`);
    t.equal(packages[`node_modules/${name}`]?.version, version, `${name} is locked`);
  }
  const elsewhere = Object.values<{ resolved?: string }>(packages)
    .map(({ resolved }) => resolved)
    .filter((from) => from !== undefined && !from.startsWith('https://registry.npmjs.org/'));
  t.strictSame(elsewhere, [], 'the lockfile names no other registry');
  t.end();
});

test('no committed file names a folder of the machine that it was written on', (t) => {
  const home = homedir().split('/').length > 2 ? [homedir()] : [];
  const own = [root.replace(/\/$/, ''), ...home].filter((path) => path.split('/').length > 2);
  const someones = /\/(?:Users|home)\/(?!node\b|user\b|app\b|nonroot\b)[A-Za-z][\w.-]*\//;
  const found = files
    .filter((path) => statSync(path).size < 4_000_000)
    .filter((path) => {
      const text = readFileSync(path, 'utf8');
      return someones.test(text) || own.some((folder) => text.includes(folder));
    });
  t.ok(files.length >= 200, `saw ${files.length} files`);
  t.strictSame(
    found.map((path) => relative(root, path)),
    [],
  );
  t.end();
});
