// What the command line itself says: help, version, wrong flags; and that docs/cli.md is made from the same tables.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'tap';
import { commands } from '../../src/cli/commands/index.ts';
import { commandLineDocument } from '../../src/cli/document.ts';
import { settingTable } from '../../src/config/setting-table.ts';
import { sekisho } from './harness.ts';

const wrong: readonly [args: readonly string[], message: string, fix: string][] = [
  [['chek'], "sekisho: flag-invalid: unknown command 'chek'", 'did you mean check?'],
  [
    ['check', 'x', '--polices', 'p'],
    "sekisho check: flag-invalid: unknown option '--polices'",
    'did you mean --policies?',
  ],
  [
    ['check'],
    "sekisho check: flag-invalid: missing required argument 'path'",
    'see sekisho check --help',
  ],
  [
    ['check', 'x', '--operation', 'MAKE'],
    'sekisho check: flag-invalid: option',
    'see sekisho check --help',
  ],
  [
    ['check', 'x', '--color', 'blue'],
    'sekisho check: flag-invalid: option',
    'see sekisho check --help',
  ],
  [
    ['check', 'x', '-p'],
    "sekisho check: flag-invalid: option '-p, --policies <path>' argument missing",
    'see',
  ],
  [
    ['check', 'x', '-o', 'xml'],
    '--output: flag-invalid: "xml" is no output format',
    'use one of text, json, jsonl',
  ],
  [
    ['check', 'x', '--old', 'y', '--operation', 'DELETE'],
    '--old: flag-invalid: ',
    'leave out --old',
  ],
  [
    ['serve', 'x'],
    "sekisho serve: flag-invalid: too many arguments for 'serve'",
    'see sekisho serve --help',
  ],
];

test('a wrong flag is exit code 2, one line of cause, and what to do', async (t) => {
  for (const [args, message, fix] of wrong) {
    const { code, stdout, stderr } = await sekisho('', args);
    t.equal(code, 2, args.join(' '));
    t.equal(stdout, '');
    const [first = '', second = '', ...rest] = stderr.trimEnd().split('\n');
    t.ok(first.startsWith(message), first);
    t.ok(second.startsWith(`    fix: ${fix}`), second);
    t.same(rest, []);
  }
});

test('wrong flags are told all at once, and printably', async (t) => {
  const args = [
    'check',
    '-',
    '--old',
    '-',
    '--namespace',
    'A\u001b[2J',
    '-o',
    'json',
    '-o',
    'json',
  ];
  const { code, stderr } = await sekisho('', args);
  t.equal(code, 2);
  t.match(stderr, '-: flag-invalid: standard input is named more than once');
  t.match(stderr, '--namespace: flag-invalid: "A\\u001b[2J"');
  t.match(stderr, '--output: flag-invalid: two reports cannot both go to standard output');
  t.notMatch(stderr, '\u001b');
});

test('help goes to standard output, and names every command, flag, default and example', async (t) => {
  const help = await sekisho('', ['--help']);
  t.equal(help.code, 0);
  t.equal(help.stderr, '');
  for (const command of commands) {
    const words = command.name.split(' ');
    // A command of a group is told by the group.
    const group = words.length === 1 ? help : await sekisho('', [...words.slice(0, -1), '--help']);
    t.ok(group.stdout.replaceAll(/\s+/g, ' ').includes(command.summary), command.summary);
    const own = await sekisho('', [...words, '--help']);
    t.equal(own.code, 0);
    const text = own.stdout.replaceAll(/\s+/g, ' ');
    for (const { flags, fallback } of command.options) {
      t.ok(text.includes(flags), flags);
      if (fallback !== undefined)
        t.ok(text.includes(`default: ${fallback}`), `${flags} ${fallback}`);
    }
    for (const { line, does } of command.examples) {
      t.ok(own.stdout.includes(`  $ ${line}\n    ${does}\n`), line);
    }
  }
});

test('the version is the one that the program was given; without a command there is help, and exit code 2', async (t) => {
  t.same(await sekisho('', ['--version']), { code: 0, stdout: '1.2.3\n', stderr: '' });
  const { code, stdout, stderr } = await sekisho('', []);
  t.equal(code, 2);
  t.equal(stdout, '');
  t.match(stderr, 'Usage: sekisho');
});

test('every setting of the server is a flag of serve', (t) => {
  const serve = commands.find((command) => command.name === 'serve');
  t.same(
    serve?.options.slice(1).map((option) => [option.flags, option.fallback]),
    settingTable.map(({ flags, fallback }) => [flags, fallback ?? undefined]),
  );
  t.end();
});

test('serve tells every fault of its flags, and does not start', async (t) => {
  const { code, stderr } = await sekisho('', ['serve', '--listen', 'nowhere']);
  t.equal(code, 2);
  t.match(stderr, '--listen: flag-invalid: ');
  t.match(stderr, '--tls-cert: flag-invalid: ');
  t.match(stderr, '--tls-key: flag-invalid: ');
});

test('docs/cli.md is what the commands say: node src/cli/document.ts > docs/cli.md', (t) => {
  const file = join(import.meta.dirname, '../../docs/cli.md');
  t.equal(readFileSync(file, 'utf8'), commandLineDocument());
  t.end();
});
