// `ledger report`: what it counts, what it says about completeness, and that each format is safe for what reads it.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'tap';
import { frameworks, podSecurityControls } from '../../src/ledger/report/catalogue.ts';
import { bounded, ranked } from '../../src/ledger/report/counter.ts';
import type { LedgerReport } from '../../src/ledger/report/report.ts';
import { controls as podRules } from '../../src/pss/controls/index.ts';
import { csvLine } from '../../src/report/ledger/csv.ts';
import { periodsOf } from '../../src/report/ledger/document/periods.ts';
import { sekisho } from '../cli/harness.ts';
import { createBuilder } from './builder.ts';
import { rootsIn } from './opened.ts';
import { decide, pod, start, story, writerIn } from './story.ts';

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

/** The folders of the story, and a pinned list of both roots. */
async function told(root: string): Promise<{ folders: readonly string[]; keys: string }> {
  const folders = await story(root);
  const keys = join(root, 'fleet.json');
  writeFileSync(keys, JSON.stringify({ keys: folders.flatMap(rootsIn) }));
  return { folders, keys };
}

const parsed = (text: string): LedgerReport => JSON.parse(text) as LedgerReport;

test('each format says of the story what it said before', async (t) => {
  const root = t.testdir();
  const { folders, keys } = await told(root);
  const formats = [
    ['markdown', 'report.md'],
    ['html', 'report.html'],
    ['json', 'report.json'],
    ['csv', 'report.csv'],
  ] as const;
  for (const [format, name] of formats) {
    const proof = format === 'csv' ? [] : ['--keys', keys];
    const args = ['ledger', 'report', ...folders, ...proof, '-o', format];
    const { code, stdout, stderr } = await sekisho(root, args);
    t.equal(code, 0, stderr);
    // Whether a closed segment is compressed already is a matter of milliseconds, and so is the ledger's size.
    const text = stdout.replaceAll('.jsonl.zst', '.jsonl').replace(/"bytes": \d+/g, '"bytes": 0');
    t.equal(text, expected(name, text), format);
    const again = await sekisho(root, args);
    t.equal(again.stdout, stdout, `${format}: the same input gives the same bytes`);
  }
});

test('a period has its beginning and not its end; the law in force at its beginning is told', async (t) => {
  const root = t.testdir();
  const { folders } = await told(root);
  const args = ['ledger', 'report', ...folders, '-o', 'json', '--from'];
  const one = await sekisho(root, [
    ...args,
    '2026-11-01T09:00:00Z',
    '--to',
    '2026-11-01T10:00:00Z',
  ]);
  const report = parsed(one.stdout);
  t.match(report.totals, { decisions: 2, denied: 2, excused: 0, dryRun: 1 });
  t.match(report.laws, {
    count: 1,
    items: [{ decisions: 2, revisions: ['4fe1c9a'], text: 'kept' }],
  });
  t.equal(report.changes.count, 0);
  const later = await sekisho(root, [...args, '2026-11-02T17:00:00Z', '--to', '2026-11-03']);
  const quiet = parsed(later.stdout);
  t.equal(quiet.totals.decisions, 0);
  t.match(quiet.laws.items, [{ decisions: 0, revisions: ['9b02d7e'], first: null }]);
  const wrong = await sekisho(root, [...args, '2026-11-02', '--to', '2026-11-01']);
  t.equal(wrong.code, 2);
  t.match(wrong.stderr, /^--to: flag-invalid: the period ends before it begins/);
});

test('controls: evidence of policies and of Pod Security, and those that nobody names', async (t) => {
  const root = t.testdir();
  const { folders } = await told(root);
  const { stdout } = await sekisho(root, [
    ...['ledger', 'report', ...folders, '-o', 'json', '--framework', 'cis-k8s'],
  ]);
  const { frameworks: parts } = parsed(stdout);
  t.same(
    parts.map(({ name }) => name),
    ['cis-k8s'],
  );
  const row = (id: string) => parts[0]?.controls.find(({ control }) => control === `cis-k8s:${id}`);
  const both = {
    policies: ['no-host-network', 'pod-security'],
    evaluated: 8,
    denied: 2,
    excused: 1,
  };
  t.match(row('5.2.5'), both, 'by annotation and by Pod Security, each decision once');
  t.match(row('5.2.2'), { policies: ['pod-security'], evaluated: 7, denied: 0 });
  t.match(row('5.2.7'), { evaluated: 0, first: null }, 'only restricted asks for it');
  t.ok(parts[0]?.uncovered.some(({ control }) => control === 'cis-k8s:5.3.2'));
  t.notOk(parts[0]?.uncovered.some(({ control }) => control === 'cis-k8s:5.2.5'));
});

