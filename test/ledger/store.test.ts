// The ledger on disk: a chain that anybody can derive again, durable before it answers, one writer at a time.
import { createHash } from 'node:crypto';
import {
  existsSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { test } from 'tap';
import { chain, emptyHead } from '../../src/ledger/format/chain.ts';
import { piecesOf } from '../../src/ledger/format/pieces.ts';
import { openLedger } from '../../src/ledger/store/ledger.ts';
import { nextLines } from '../../src/ledger/store/line.ts';
import { lawText } from '../../src/policy/hash.ts';
import { entryOf } from './entry.ts';
import { faultyDisk } from './faulty-disk.ts';
import { kindsIn, linesIn, opened, optionsFor, segmentsIn, textOf, verified } from './opened.ts';

const sha256 = (bytes: string | Buffer): string => createHash('sha256').update(bytes).digest('hex');

async function written(folder: string, names: readonly string[]): Promise<void> {
  const ledger = await opened(folder);
  await Promise.all(names.map((name) => ledger.append(entryOf({ name }))));
  await ledger.close();
}

test('the chain can be derived again from the bytes alone', async (t) => {
  const folder = t.testdir();
  await written(folder, ['a', 'b', 'c']);
  const [name = ''] = segmentsIn(folder);
  const lines = textOf(folder, name).split('\n').slice(0, -1);
  let prev = '0'.repeat(64);
  for (const [i, line] of lines.entries()) {
    const record = JSON.parse(line) as { seq: number; prev: string; sum: string; v: number };
    t.equal(record.v, 1);
    t.equal(record.seq, i + 1);
    t.equal(record.prev, prev, 'prev is the sha256 of the line before');
    const before = line.slice(0, line.lastIndexOf(',"sum":"'));
    t.equal(record.sum, sha256(before), 'sum is of the bytes before it');
    t.match(line, /^\{"v":1,"seq":\d+,"prev":"[0-9a-f]{64}","kind":"[a-z]+","id":"[^"]+","at":"/);
    t.match(line, /,"sum":"[0-9a-f]{64}"\}$/, 'sum is the last member');
    prev = sha256(line);
  }
  t.same(kindsIn(folder), [
    'segment',
    ...['decision', 'decision', 'decision'],
    ...['stop', 'checkpoint'],
  ]);
});

test('a batch is the same lines as one at a time, whatever is in them', (t) => {
  const text = fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('x'.repeat(9_000), '关所'));
  const body = text.map((m) => JSON.stringify({ kind: 'decision', id: 'i', at: 'now', m }));
  fc.assert(
    fc.property(fc.array(fc.tuple(body, fc.boolean()), { maxLength: 5 }), (bodies) => {
      let head = emptyHead;
      let want = '';
      for (const [each] of bodies) {
        const line = chain(head, each);
        head = line.head;
        want += `${line.line}\n`;
      }
      const given = bodies.map(([each, later]) => (later ? () => piecesOf(each) : piecesOf(each)));
      const { bytes, heads } = nextLines(emptyHead, given);
      return String(bytes) === want && (heads.at(-1) ?? emptyHead).hash === head.hash;
    }),
    { numRuns: 300 },
  );
  t.end();
});

test('a ledger that was opened, used and closed is proven by its own roots, time and again', async (t) => {
  const folder = t.testdir();
  for (const name of ['a', 'b', 'c']) {
    await written(folder, [name]);
    t.same(await verified(folder), { faults: [], remarks: [] });
  }
  t.equal(segmentsIn(folder).length, 3, 'every start begins a segment');
  const headers = linesIn(folder).filter(({ kind }) => kind === 'segment');
  t.match(headers, [
    { segment: 1, why: 'new', epoch: 0, previous: null, replica: 'gate-0', cluster: 'prod' },
    { segment: 2, why: 'start', epoch: 1, previous: { file: segmentsIn(folder)[0]?.slice(0, 26) } },
    { segment: 3, why: 'start', epoch: 2 },
  ]);
});

