// `ledger show`: what is found, how it is printed, and that nothing a record holds gets to a terminal as it is.
import { appendFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'tap';
import type { Io } from '../../src/cli/command.ts';
import { run } from '../../src/cli/run.ts';
import { whenOf } from '../../src/ledger/report/when.ts';
import { type Ran, sekisho } from '../cli/harness.ts';
import { createBuilder } from './builder.ts';
import { textOf } from './opened.ts';
import { decide, masked, pod, start, story, writerIn } from './story.ts';

const esc = String.fromCharCode(27);
const golden = new URL('../golden/ledger/', import.meta.url);
const isWriting = process.env['SEKISHO_GOLDEN'] === 'write';

function expected(name: string, text: string): string {
  const file = new URL(name, golden);
  if (isWriting) {
    mkdirSync(golden, { recursive: true });
    writeFileSync(file, text);
  }
  return readFileSync(file, 'utf8');
}

async function told(root: string): Promise<readonly string[]> {
  return story(root);
}

const ids = ({ stdout }: Ran): readonly string[] =>
  stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as { kind: string; seq: number; replica?: string })
    .map(({ kind, seq }) => `${kind} ${seq}`);

/** As on a terminal of that width. */
async function onTerminal(columns: number, args: readonly string[]): Promise<string> {
  let text = '';
  const output = {
    isTerminal: true,
    columns: () => columns,
    write: async (more: string) => {
      text += more;
    },
  };
  await run(args, ioOf(output));
  return text;
}

function ioOf(stdout: Io['stdout'], untilStopped = async (): Promise<void> => {}): Io {
  return {
    ...{ stdout, stderr: { isTerminal: false, write: async () => {} }, noColor: false },
    ...{ version: '1.2.3', now: () => '2026-11-21T10:00:00.000Z', elapsed: () => 0, untilStopped },
  };
}

test('a table of two replicas, merged by time, fits 80 columns, and a wide terminal', async (t) => {
  const root = t.testdir();
  const folders = await told(root);
  const { code, stdout, stderr } = await sekisho(root, ['ledger', 'show', ...folders]);
  t.equal(code, 0, stderr);
  t.equal(masked(stdout), expected('show.txt', masked(stdout)));
  for (const columns of [80, 100, 120, 200]) {
    const text = await onTerminal(columns, ['ledger', 'show', ...folders]);
    t.match(text, `${esc}[31mdenied`, 'coloured on a terminal');
    const plain = text.replaceAll(new RegExp(`${esc}\\[\\d+m`, 'g'), '');
    const longest = Math.max(...plain.split('\n').map(({ length }) => length));
    t.ok(longest <= columns, `${longest} of ${columns} columns`);
    t.notMatch(plain, '\u001b');
  }
});

test('one record in full: a denial, an excused one, an update, an error, and other kinds', async (t) => {
  const root = t.testdir();
  const [first = '', second = ''] = await told(root);
  const shown: string[] = [];
  for (const seq of ['7', '10', '17', '18', '14', '21']) {
    const { code, stdout, stderr } = await sekisho(root, ['ledger', 'show', first, seq]);
    t.equal(code, 0, stderr);
    shown.push(stdout);
  }
  const late = await sekisho(root, ['ledger', 'show', second, '2d3100000018']);
  shown.push(late.stdout);
  t.match(late.stdout, /^ALLOWED AND WITHDRAWN/);
  const text = masked(shown.join('\n'));
  t.equal(text, expected('show-full.txt', text));
  t.notMatch(text, '\u001b', 'a user name does not reach the terminal as it is');
});

