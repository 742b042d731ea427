// Disks that fail: nothing is acknowledged that is not durable, the file is never written again, and the ledger comes
// back by itself with a record of the gap.
import { mkdirSync, readFileSync, renameSync, rmSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { type Test, test } from 'tap';
import { entryOf } from './entry.ts';
import { type FaultyDisk, faultyDisk } from './faulty-disk.ts';
import { kindsIn, linesIn, type Opened, opened, segmentsIn, until, verified } from './opened.ts';

const refusal = {
  ok: false,
  error: { code: 'record-failed', message: /^audit log unavailable: / },
};

type Breaking = {
  readonly what: string;
  readonly begin: (disk: FaultyDisk, folder: string) => void;
  readonly end: (disk: FaultyDisk, folder: string) => void;
};

const mended = (disk: FaultyDisk): void => disk.mend();
const breakings: readonly Breaking[] = [
  {
    what: 'EIO at a write',
    begin: (disk) => disk.break(['append', 'create'], 'EIO'),
    end: mended,
  },
  {
    what: 'EIO at a sync',
    begin: (disk) => disk.break(['datasync'], 'EIO'),
    end: mended,
  },
  {
    what: 'a full disk',
    begin: (disk) => disk.break(['append', 'create', 'write'], 'ENOSPC'),
    end: mended,
  },
  {
    what: 'a quota',
    begin: (disk) => disk.break(['append', 'datasync'], 'EDQUOT'),
    end: mended,
  },
  {
    what: 'a disk that became read-only',
    begin: (disk) => disk.break(['append', 'create', 'write', 'remove', 'rename'], 'EROFS'),
    end: mended,
  },
  {
    what: 'a folder whose entry cannot be synced',
    begin: (disk) => disk.break(['append', 'syncFolder'], 'EIO'),
    end: mended,
  },
  {
    what: 'no file descriptors left',
    begin: (disk) => disk.break(['append', 'create', 'write', 'read', 'state'], 'EMFILE'),
    end: mended,
  },
  {
    what: 'a file that somebody cut',
    begin: (_disk, folder) => truncateSync(join(folder, segmentsIn(folder).at(-1) ?? ''), 10),
    end: () => {},
  },
  {
    what: 'a folder that was moved away',
    begin: (_disk, folder) => renameSync(folder, `${folder}.moved`),
    end: (_disk, folder) => {
      rmSync(folder, { recursive: true, force: true });
      renameSync(`${folder}.moved`, folder);
    },
  },
  {
    what: 'a folder that was removed',
    begin: (_disk, folder) => rmSync(folder, { recursive: true }),
    end: () => {},
  },
];

/** Neither can be undone, and the verifier says what is missing. */
const losing = ['a file that somebody cut', 'a folder that was removed'];
/** It comes back before anybody can look. */
const brief = [...losing, 'a folder that was moved away'];

for (const { what, begin, end } of breakings) {
  test(`${what}: appends are refused at once, and recorded again when it is over`, async (t) => {
    const folder = join(t.testdir(), 'ledger');
    const disk = faultyDisk();
    const ledger = await opened(folder, { disk });
    await ledger.append(entryOf({ name: 'good' }));
    const written = segmentsIn(folder)[0] ?? '';
    const bytes = ledger.state().segment?.bytes ?? 0;
    begin(disk, folder);
    const failed = await Promise.all(['x', 'y'].map((name) => ledger.append(entryOf({ name }))));
    for (const each of failed) t.match(each, refusal);
    if (!brief.includes(what)) {
      t.equal(ledger.available(), false);
      t.match(await ledger.append(entryOf({ name: 'z' })), refusal, 'at once');
      t.match(ledger.head(), { seq: 2 }, 'and the head is what was acknowledged');
    }
    end(disk, folder);
    await until(() => ledger.available());
    t.match(await ledger.append(entryOf({ name: 'later' })), { ok: true });
    await ledger.close();
    const header = linesIn(folder).find((line) => line['why'] === 'fault');
    t.match(header, { segment: 2, epoch: 0, previous: { file: written, seq: 2, bytes } });
    const gap = linesIn(folder).find(({ kind }) => kind === 'gap');
    t.match(gap, { denied: brief.includes(what) ? 2 : 3, allowed: 0, cause: /./ });
    t.match(ledger.state(), { gaps: 1, missed: { allowed: 0 } });
    const { faults } = await verified(folder);
    if (losing.includes(what)) t.not(faults.length, 0, 'what is gone is told');
    else t.same(faults, []);
  });
}

test('a failed file is not written again, whatever the disk says later', async (t) => {
  const folder = t.testdir();
  const disk = faultyDisk();
  const ledger = await opened(folder, { disk });
  await ledger.append(entryOf({ name: 'good' }));
  const path = join(folder, segmentsIn(folder)[0] ?? '');
  disk.break(['datasync'], 'EIO', segmentsIn(folder)[0]);
  await ledger.append(entryOf({ name: 'lost' }));
  await until(() => ledger.available());
  const after = readFileSync(path);
  await ledger.append(entryOf({ name: 'later' }));
  t.same(readFileSync(path), after);
  t.match(String(after), /"lost"/, 'the bytes are there, and count for nothing');
  await ledger.close();
  t.match(await verified(folder), { faults: [] });
});

test('what fails without an error is found too: a rotation, a key, a checkpoint', async (t) => {
  const rows: readonly (readonly [Parameters<FaultyDisk['break']>[0], string])[] = [
    [['write'], 'key.next.json'],
    [['extend'], 'epochs.jsonl'],
    [['overwrite'], 'key.json'],
    [['rename'], 'key.next.json'],
    [['create'], '.jsonl'],
    [['append'], '.jsonl'],
    [['datasync'], '.jsonl'],
    [['syncFolder'], ''],
    [['write'], 'checkpoint'],
  ];
  for (const [operations, on] of rows) {
    const folder = join(t.testdir(), 'ledger');
    const disk = faultyDisk();
    const ledger = await opened(folder, { disk });
    await ledger.append(entryOf({ name: 'a' }));
    disk.break(operations, 'EIO', on);
    await ledger.rotate();
    disk.mend();
    await until(() => ledger.available());
    t.match(await ledger.append(entryOf({ name: 'b' })), { ok: true }, `${operations} ${on}`);
    await ledger.rotate();
    await ledger.close();
    t.match(await verified(folder), { faults: [] }, `${operations} ${on}`);
  }
});

async function stalled(
  t: Test,
  more: Parameters<typeof opened>[1] = {},
): Promise<{ ledger: Opened; folder: string; release: () => void; pass: (ms: number) => void }> {
  const folder = t.testdir();
  const disk = faultyDisk();
  let passed = 0;
  const ledger = await opened(folder, { disk, monotonic: () => passed, ...more });
  const pass = (ms: number): void => {
    passed += ms;
  };
  return { ledger, folder, release: disk.stall(), pass };
}

test('a sync that stands still: appends wait, who asks is told, and all of them are recorded', async (t) => {
  const { ledger, folder, release, pass } = await stalled(t);
  const appended = ['a', 'b'].map((name) => ledger.append(entryOf({ name })));
  await until(() => ledger.state().heldBytes > 0);
  t.equal(ledger.available(), true, 'a moment is nothing');
  pass(5_000);
  t.equal(ledger.available(), false);
  release();
  t.match(await Promise.all(appended), [{ ok: true }, { ok: true }]);
  t.equal(ledger.available(), true);
  t.equal(ledger.state().heldBytes, 0);
  await ledger.close();
  t.notOk(kindsIn(folder).includes('gap'));
});

test('what waits for a slow disk is bounded: more is refused at once, and counted', async (t) => {
  const { ledger, folder, release } = await stalled(t, { mostWaiting: 10_000 });
  const names = Array.from({ length: 100 }, (_, i) => `pod-${i}`);
  const appended = names.map((name) => ledger.append(entryOf({ name })));
  const held = ledger.state().heldBytes;
  t.ok(held > 5_000 && held <= 10_000, `${held} bytes are held`);
  release();
  const done = await Promise.all(appended);
  const refused = done.filter(({ ok }) => !ok);
  t.match(refused[0], { error: { message: 'audit log unavailable: the disk is too slow' } });
  await ledger.close();
  const gap = linesIn(folder).find(({ kind }) => kind === 'gap');
  t.match(gap, { denied: refused.length, cause: 'the disk is too slow' });
  t.match(await verified(folder), { faults: [], remarks: ['gap'] });
});

test('a disk that never comes back does not keep the process', async (t) => {
  const { ledger, release } = await stalled(t, { closeWithin: 10 });
  const appended = ledger.append(entryOf({ name: 'a' }));
  await ledger.close();
  t.match(await ledger.append(entryOf({ name: 'b' })), refusal);
  release();
  t.match(await appended, { ok: true }, 'what was under way is not given up');
});

test('what was counted elsewhere and no record came after is told before the ledger ends', async (t) => {
  const folder = t.testdir();
  const ledger = await opened(folder);
  ledger.missed({
    from: '2026-11-21T10:00:00.000Z',
    cause: 'nobody could write',
    denied: 3,
    allowed: 1,
  });
  await ledger.close();
  const [gap] = linesIn(folder).filter(({ kind }) => kind === 'gap');
  t.match(gap, {
    from: '2026-11-21T10:00:00.000Z',
    cause: 'nobody could write',
    denied: 3,
    allowed: 1,
  });
  t.same(kindsIn(folder), ['segment', 'gap', 'stop', 'checkpoint']);
  t.match(await verified(folder), { faults: [], remarks: ['gap'] });
});

test('a gap counts answers as they were given: allowances too, where failures allow', async (t) => {
  for (const [onFailure, want] of [
    ['deny', { denied: 3, allowed: 1 }],
    ['allow', { denied: 2, allowed: 2 }],
  ] as const) {
    const folder = join(t.testdir(), 'ledger');
    const disk = faultyDisk();
    const ledger = await opened(folder, { disk, onFailure });
    disk.break(['append'], 'EIO');
    const audited = { mode: 'AuditOnly', allowed: true } as const;
    await ledger.append(entryOf({ name: 'denied' }));
    await ledger.append(entryOf({ name: 'allowed' }, { allowed: true }));
    await ledger.append(entryOf({ name: 'audited' }, audited));
    await ledger.append({
      ...{ kind: 'unreadable', id: 'u', at: new Date().toISOString(), code: 'review-syntax' },
      ...{ message: 'm', uid: null, bytes: 1, sha256: null },
    });
    disk.mend();
    await until(() => ledger.available());
    await ledger.close();
    t.match(
      linesIn(folder).find(({ kind }) => kind === 'gap'),
      want,
      onFailure,
    );
  }
});

test('a record that answers nobody is kept through an outage, in order, after the gap', async (t) => {
  const folder = t.testdir();
  const disk = faultyDisk();
  const ledger = await opened(folder, { disk });
  disk.break(['append'], 'EIO');
  await ledger.append(entryOf({ name: 'lost' }));
  const refused = (id: string) =>
    ledger.append({
      ...{ kind: 'refused', id, count: 1, from: '', to: '' },
      sample: { cause: 'c', address: 'a' },
    });
  const waiting = [refused('1'), refused('2')];
  disk.mend();
  t.match(await Promise.all(waiting), [{ ok: true }, { ok: true }]);
  await ledger.close();
  const kinds = kindsIn(folder);
  t.same(kinds.slice(kinds.indexOf('gap')), ['gap', 'refused', 'refused', 'stop', 'checkpoint']);
});

test('a folder that was removed gets its keys again: notes of today can still be checked', async (t) => {
  const folder = join(t.testdir(), 'ledger');
  const ledger = await opened(folder);
  await ledger.rotate();
  rmSync(folder, { recursive: true });
  await ledger.append(entryOf({ name: 'lost' }));
  await until(() => ledger.available());
  mkdirSync(folder, { recursive: true });
  await ledger.append(entryOf({ name: 'kept' }));
  await ledger.close();
  const { keys } = JSON.parse(readFileSync(join(folder, 'keys.json'), 'utf8'));
  t.match(keys, [{ epoch: 0, replica: 'gate-0' }]);
  t.match(linesIn(folder)[0], { why: 'fault', epoch: 1 });
  await (await opened(folder)).close();
  t.match(linesIn(folder).at(-3), { why: 'start', epoch: 2 }, 'and it is opened again');
});
