// Which files are read: folders, links as ConfigMap mounts make them, standard input; and how what is wrong is told.
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  mkdirSync,
  renameSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join, relative } from 'node:path';
import { test } from 'tap';
import { listFiles, readFile } from '../../src/yaml/files.ts';

/** Paths below the folder, and `code@path` of faults. */
async function list(folder: string, ...paths: readonly string[]): Promise<[string[], string[]]> {
  const { files, faults } = await listFiles(
    paths.map((path) => (path === '-' ? path : join(folder, path))),
  );
  const below = (path: string): string => (path === '-' ? path : relative(folder, path));
  return [files.map(below), faults.map((fault) => `${fault.code}@${below(fault.file)}`)];
}

test('folders are read whole, sorted, without hidden entries and other endings', async (t) => {
  const folder = t.testdir({
    'b.yaml': 'b: 1',
    'a.yml': 'a: 1',
    'c.json': '{}',
    'notes.txt': 'x',
    '.hidden.yaml': 'x: 1',
    '.git': { 'd.yaml': 'x: 1' },
    deep: { er: { 'e.yaml': 'e: 1' }, 'A.yaml': 'x: 1' },
    empty: { 'readme.md': '' },
    'folder.yaml': { 'f.yaml': 'f: 1' },
  });
  const all = ['a.yml', 'b.yaml', 'c.json', 'deep/A.yaml', 'deep/er/e.yaml', 'folder.yaml/f.yaml'];
  t.same(await list(folder, ''), [all, []]);
  t.same(await list(folder, 'notes.txt'), [['notes.txt'], []], 'a file that is named is taken');
  t.same(await list(folder, '.git'), [['.git/d.yaml'], []], 'a folder that is named is taken');
  t.same(
    await list(folder, 'deep', 'a.yml'),
    [['deep/A.yaml', 'deep/er/e.yaml', 'a.yml'], []],
    'in the order given',
  );
  t.same(await list(folder, 'a.yml', '', './a.yml'), [all, []], 'no file twice');
  t.same(await list(folder, '-', '-'), [['-'], []], 'standard input once');
  t.same(await list(folder, 'empty'), [[], ['file-none@empty']]);
  t.same(await list(folder, 'nowhere', 'a.yml'), [['a.yml'], ['file-unreadable@nowhere']]);
});

test('a ConfigMap mount is read once, also after its links were swapped', async (t) => {
  const folder = t.testdir({
    '..2026_1': { 'p.yaml': 'v: 1' },
    '..2026_2': { 'p.yaml': 'v: 2', 'q.yaml': 'v: 3' },
  });
  symlinkSync('..2026_1', join(folder, '..data'));
  symlinkSync('..data/p.yaml', join(folder, 'p.yaml'));
  t.same(await list(folder, ''), [['p.yaml'], []]);
  const before = await readFile(join(folder, 'p.yaml'));
  symlinkSync('..2026_2', join(folder, '..tmp'));
  renameSync(join(folder, '..tmp'), join(folder, '..data'));
  symlinkSync('..data/q.yaml', join(folder, 'q.yaml'));
  t.same(await list(folder, ''), [['p.yaml', 'q.yaml'], []]);
  const after = await readFile(join(folder, 'p.yaml'));
  t.same([before.ok && before.value.text, after.ok && after.value.text], ['v: 1', 'v: 2']);
});

test('links may go in circles, to the same file, or to nowhere', async (t) => {
  const folder = t.testdir({ a: { 'x.yaml': 'x: 1' }, b: {} });
  symlinkSync('..', join(folder, 'a', 'up'));
  symlinkSync('../a', join(folder, 'b', 'a'));
  symlinkSync('x.yaml', join(folder, 'a', 'y.yaml'));
  symlinkSync('self', join(folder, 'b', 'self'));
  t.same(await list(folder, ''), [['a/x.yaml'], []]);
  t.same(
    await list(folder, 'b'),
    [['b/a/x.yaml'], []],
    'through a link when nothing else leads there',
  );
  symlinkSync('gone', join(folder, 'b', 'z.yaml'));
  symlinkSync('loop.yaml', join(folder, 'b', 'loop.yaml'));
  const faults = ['file-unreadable@b/loop.yaml', 'file-unreadable@b/z.yaml'];
  t.same(await list(folder, 'b'), [['b/a/x.yaml'], faults]);
});

test('what cannot be read is told with its name and why', async (t) => {
  const folder = t.testdir({
    'latin.yaml': Buffer.from([0x61, 0xe9]),
    'big.yaml': '',
    closed: {},
    'a.yaml': '',
  });
  truncateSync(join(folder, 'big.yaml'), 16 * 1024 * 1024 + 1);
  const rows = [
    ['gone.yaml', 'file-unreadable', 'it does not exist'],
    ['closed', 'file-unreadable', 'it is a folder'],
    ['a.yaml/b.yaml', 'file-unreadable', 'a part of its path is not a folder'],
    ['latin.yaml', 'yaml-syntax', 'the file is not UTF-8'],
    ['big.yaml', 'yaml-too-large', 'the file has more than 16777216 bytes'],
  ] as const;
  for (const [name, code, message] of rows) {
    const file = join(folder, name);
    const read = await readFile(file);
    t.match(read.ok ? read.value : read.error, { code, message, file, line: 0 }, name);
  }
});

const isRoot = process.getuid?.() === 0;

test('a folder or file without permission is a fault, and the others are still read', {
  skip: isRoot && 'root reads everything',
}, async (t) => {
  const folder = t.testdir({ 'a.yaml': 'a: 1', closed: { 'b.yaml': '' }, 'c.yaml': 'c: 1' });
  chmodSync(join(folder, 'closed'), 0);
  chmodSync(join(folder, 'c.yaml'), 0);
  t.teardown(() => chmodSync(join(folder, 'closed'), 0o700));
  t.same(await list(folder, ''), [['a.yaml', 'c.yaml'], ['file-unreadable@closed']]);
  const read = await readFile(join(folder, 'c.yaml'));
  t.equal(read.ok ? '' : read.error.message, 'permission denied');
});

test('a file is UTF-8, with or without a byte order mark; - is standard input', async (t) => {
  const folder = t.testdir({ 'a.yaml': '\uFEFFname: 名前\n' });
  const read = await readFile(join(folder, 'a.yaml'));
  t.equal(read.ok && read.value.text, 'name: 名前\n');
  const module = JSON.stringify(join(import.meta.dirname, '../../src/yaml/files.ts'));
  const script = `import { readFile } from ${module}; console.log(JSON.stringify(await readFile('-')));`;
  const run = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
    input: 'a: é\n',
    encoding: 'utf8',
  });
  t.same(
    JSON.parse(run.stdout),
    { ok: true, value: { file: '<stdin>', text: 'a: é\n' } },
    run.stderr,
  );
  const big = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
    input: Buffer.alloc(16 * 1024 * 1024 + 1, 0x20),
    encoding: 'utf8',
  });
  t.match(JSON.parse(big.stdout), {
    ok: false,
    error: { code: 'yaml-too-large', file: '<stdin>' },
  });
});

test('many folders are walked without recursion', async (t) => {
  const folder = t.testdir({});
  let at = folder;
  for (let i = 0; i < 300; i++) at = join(at, 'd');
  mkdirSync(at, { recursive: true });
  writeFileSync(join(at, 'x.yaml'), 'x: 1');
  const [files, faults] = await list(folder, '');
  t.equal(files.length, 1);
  t.same(faults, []);
});