test('a record is found by its id, the end of it, and its number; another id is a fault', async (t) => {
  const root = t.testdir();
  const [first = '', second = ''] = await told(root);
  const by = async (id: string): Promise<Ran> =>
    sekisho(root, ['ledger', 'show', first, second, id, '-o', 'jsonl']);
  t.same(ids(await by('01941f2e-0010-7000-8000-2d3000000010')), ['decision 7']);
  t.same(ids(await by('2D3000000010')), ['decision 7']);
  t.same(ids(await by('2')), ['start 2', 'start 2'], 'a number is one of each ledger');
  const none = await by('01941f2e-9999-7000-8000-2d3000000010');
  t.equal(none.code, 1);
  t.match(none.stderr, /^ID: flag-invalid: no record is called "01941f2e-9999/);
});

test('filters are joined by and, values of one by or', async (t) => {
  const root = t.testdir();
  const folders = await told(root);
  const rows: readonly (readonly [flags: string, expected: readonly string[]])[] = [
    ['--outcome denied', ['decision 7', 'decision 6', 'decision 18']],
    ['--outcome denied --user bob', ['decision 6']],
    ['--outcome denied --outcome excused --namespace monitoring', ['decision 10']],
    ['--outcome error', ['decision 18']],
    ['--outcome warned', ['decision 4']],
    ['--outcome unreadable', ['unreadable 21']],
    ['--outcome unreadable --user bob', []],
    ['--policy team-label', ['decision 4']],
    ['--rule no-host-network/host-network', ['decision 7', 'decision 6', 'decision 10']],
    ['--operation update', ['decision 17']],
    ['--resource configmaps', ['decision 18']],
    ['--resource ConfigMap', ['decision 18']],
    ['--resource pods/exec', []],
    ['--kind reload', ['reload 13', 'reload 14']],
    ['--id 2d3000000010 --id 18', ['decision 7', 'decision 18']],
    ['--from 2026-11-03 --kind decision', ['decision 9', 'decision 10']],
    ['--from 2026-11-02T08:30:00Z --to 2026-11-02T09:00:00+00:00 --kind decision', ['decision 18']],
    ['--from 20d --to 2026-11-01T10:00:01Z --kind start', []],
    ['--limit 2 --kind decision', ['decision 3', 'decision 3']],
    ['--last 2 --kind decision', ['decision 9', 'decision 10']],
    ['--last 3 --outcome denied', ['decision 7', 'decision 6', 'decision 18']],
  ];
  for (const [flags, found] of rows) {
    const ran = await sekisho(root, [
      'ledger',
      'show',
      ...folders,
      ...flags.split(' '),
      '-o',
      'jsonl',
    ]);
    t.equal(ran.code, 0, `${flags}: ${ran.stderr}`);
    t.same(ids(ran), found, flags);
  }
});

test('jsonl is every line byte for byte; json is one document of them', async (t) => {
  const root = t.testdir();
  const [first = ''] = await told(root);
  const names = readdirSync(first)
    .filter((name) => /^\d{20}/.test(name))
    .sort();
  const lines = names.map((name) => textOf(first, name)).join('');
  const jsonl = await sekisho('', ['ledger', 'show', first, '-o', 'jsonl']);
  t.equal(jsonl.stdout, lines);
  const json = await sekisho('', ['ledger', 'show', first, '-o', 'json']);
  const { records } = JSON.parse(json.stdout) as { records: unknown[] };
  t.same(
    records,
    lines
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line)),
  );
});

test('on a terminal what it would obey stands as JSON escapes, and means the same', async (t) => {
  const builder = createBuilder();
  builder.header('new');
  builder.append('decision', { replica: 'a\u009b31m\u202e', attempt: {}, decision: {} });
  const folder = builder.save(join(t.testdir(), 'ledger'));
  for (const format of ['jsonl', 'json', 'full', 'table']) {
    const text = await onTerminal(100, [
      'ledger',
      'show',
      folder,
      '-o',
      format,
      '--kind',
      'decision',
    ]);
    t.notMatch(text, /[\u009b\u202e]/, format);
    if (format === 'jsonl') t.equal(JSON.parse(text).replica, 'a\u009b31m\u202e');
  }
});

test('lines that are no records are told, and the others shown', async (t) => {
  const root = t.testdir();
  const folder = join(root, 'ledger');
  const builder = createBuilder();
  builder.header('new');
  builder.decision();
  builder.save(folder);
  appendFileSync(join(folder, '00000000000000000001.jsonl'), 'made up\u001b[2J\n');
  const { code, stdout, stderr } = await sekisho(root, ['ledger', 'show', folder]);
  t.equal(code, 1);
  t.match(stdout, /allowed/);
  t.equal(
    stderr,
    'ledger/00000000000000000001.jsonl:3:1: file-unreadable: this line is no record\n',
  );
});

test('a line that only begins as a record is told wherever it is asked for, once', async (t) => {
  const root = t.testdir();
  const folder = join(root, 'ledger');
  const builder = createBuilder();
  builder.header('new');
  for (const name of ['a', 'b', 'c']) builder.decision(name);
  const [segment] = builder.segments;
  segment?.lines.splice(2, 1, (segment.lines[2] ?? '').slice(0, -40));
  builder.save(folder);
  const message =
    'ledger/00000000000000000001.jsonl:3:1: file-unreadable: this line is no record\n';
  const rows = [
    ['show', folder],
    ['show', folder, '--last', '5'],
    ['show', folder, '-o', 'jsonl'],
    ['report', folder, '-o', 'csv'],
  ];
  for (const args of rows) {
    const { code, stderr } = await sekisho(root, ['ledger', ...args]);
    t.strictSame([code, stderr], [1, message], args.join(' '));
  }
  const one = await sekisho(root, ['ledger', 'show', folder, '3']);
  t.equal(one.code, 1);
  t.match(one.stderr, message, 'by its number, too');
  const other = await sekisho(root, ['ledger', 'show', folder, '--kind', 'segment']);
  t.strictSame([other.code, other.stderr], [0, ''], 'it is not asked for');
});