test('the catalogue is that of docs/controls.md', (t) => {
  const page = readFileSync(new URL('../../docs/controls.md', import.meta.url), 'utf8');
  const rows = [...page.matchAll(/^\| `([a-z0-9.-]+):([0-9.]+)` \| (.*?) \| /gm)];
  t.ok(rows.length > 25);
  for (const [, name, id = '', title] of rows) {
    const framework = frameworks.find((each) => each.name === name);
    const known = framework?.controls[id];
    t.ok(known, `${name}:${id}`);
    // PCI DSS has no titles: ours are our own words.
    if (name !== 'pci-dss-4.0') t.equal(known, title, `${name}:${id}`);
  }
  const section = page.slice(page.indexOf('## pod-security'), page.indexOf('## no-privileged'));
  const told = [...section.matchAll(/^\| `([^`]+)`/gm)].map(([, control]) => control);
  const ours = podRules.flatMap(({ id }) => podSecurityControls(`pod-security/${id}`));
  t.same([...new Set(ours)].sort(), told.sort(), 'those of Pod Security');
  t.end();
});

test('what was not verified, and what was not proven, is said first', async (t) => {
  const root = t.testdir();
  const { folders, keys } = await told(root);
  const [first = ''] = folders;
  const without = await sekisho(root, ['ledger', 'report', ...folders]);
  t.equal(without.code, 0);
  t.match(without.stdout, /^## Completeness\n\n\*\*Not verified\.\*\* No pinned keys were given/m);
  const last =
    readdirSync(first)
      .filter((name) => name.endsWith('.jsonl') && /^\d/.test(name))
      .sort()
      .at(-1) ?? '';
  const file = join(first, last);
  const lines = readFileSync(file, 'utf8').split('\n');
  writeFileSync(file, lines.toSpliced(1, 1).join('\n'));
  const broken = await sekisho(root, ['ledger', 'report', ...folders, '--keys', keys]);
  t.equal(broken.code, 1);
  t.match(broken.stdout, /^\*\*Not proven\.\*\* Verification found 1 fault/m);
  t.match(broken.stdout, /^1 record number missing/m);
  t.match(broken.stdout, /^\| removed: is gone \|/m);
  const page = await sekisho(root, ['ledger', 'report', ...folders, '--keys', keys, '-o', 'html']);
  t.match(page.stdout, '<p class="verdict bad"><strong>Not proven</strong>');
  const keyless = await sekisho(root, ['ledger', 'report', first, '--keys', join(root, 'none')]);
  t.equal(keyless.code, 2);
  t.match(keyless.stderr, /^none: file-unreadable: /);
});

test('gaps, lost texts of laws, cut records and removed records are told', async (t) => {
  const root = t.testdir();
  const folder = join(root, 'ledger');
  const builder = createBuilder();
  builder.header('new');
  builder.append('start', {
    policySet: `sha256:${'ab'.repeat(32)}`,
    revision: null,
    mode: 'AuditOnly',
  });
  builder.append('gap', {
    ...{ from: '2026-11-21T00:00:00.000Z', to: '2026-11-21T00:01:00.000Z', cause: 'ENOSPC | full' },
    ...{ denied: 7, allowed: 2 },
  });
  const decision = {
    allowed: true,
    mode: 'AuditOnly',
    wouldDeny: ['p/r'],
    results: [{ policy: 'p', rule: 'p/r', evaluation: 'fail', actions: ['audit'] }],
  };
  builder.append('decision', { attempt: {}, decision, cut: ['/attempt/object'] });
  builder.stop();
  builder.save(folder);
  const { code, stdout } = await sekisho(root, ['ledger', 'report', folder]);
  t.equal(code, 0, 'what a ledger declares is no fault');
  t.match(stdout, /\| gate-0 \| .* \| 7 \| 2 \| ENOSPC \\\| full \| 3 \|/);
  t.match(stdout, 'Answers without a record: 7 denied, 2 allowed.');
  t.match(
    stdout,
    '1 decision under mode AuditOnly, in which nothing is refused: 1 would have been denied.',
  );
  t.match(stdout, '1 record of decisions were too large');
  t.match(stdout, 'not beside the ledger');
  t.match(stdout, /\| p\/r \| 1 \| 0 \| 0 \| 1 \| 0 \| 0 \|/, 'noted');
});

test('names beyond a number are counted together, and sums stay right', (t) => {
  const counter = bounded(3, () => ({ a: 0, b: 0 }));
  for (const [i, name] of ['x', 'y', 'y', 'z', 'v', 'w', 'w'].entries()) {
    const row = counter.row(name);
    row.a += 1;
    row.b += i;
  }
  const { rows, others } = ranked(counter, 2, ({ a }) => a);
  t.same(rows, [
    { name: 'y', a: 2, b: 3 },
    { name: 'x', a: 1, b: 0 },
  ]);
  t.same(others, { names: null, a: 4, b: 18 });
  const few = ranked(
    bounded(3, () => ({ a: 0 })),
    2,
    ({ a }) => a,
  );
  t.same(few, { rows: [], others: null });
  t.end();
});

test('days without a decision are there, and many days become months', (t) => {
  const none = { warned: 0, excused: 0, errors: 0 };
  const day = (name: string, allowed: number, denied: number) => ({
    day: name,
    allowed,
    denied,
    ...none,
  });
  const few = periodsOf([day('2026-02-27', 1, 0), day('2026-03-02', 0, 2)]);
  t.equal(few.unit, 'day');
  t.same(
    few.periods.map(({ label, allowed, denied }) => [label, allowed, denied]),
    [
      ['2026-02-27', 1, 0],
      ['2026-02-28', 0, 0],
      ['2026-03-01', 0, 0],
      ['2026-03-02', 0, 2],
    ],
  );
  const many = periodsOf([
    day('2025-11-30', 1, 0),
    day('2026-01-01', 2, 0),
    day('2026-02-02', 0, 2),
  ]);
  t.equal(many.unit, 'month');
  t.same(
    many.periods.map(({ label, allowed, denied }) => [label, allowed, denied]),
    [
      ['2025-11', 1, 0],
      ['2025-12', 0, 0],
      ['2026-01', 2, 0],
      ['2026-02', 0, 2],
    ],
  );
  const far = periodsOf([day('0001-01-01', 1, 0), day('9999-12-31', 1, 0)]);
  t.equal(far.periods.length, 2, 'a clock that was far off makes no chart of 120,000 months');
  t.end();
});

test('no cell of the CSV is a formula, and every line has its cells', (t) => {
  const rows: readonly (readonly [string, string])[] = [
    ['=1+1', '"\'=1+1"'],
    ['+1', '"\'+1"'],
    ['-1', '"\'-1"'],
    ['@SUM(A1)', '"\'@SUM(A1)"'],
    ['\t=1', '"\'\\u0009\'=1"'],
    ['\r=1', '"\'\\u000d\'=1"'],
    [' =1', '"\' =1"'],
    ['\uFF1D1', '"\'\uFF1D1"'],
    ['a;=1', '"a;\'=1"'],
    ['a; +1;-1', '"a; \'+1;\'-1"'],
    ['a;"@SUM(A1)', '"a;""\'@SUM(A1)"'],
    ['a;\uFF1D1', '"a;\'\uFF1D1"'],
    [';=1', '";\'=1"'],
    ['a\t=1\n@b', '"a\\u0009\'=1\\u000a\'@b"'],
    ['a; b=1-1', '"a; b=1-1"'],
    ['plain', 'plain'],
    ['a,b', '"a,b"'],
    ['say "x"', '"say ""x"""'],
    ['two\nlines', 'two\\u000alines'],
  ];
  for (const [text, cell] of rows)
    t.equal(csvLine([text, 'x']), `${cell},x\r\n`, JSON.stringify(text));
  t.end();
});

async function hostile(root: string): Promise<string> {
  const writer = await writerIn(join(root, 'hostile'), '<img src=x>');
  await start(writer);
  const nasty = '"><script>alert(1)</script>\' onload=x & [a](http://evil) | @you ![x](y)\u202e';
  await decide(writer, '2026-11-01T09:00:00.000Z', {
    ...{ uid: 'x', name: nasty, namespace: nasty, object: pod({ hostNetwork: true }) },
    userInfo: { username: nasty, uid: '', groups: [], extra: {} },
  });
  await writer.ledger.close();
  return join(root, 'hostile');
}

test('the HTML page needs nothing else, runs nothing, and escapes every name', async (t) => {
  const root = t.testdir();
  const folder = await hostile(root);
  const { stdout: page } = await sekisho(root, ['ledger', 'report', folder, '-o', 'html']);
  t.match(page, /^<!doctype html>\n<html lang="en">/);
  t.match(page, /<meta http-equiv="Content-Security-Policy" content="default-src &#39;none&#39;/);
  t.notMatch(page, /<(script|img|iframe|object|embed|link|form|base)\b/i);
  t.notMatch(page, /<[^>]*\s(on\w+|src|action|background)\s*=/i, 'no attribute that loads or runs');
  t.notMatch(page, /url\(|@import|\u202e/);
  const links = [...page.matchAll(/href="([^"]*)"/g)].map(([, link]) => link);
  t.ok(
    links.length > 8 && links.every((link) => /^#[a-z]+$/.test(link ?? '')),
    'links stay within',
  );
  t.match(page, '&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;&#39;');
  const [open, close] = [/<([a-z][a-z0-9]*)\b[^>]*(?<!\/)>/g, /<\/([a-z][a-z0-9]*)>/g].map((form) =>
    [...page.matchAll(form)].map(([, name]) => name).filter((name) => name !== 'meta'),
  );
  t.same(open?.toSorted(), close?.toSorted(), 'every element is closed');
  const ids = [...page.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id);
  t.equal(new Set(ids).size, ids.length, 'ids are unique');
  for (const [svg] of page.matchAll(/<svg[\s\S]*?<\/svg>/g)) {
    const [, labels = ''] = /aria-labelledby="([^"]+)"/.exec(svg) ?? [];
    t.ok(
      labels.split(' ').every((id) => svg.includes(`id="${id}"`)),
      'a chart has title and description',
    );
  }
  const { stdout: markdown } = await sekisho(root, ['ledger', 'report', folder]);
  t.notMatch(markdown, /(?<!\\)<|[^\\]\]\(http|:\/\/|@you|\u202e/);
});

const chromium = ['chromium', 'chromium-browser', 'google-chrome'].find(
  (name) => spawnSync(name, ['--version']).status === 0,
);
const noBrowser = chromium === undefined && 'no Chromium is here (apt-get install chromium)';

test('a browser draws the page on a screen and prints it', { skip: noBrowser }, async (t) => {
  const root = t.testdir();
  const { folders, keys } = await told(root);
  const { stdout } = await sekisho(root, [
    'ledger',
    'report',
    ...folders,
    '--keys',
    keys,
    '-o',
    'html',
  ]);
  const file = join(root, 'report.html');
  writeFileSync(file, stdout);
  const draw = (...args: string[]): string => {
    const flags = [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      `--user-data-dir=${join(root, 'profile')}`,
    ];
    const ran = spawnSync(chromium ?? '', [...flags, ...args, `file://${file}`], {
      encoding: 'utf8',
    });
    return ran.stderr;
  };
  const sizes = { screen: '1280,2000', narrow: '600,2000' };
  for (const [name, size] of Object.entries(sizes)) {
    const png = join(root, `${name}.png`);
    draw('--hide-scrollbars', `--window-size=${size}`, `--screenshot=${png}`);
    const bytes = readFileSync(png);
    t.equal(bytes.toString('latin1', 1, 4), 'PNG', name);
    t.equal(bytes.readUInt32BE(16), Number(size.split(',')[0]), `${name}: as wide as asked for`);
    // An empty page of this size is a few kilobytes.
    t.ok(statSync(png).size > 30_000, `${name}: something is drawn, ${statSync(png).size} bytes`);
  }
  const pdf = join(root, 'report.pdf');
  draw('--no-pdf-header-footer', `--print-to-pdf=${pdf}`);
  const pages = readFileSync(pdf, 'latin1').match(/\/Type\s*\/Page\b/g)?.length ?? 0;
  t.ok(pages >= 4 && pages <= 12, `${pages} pages of paper`);
});
