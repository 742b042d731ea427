// What is honest is proven without a fault: torn tails, gaps, rotation, compression, retention, epochs, restarts, new roots.
import {
  appendFileSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { test } from 'tap';
import type { RootKey } from '../../src/ledger/format/keys.ts';
import type { Verification } from '../../src/ledger/verify/finding.ts';
import { verifyLedger } from '../../src/ledger/verify/verify.ts';
import { sekisho } from '../cli/harness.ts';
import { type Builder, createBuilder } from './builder.ts';
import { kindsOf, threeSegments } from './forge.ts';

const remarksOf = ({ remarks }: Verification): string[] => remarks.map(({ kind }) => kind).sort();

async function proven(folder: string, roots: readonly RootKey[]): Promise<Verification> {
  return verifyLedger([folder], roots);
}

type Honest = readonly [
  name: string,
  make: (builder: Builder, folder: string) => readonly RootKey[] | undefined,
  remarks: readonly string[],
];

const honest: readonly Honest[] = [
  [
    'one segment, stopped',
    (builder, folder) => {
      builder.header('new');
      for (let i = 0; i < 20; i++) builder.decision();
      builder.stop();
      builder.save(folder);
      return undefined;
    },
    [],
  ],
  [
    'rotation, epochs, compression',
    (builder, folder) => {
      threeSegments(builder);
      builder.save(folder, { compressed: true });
      return undefined;
    },
    ['gap'],
  ],
  [
    'still being written: records that no checkpoint covers',
    (builder, folder) => {
      threeSegments(builder);
      builder.header('start');
      builder.decision();
      builder.save(folder);
      return undefined;
    },
    ['gap', 'open', 'uncovered'],
  ],
  [
    'a crash: a torn tail, then a start that repeats the epoch',
    (builder, folder) => {
      threeSegments(builder);
      builder.header('start');
      builder.decision();
      const last = builder.segments.at(-1);
      builder.header('start');
      if (last !== undefined) last.tail = '{"v":1,"seq":99,"pre';
      builder.decision();
      builder.stop();
      builder.save(folder);
      return undefined;
    },
    ['gap', 'torn'],
  ],
  [
    'a crash that nobody came back from',
    (builder, folder) => {
      builder.header('new');
      builder.decision();
      builder.checkpoint();
      builder.segments.at(-1)?.lines.push('');
      const [segment] = builder.segments;
      if (segment !== undefined) {
        segment.lines.pop();
        segment.tail = '{"v":1,"se';
      }
      builder.save(folder);
      return undefined;
    },
    ['open', 'torn'],
  ],
  [
    'a fault: whole lines that were never acknowledged, in a segment that was given up',
    (builder, folder) => {
      builder.header('new');
      builder.decision();
      const [segment] = builder.segments;
      const lines = segment?.lines.length ?? 0;
      builder.header('fault');
      builder.append('gap', { from: 'a', to: 'b', cause: 'EIO', denied: 3, allowed: 1 });
      if (segment !== undefined)
        segment.tail = `${segment.lines[lines - 1]}\n${segment.lines[0]}\n`;
      builder.stop();
      builder.save(folder, { compressed: true });
      return undefined;
    },
    ['gap', 'torn'],
  ],
  [
    'retention, also of the record of an earlier retention',
    (builder, folder) => {
      threeSegments(builder);
      builder.header('start');
      const [, second, third] = builder.segments;
      const last = third?.lines[0] ?? '';
      builder.append('retention', {
        files: [
          { file: 'x.jsonl', from: 1, to: (third?.first ?? 0) - 1, hash: JSON.parse(last).prev },
        ],
      });
      builder.stop();
      builder.save(folder, { compressed: true, without: second === undefined ? 0 : 2 });
      return undefined;
    },
    ['retention'],
  ],
  [
    'a retention that was declared and has not removed its files yet',
    (builder, folder) => {
      threeSegments(builder);
      builder.header('start');
      const [, second] = builder.segments;
      const hash = JSON.parse(second?.lines[0] ?? '').prev;
      builder.append('retention', {
        files: [{ file: 'x.jsonl', from: 1, to: (second?.first ?? 0) - 1, hash }],
      });
      builder.stop();
      builder.save(folder);
      return undefined;
    },
    ['gap'],
  ],
  [
    'a lost key: a new root that is pinned',
    (builder, folder) => {
      builder.header('new');
      builder.decision();
      const root = builder.newRoot();
      builder.header('start');
      builder.decision();
      builder.stop();
      builder.save(folder);
      return [...builder.roots(), root];
    },
    ['root'],
  ],
  [
    'copied while it was written: the newest checkpoint is older than the ledger',
    (builder, folder) => {
      builder.header('new');
      builder.checkpoint();
      builder.save(folder);
      const old = readFileSync(join(folder, 'checkpoint'));
      for (let i = 0; i < 3; i++) builder.checkpoint();
      builder.append('stop', { reason: '' });
      builder.checkpoint();
      builder.save(folder);
      writeFileSync(join(folder, 'checkpoint'), old);
      return undefined;
    },
    ['stale'],
  ],
  [
    'a segment that is there plain and compressed, of which the plain one is whole',
    (builder, folder) => {
      threeSegments(builder);
      builder.save(folder);
      writeFileSync(join(folder, '00000000000000000001.jsonl.zst'), 'half a frame');
      return undefined;
    },
    ['gap'],
  ],
];

for (const [name, make, remarks] of honest) {
  test(`no false alarm: ${name}`, async (t) => {
    const folder = join(t.testdir({ ledger: {} }), 'ledger');
    const builder = createBuilder();
    const roots = make(builder, folder) ?? builder.roots();
    const verification = await proven(folder, roots);
    t.strictSame(verification.findings, []);
    t.strictSame(verification.unread, []);
    t.strictSame(remarksOf(verification), remarks);
    t.equal(verification.ledgers[0]?.last?.seq, builder.head().seq);
  });
}

test('the summary says how much there is, and how far a pinned key vouches', async (t) => {
  const folder = join(t.testdir(), 'ledger');
  const builder = createBuilder();
  threeSegments(builder);
  builder.save(folder);
  const { ledgers } = await proven(folder, builder.roots());
  const last = builder.head().seq;
  t.match(ledgers, [
    {
      ...{ ledger: builder.ledger, replica: 'gate-0', cluster: 'prod', segments: 3, records: last },
      ...{ first: { seq: 1 }, last: { seq: last }, covered: { seq: last - 1 } },
      epochs: { first: 0, last: 2 },
    },
  ]);
});

test('several replicas, and single segments by themselves, are proven by one list', async (t) => {
  const root = t.testdir();
  const builders = ['gate-0', 'gate-1'].map((replica) => createBuilder(replica));
  for (const builder of builders) {
    threeSegments(builder);
    builder.save(join(root, builder.replica), { compressed: true });
  }
  const roots = builders.flatMap((builder) => builder.roots());
  const whole = await verifyLedger(
    builders.map(({ replica }) => join(root, replica)),
    roots,
  );
  t.strictSame(whole.findings, []);
  t.equal(whole.ledgers.length, 2);
  const [, second] = readdirSync(join(root, 'gate-0')).sort();
  const one = await verifyLedger([join(root, 'gate-0', second ?? '')], roots);
  t.strictSame(kindsOf(one), []);
  t.strictSame(remarksOf(one), ['gap', 'partial']);
  t.ok(one.ledgers[0]?.covered, 'the epochs beside it lead from the root to its key');
});

test('a checkpoint that was kept elsewhere proves that the end is there', async (t) => {
  const root = t.testdir();
  const builder = createBuilder();
  threeSegments(builder);
  builder.save(join(root, 'now'));
  const kept = { file: 'kept', text: builder.note() };
  const good = await verifyLedger([join(root, 'now')], builder.roots(), { checkpoints: [kept] });
  t.strictSame(kindsOf(good), []);
  builder.segments.pop();
  builder.epochs.pop();
  builder.save(join(root, 'cut'));
  rmSync(join(root, 'cut', 'checkpoint'));
  const silent = await verifyLedger([join(root, 'cut')], builder.roots());
  t.strictSame(kindsOf(silent), [], 'nothing in the folder tells');
  const cut = await verifyLedger([join(root, 'cut')], builder.roots(), { checkpoints: [kept] });
  t.match(cut.findings, [{ kind: 'truncated', to: builder.head().seq }]);
  const other = await verifyLedger([join(root, 'now')], builder.roots(), {
    checkpoints: [{ file: 'kept', text: noteOfAnother() }],
  });
  t.match(other.findings, [{ kind: 'foreign', file: 'kept' }]);
});

function noteOfAnother(): string {
  const other = createBuilder('gate-9');
  other.header('new');
  other.checkpoint();
  return other.note();
}

test('exit codes: 0 proven, 1 a fault, 2 not read; the same in text and in JSON', async (t) => {
  const root = t.testdir();
  const builder = createBuilder();
  threeSegments(builder);
  const folder = builder.save(join(root, 'ledger'));
  const keys = join(root, 'keys.json');
  renameSync(join(folder, 'keys.json'), keys);
  const good = await sekisho(root, ['ledger', 'verify', folder, '--keys', keys]);
  t.equal(good.code, 0, good.stderr);
  t.match(good.stdout, /proven: \d+ records in 1 ledger, no fault\n$/);
  const [first = ''] = readdirSync(folder).sort();
  appendFileSync(join(folder, first), 'made up\u001b[2J\n');
  const bad = await sekisho(root, ['ledger', 'verify', folder, '--keys', keys]);
  t.equal(bad.code, 1, bad.stderr);
  t.match(bad.stdout, /inserted: .*\n {2}ledger\/0+1\.jsonl:12\n {2}12 bytes follow/);
  t.match(bad.stdout, /NOT PROVEN/);
  t.notMatch(bad.stdout, '\u001b[2J');
  const json = await sekisho(root, ['ledger', 'verify', folder, '--keys', keys, '-o', 'json']);
  t.equal(json.code, 1);
  t.match(JSON.parse(json.stdout), { proven: false, ledgers: [{ path: 'ledger' }] });
  const none = await sekisho(root, ['ledger', 'verify', join(root, 'none'), '--keys', keys]);
  t.equal(none.code, 2);
  t.match(none.stderr, /^none: file-unreadable: /);
  const keyless = await sekisho(root, ['ledger', 'verify', folder]);
  t.equal(keyless.code, 2);
  t.match(keyless.stderr, /^--keys: flag-invalid: /);
  writeFileSync(keys, '{"keys":[{"ledger":"x"}]}');
  const broken = await sekisho(root, ['ledger', 'verify', folder, '--keys', keys]);
  t.equal(broken.code, 2);
  t.match(broken.stderr, /keys.json: key-list: .*keys\[0\]\.replica is not a string/);
});

test('the commands of the group are told, and what is none of them is a fault', async (t) => {
  const group = await sekisho('', ['ledger']);
  t.equal(group.code, 2);
  t.match(group.stderr, /verify \[options\] <path...>/);
  const typo = await sekisho('', ['ledger', 'verif']);
  t.equal(typo.code, 2);
  t.match(typo.stderr, /^sekisho ledger: flag-invalid: .*\n {4}fix: did you mean verify\?/);
  const flag = await sekisho('', ['ledger', 'verify', 'x', '--keyz', 'y']);
  t.match(flag.stderr, /^sekisho ledger verify: flag-invalid: /);
});

test('on a terminal a long verification tells how far it is, and takes the line away', async (t) => {
  const root = t.testdir();
  const builder = createBuilder();
  threeSegments(builder);
  const folder = builder.save(join(root, 'ledger'));
  let now = 0;
  const world = { terminal: true, elapsed: () => (now += 700) };
  const args = ['ledger', 'verify', folder, '--keys', join(folder, 'keys.json')];
  const { stderr } = await sekisho(root, args, world);
  t.match(stderr, /verified 0 MiB, \d+ MiB\/s/);
  t.ok(stderr.endsWith('\r\u001b[K'));
});