test('an answer names the place of its record, and the head is the last one', async (t) => {
  const ledger = await opened(t.testdir());
  t.match(ledger.head(), { seq: 1 }, 'the header');
  const first = await ledger.append(entryOf({ name: 'a' }));
  t.match(first, { ok: true, value: { seq: 2 } });
  t.same(ledger.head(), first.ok ? first.value : undefined);
  t.equal(ledger.durable(), 2);
  await ledger.close();
  t.equal(ledger.durable(), 4, 'stop and checkpoint');
  t.match(await ledger.append(entryOf({ name: 'b' })), {
    ok: false,
    error: { code: 'record-failed', message: /audit log unavailable: the ledger is closed/ },
  });
});

test('appends that come together are written in order and share a write and a sync', async (t) => {
  const folder = t.testdir();
  const disk = faultyDisk();
  const ledger = await opened(folder, { disk });
  const before = { ...Object.fromEntries(disk.counts) };
  const names = Array.from({ length: 200 }, (_, i) => `pod-${i}`);
  const places = await Promise.all(names.map((name) => ledger.append(entryOf({ name }))));
  t.same(
    places.map((p) => (p.ok ? p.value.seq : 0)),
    names.map((_, i) => i + 2),
  );
  t.equal(disk.counts.get('append'), (before['append'] ?? 0) + 1);
  t.equal(disk.counts.get('datasync'), (before['datasync'] ?? 0) + 1);
  await ledger.close();
  const recorded = linesIn(folder).filter(({ kind }) => kind === 'decision');
  t.same(
    recorded.map((line) => (line['attempt'] as { name?: string }).name),
    names,
  );
});

test('exporters are told what is durable, and only that', async (t) => {
  const disk = faultyDisk();
  const ledger = await opened(t.testdir(), { disk });
  const told: number[] = [];
  const stop = ledger.onDurable((seq) => told.push(seq));
  const release = disk.stall();
  const appended = ledger.append(entryOf({ name: 'a' }));
  await new Promise((resolve) => setTimeout(resolve, 20));
  t.same(told, [], 'not before the sync');
  release();
  await appended;
  t.same(told, [2]);
  stop();
  await ledger.append(entryOf({ name: 'b' }));
  t.same(told, [2]);
  await ledger.close();
});

test('one process at a time; a lock whose process is gone is taken over', async (t) => {
  const folder = t.testdir();
  const ledger = await opened(folder);
  t.match(await openLedger(optionsFor(folder)), { ok: false, error: { code: 'ledger-locked' } });
  await ledger.close();
  t.notOk(existsSync(join(folder, 'lock')));
  const gone = [
    ['a number that nobody has', '999999999 1 word\n'],
    ['our own number, as in a container that was started again', `${process.pid} 1 word\n`],
    ['a number that somebody else has by now', `${process.ppid} 1 word\n`],
    ['half a lock', ''],
  ] as const;
  for (const [what, text] of gone) {
    writeFileSync(join(folder, 'lock'), text);
    await t.resolves(
      opened(folder).then(({ close }) => close()),
      what,
    );
  }
  writeFileSync(join(folder, 'lock'), `${process.ppid}\n`);
  const held = await openLedger(optionsFor(folder));
  t.match(held, { ok: false, error: { code: 'ledger-locked' } }, 'of one that may still write');
});

test('a folder that cannot be made is a fault with its cause', async (t) => {
  const folder = t.testdir({ file: 'x' });
  const given = optionsFor(join(folder, 'file', 'ledger'));
  t.match(await openLedger(given), { ok: false, error: { code: 'file-unreadable' } });
});

test('a last record that is not whole is not continued', async (t) => {
  const folder = t.testdir();
  await written(folder, ['a']);
  const path = join(folder, segmentsIn(folder)[0] ?? '');
  writeFileSync(path, readFileSync(path, 'utf8').replace('epoch 0', 'epoch 1'));
  t.match(await openLedger(optionsFor(folder)), {
    ok: false,
    error: { code: 'ledger-broken', message: /^the last record cannot be continued: / },
  });
  t.notOk(existsSync(join(folder, 'lock')), 'and the lock is let go');
});

