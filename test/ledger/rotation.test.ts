// Segments end by size and age, are compressed when nobody writes them, and go when they may, never before.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { zstdCompressSync } from 'node:zlib';
import { test } from 'tap';
import type { Disk } from '../../src/ledger/store/disk.ts';
import type { LedgerOptions } from '../../src/ledger/store/options.ts';
import { entryOf } from './entry.ts';
import { faultyDisk } from './faulty-disk.ts';
import { linesIn, type Opened, opened, segmentsIn, until, verified } from './opened.ts';

const has = (ledger: Opened, kind: string): boolean =>
  ledger.events.some((event) => event.kind === kind);
const compressed = (ledger: Opened): number =>
  ledger.events.filter(({ kind }) => kind === 'compressed').length;

test('a segment ends when it is large, and the next begins where it ended', async (t) => {
  const folder = t.testdir();
  const ledger = await opened(folder, { rotate: { bytes: 4_000, ms: 1e9 } });
  for (let i = 0; i < 20; i++) await ledger.append(entryOf({ name: `pod-${i}` }));
  await ledger.close();
  const headers = linesIn(folder).filter(({ kind }) => kind === 'segment');
  t.ok(headers.length >= 4, `${headers.length} segments`);
  for (const [i, header] of headers.entries()) {
    t.match(header, { segment: i + 1, epoch: i, why: i === 0 ? 'new' : 'size' });
    const last = linesIn(folder)[header.seq - 2];
    if (i === 0) continue;
    t.match(last, { kind: 'checkpoint', next: header['publicKey'] });
    t.match(header['previous'], { seq: last?.seq });
  }
  t.same(await verified(folder), { faults: [], remarks: [] });
});

test('a segment ends when it is old, seen at the next record or checkpoint', async (t) => {
  const folder = t.testdir();
  let passed = 0;
  const monotonic = (): number => passed;
  const ledger = await opened(folder, { rotate: { bytes: 1e9, ms: 3_600_000 }, monotonic });
  passed = 3_599_999;
  await ledger.append(entryOf({ name: 'a' }));
  t.equal(segmentsIn(folder).length, 1);
  passed = 3_600_000;
  await ledger.checkpoint();
  await ledger.append(entryOf({ name: 'b' }));
  await ledger.close();
  t.match(
    linesIn(folder).filter(({ kind }) => kind === 'segment'),
    [{ why: 'new' }, { why: 'age' }],
  );
});

test('checkpoints come by themselves, also when nothing happens', async (t) => {
  const folder = t.testdir();
  const ledger = await opened(folder, { checkpointEvery: 5 });
  await until(() => linesIn(folder).filter(({ kind }) => kind === 'checkpoint').length >= 3);
  const note = readFileSync(join(folder, 'checkpoint'), 'utf8');
  t.match(note, /^sekisho\.dev\/ledger\/[0-9a-f-]{36}\n\d+\n[A-Za-z0-9+/=]{44}\nepoch 0\nat /);
  await ledger.close();
  const last = linesIn(folder).at(-1);
  t.equal(readFileSync(join(folder, 'checkpoint'), 'utf8'), last?.['note']);
});

test('closed segments are compressed, and the one that is written is not', async (t) => {
  const folder = t.testdir();
  const ledger = await opened(folder);
  for (let i = 0; i < 20; i++) await ledger.append(entryOf({ name: `pod-${i}` }));
  const plain = statSync(join(folder, segmentsIn(folder)[0] ?? '')).size;
  await ledger.rotate();
  await until(() => has(ledger, 'compressed'));
  const [first = '', second = ''] = segmentsIn(folder);
  t.ok(first.endsWith('.jsonl.zst') && second.endsWith('.jsonl'));
  t.ok(statSync(join(folder, first)).size * 3 < plain);
  await ledger.close();
  t.same(await verified(folder), { faults: [], remarks: [] });
});

test('a compression that fails leaves the segment as it is, and is tried again', async (t) => {
  const folder = t.testdir();
  const disk = faultyDisk();
  const ledger = await opened(folder, { disk });
  await ledger.append(entryOf({ name: 'a' }));
  disk.break(['rename'], 'EIO', '.zst.tmp');
  await ledger.rotate();
  await until(() => has(ledger, 'trouble'));
  t.equal(ledger.available(), true, 'records go on');
  t.ok(segmentsIn(folder)[0]?.endsWith('.jsonl'));
  disk.mend();
  await ledger.rotate();
  await until(() => compressed(ledger) >= 2);
  await ledger.close();
  t.notOk(readdirSync(folder).some((name) => name.endsWith('.tmp')));
  t.same(await verified(folder), { faults: [], remarks: [] });
});