test('flags that cannot be used are told all at once', async (t) => {
  const folder = t.testdir();
  const ran = await sekisho(folder, [
    ...['ledger', 'show', folder, '--from', 'yesterday', '--kind', 'made-up', '--limit', '0'],
    ...['--follow', '--to', '2026-02-30', '--id', 'x', '-o', 'json'],
  ]);
  t.equal(ran.code, 2);
  for (const flag of ['--from', '--to', '--kind', '--limit', '--follow', '--id']) {
    t.match(ran.stderr, new RegExp(`^${flag}: flag-invalid: `, 'm'), flag);
  }
  const empty = await sekisho(folder, ['ledger', 'show', folder, join(folder, 'none')]);
  t.equal(empty.code, 2);
  t.match(empty.stderr, /there is no segment of a ledger in it/);
  t.match(empty.stderr, /none: file-unreadable: .*ENOENT/);
});

test('times are RFC 3339, dates, or before now', (t) => {
  const now = '2026-11-21T10:00:00.000Z';
  const rows: readonly (readonly [string, string | null])[] = [
    ['2026-11-01', '2026-11-01T00:00:00.000Z'],
    ['2026-11-01T08:00:00Z', '2026-11-01T08:00:00.000Z'],
    ['2026-11-01T08:00:00.5+02:00', '2026-11-01T06:00:00.500Z'],
    ['2026-11-01T08:00:00.1230001Z', '2026-11-01T08:00:00.124Z'],
    ['2026-11-01T08:00:00.123000Z', '2026-11-01T08:00:00.123Z'],
    ['2026-02-30T10:00:00Z', null],
    ['2026-04-31T00:00:00+02:00', null],
    ['90s', '2026-11-21T09:58:30.000Z'],
    ['15m', '2026-11-21T09:45:00.000Z'],
    ['2h', '2026-11-21T08:00:00.000Z'],
    ['7d', '2026-11-14T10:00:00.000Z'],
    ['2w', '2026-11-07T10:00:00.000Z'],
    ...['2026-02-30', '2026-11-01 08:00:00', '2026-11-01T08:00:00', '1y', '-2h', '', '1'].map(
      (text) => [text, null] as const,
    ),
  ];
  for (const [text, time] of rows) {
    const when = whenOf(text, now);
    t.equal(when.ok ? new Date(when.value).toISOString() : null, time, text);
  }
  t.end();
});

test('--follow shows the last records, then each new one, over rotations and restarts', async (t) => {
  const folder = join(t.testdir(), 'ledger');
  const writer = await writerIn(folder, 'gate-0');
  await start(writer);
  for (const uid of ['a', 'b']) await decide(writer, '2026-11-01T08:00:10.000Z', { uid });
  const shown: string[] = [];
  const waiting: (() => void)[] = [];
  const stdout = {
    isTerminal: false,
    write: async (text: string) => {
      for (const line of text.trimEnd().split('\n')) {
        const { kind, attempt } = JSON.parse(line) as { kind: string; attempt?: { uid: string } };
        shown.push(attempt?.uid ?? kind);
      }
      for (const wake of waiting.splice(0)) wake();
    },
  };
  const until = async (uid: string): Promise<void> => {
    while (!shown.includes(uid)) await new Promise<void>((resolve) => waiting.push(resolve));
  };
  let stop = (): void => {};
  const stopped = new Promise<void>((resolve) => {
    stop = resolve;
  });
  const args = ['ledger', 'show', folder, '--follow', '--kind', 'decision', '--kind', 'stop'];
  const running = run(
    [...args, '--last', '1', '-o', 'jsonl'],
    ioOf(stdout, async () => stopped),
  );
  await until('b');
  t.same(shown, ['b'], 'only the last one of those that are there');
  await decide(writer, '2026-11-01T08:00:11.000Z', { uid: 'c', object: pod() });
  await until('c');
  await writer.ledger.rotate();
  await decide(writer, '2026-11-01T08:00:12.000Z', { uid: 'd' });
  await writer.ledger.rotate();
  await decide(writer, '2026-11-01T08:00:13.000Z', { uid: 'e' });
  await until('e');
  await writer.ledger.close('SIGTERM');
  const again = await writerIn(folder, 'gate-0');
  await decide(again, '2026-11-01T08:00:14.000Z', { uid: 'f' });
  await until('f');
  stop();
  t.equal(await running, 0);
  await again.ledger.close();
  t.same(shown, ['b', 'c', 'd', 'e', 'stop', 'f']);
});