test('a ledger that was cut off before its own checkpoint is not continued: nothing is given its numbers', async (t) => {
  const folder = t.testdir();
  await written(folder, ['a']);
  await written(folder, ['b']);
  const [first = '', second = ''] = segmentsIn(folder);
  const whole = readFileSync(join(folder, second), 'utf8');
  const broken = { ok: false, error: { code: 'ledger-broken', file: join(folder, 'checkpoint') } };
  const cut = whole.split('\n').slice(0, 2).join('\n');
  writeFileSync(join(folder, second), `${cut}\n`);
  t.match(await openLedger(optionsFor(folder)), broken, 'its last lines are gone');
  rmSync(join(folder, second));
  t.match(await openLedger(optionsFor(folder)), broken, 'its last segment is gone');
  t.strictSame(segmentsIn(folder), [first], 'and nothing was written');
  renameSync(join(folder, first), join(folder, 'aside'));
  t.match(await openLedger(optionsFor(folder)), broken, 'all of it is gone');
  renameSync(join(folder, 'aside'), join(folder, first));
  writeFileSync(join(folder, second), whole);
  const again = await opened(folder);
  await again.close();
  t.match(await verified(folder), { faults: [] });
});

test('a ledger of the first form, without headers, is continued as it is', async (t) => {
  const body = (n: number): string =>
    `{"kind":"unreadable","id":"${n}","at":"2026-11-21T10:00:00Z","code":"review-syntax"}`;
  const first = chain(emptyHead, body(1));
  const second = chain(first.head, body(2));
  const text = `${first.line}\n${second.line}\n`;
  const name = '00000000000000000001.jsonl';
  const folder = t.testdir({ [name]: text });
  await written(folder, ['c']);
  const [old, header, decision] = [linesIn(folder)[1], linesIn(folder)[2], linesIn(folder)[3]];
  t.match(old, { seq: 2 });
  t.match(header, {
    seq: 3,
    kind: 'segment',
    segment: 1,
    why: 'start',
    epoch: 0,
    previous: { file: name, seq: 2, hash: second.head.hash, bytes: Buffer.byteLength(text) },
  });
  t.match(decision, { seq: 4, kind: 'decision' });
  t.equal(textOf(folder, segmentsIn(folder)[0] ?? ''), text, 'nothing was added to it');
});

test('a clock that went back is told, and order stays that of the numbers', async (t) => {
  const folder = t.testdir();
  let [wall, since] = [Date.parse('2026-11-21T10:00:00Z'), 0];
  const ledger = await opened(folder, {
    now: () => new Date(wall).toISOString(),
    monotonic: () => since,
  });
  const steps: readonly [name: string, wall: number, since: number][] = [
    ['steady', 500, 500],
    ['slewed', 0, 900],
    ['back', -600_000, 10],
    ['after', 20, 20],
    ['forward', 600_000, 20],
  ];
  for (const [name, ms, passed] of steps) {
    wall += ms;
    since += passed;
    await ledger.append(entryOf({ name }));
  }
  await ledger.close();
  const stepped = linesIn(folder).filter((line) => line['clock'] === 'stepped');
  t.same(
    stepped.map((line) => (line['attempt'] as { name?: string }).name),
    ['back'],
  );
});

test('the law is kept by its hash before a record names it; sha256sum gives the hash again', async (t) => {
  const folder = t.testdir();
  const ledger = await opened(folder);
  const text = lawText([{ kind: 'B', x: 9007199254740993n }, { kind: 'A' }]);
  const hash = sha256(text);
  const law = { policySet: `sha256:${hash}`, revision: 'main@4be1', policies: text };
  await ledger.append({
    kind: 'reload',
    id: 'x',
    outcome: 'accepted',
    from: null,
    warnings: [],
    faults: [],
    ...law,
  });
  const path = join(folder, 'policies', `${hash}.jsonl`);
  t.equal(sha256(readFileSync(path)), hash);
  t.same(
    readFileSync(path, 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line).kind),
    ['A', 'B'],
  );
  await ledger.close();
  const record = linesIn(folder).find(({ kind }) => kind === 'reload');
  t.match(record, { policySet: `sha256:${hash}`, revision: 'main@4be1' });
  t.notOk(record !== undefined && 'policies' in record, 'the text is not in the record');
});

test('nobody else may read what is kept', async (t) => {
  const folder = join(t.testdir(), 'ledger');
  await written(folder, ['a']);
  t.equal(statSync(folder).mode & 0o777, 0o700);
  for (const name of readdirSync(folder)) {
    t.equal(statSync(join(folder, name)).mode & 0o077, 0, name);
  }
});