test('a compression that does not come back as it was is thrown away', async (t) => {
  const folder = t.testdir();
  const disk = faultyDisk();
  const other = zstdCompressSync(Buffer.from('something else\n'));
  const reader: Disk['reader'] = (path, ...range) =>
    path.endsWith('.zst.tmp') ? Readable.from([other]) : disk.reader(path, ...range);
  const ledger = await opened(folder, { disk: { ...disk, reader } });
  await ledger.append(entryOf({ name: 'a' }));
  await ledger.rotate();
  await until(() => has(ledger, 'trouble'));
  t.match(
    ledger.events.find(({ kind }) => kind === 'trouble'),
    { cause: /does not come back/ },
  );
  await ledger.close();
  t.notOk(readdirSync(folder).some((name) => name.includes('.zst')));
  t.match(await verified(folder), { faults: [] });
});

const retentions: readonly {
  readonly what: string;
  readonly options: Partial<LedgerOptions>;
  /** Of five closed segments and the open one. */
  readonly left: number;
}[] = [
  { what: 'without bounds nothing goes', options: { retain: null }, left: 6 },
  { what: 'what is too old goes', options: { retain: { ms: -1, bytes: null } }, left: 1 },
  { what: 'what is young stays', options: { retain: { ms: 60_000, bytes: 1e9 } }, left: 6 },
  { what: 'what is too much goes', options: { retain: { ms: null, bytes: 1 } }, left: 1 },
  {
    what: 'what no exporter has sent stays',
    options: { retain: { ms: -1, bytes: 1 }, oldestNeeded: () => 1 },
    left: 6,
  },
  {
    what: 'what every exporter has sent goes',
    options: { retain: { ms: -1, bytes: 1 }, oldestNeeded: () => 9 },
    left: 4,
  },
];

for (const { what, options, left } of retentions) {
  test(`retention: ${what}`, async (t) => {
    const folder = t.testdir();
    const ledger = await opened(folder);
    // Each segment has four records: header, two decisions, checkpoint.
    for (let i = 0; i < 4; i++) {
      await ledger.append(entryOf({ name: `a-${i}` }));
      await ledger.append(entryOf({ name: `b-${i}` }));
      await ledger.rotate();
    }
    await until(() => compressed(ledger) === 4);
    await ledger.close();
    const roots = readFileSync(join(folder, 'keys.json'), 'utf8');
    const again = await opened(folder, { checkpointEvery: 5, ...options });
    await until(() => compressed(again) === 1);
    if (left < 6) await until(() => has(again, 'removed'));
    await again.close();
    t.equal(segmentsIn(folder).length, left);
    const declared = linesIn(folder).filter(({ kind }) => kind === 'retention');
    const files = declared.flatMap((record) => record['files'] as { file: string }[]);
    t.equal(files.length, 6 - left, 'each is declared');
    for (const { file } of files) t.notOk(existsSync(join(folder, `${file}.zst`)), file);
    t.equal(readFileSync(join(folder, 'keys.json'), 'utf8'), roots);
    t.match(await verified(folder), { faults: [] });
  });
}

test('the record of a retention is signed before its files go: whoever verifies at that moment believes it', async (t) => {
  const folder = t.testdir();
  const before = await opened(folder);
  await before.append(entryOf({ name: 'a' }));
  await before.rotate();
  await before.close();
  const ledger = await opened(folder, {
    checkpointEvery: 1_000_000_000,
    retain: { ms: -1, bytes: null },
  });
  await until(() => has(ledger, 'removed'));
  const { faults, remarks } = await verified(folder);
  t.strictSame(faults, []);
  t.ok(remarks.includes('retention'));
  await ledger.close();
});

test('a closed segment that cannot be read is told, stays, and holds up no record', async (t) => {
  const folder = t.testdir();
  const before = await opened(folder);
  for (const name of ['a', 'b']) {
    await before.append(entryOf({ name }));
    await before.rotate();
  }
  await until(() => compressed(before) === 2);
  await before.close();
  const [, second = ''] = segmentsIn(folder);
  rmSync(join(folder, second));
  mkdirSync(join(folder, second));
  const ledger = await opened(folder, { retain: { ms: -1, bytes: null } });
  await until(() => has(ledger, 'trouble'));
  t.match(
    ledger.events.find(({ kind }) => kind === 'trouble'),
    { what: 'retention', cause: /EISDIR/ },
  );
  t.ok((await ledger.append(entryOf({ name: 'c' }))).ok);
  await ledger.close();
  t.ok(segmentsIn(folder).includes(second));
});
