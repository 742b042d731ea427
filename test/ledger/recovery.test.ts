// A process that is gone at any moment, with or without what was not synced: whatever was acknowledged is there when the
// folder is opened again, and the verifier finds nothing wrong.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'tap';
import { type Failpoint, failpoints } from '../../src/ledger/store/failpoints.ts';
import { openLedger } from '../../src/ledger/store/ledger.ts';
import { entryOf } from './entry.ts';
import { faultyDisk } from './faulty-disk.ts';
import {
  linesIn,
  opened,
  optionsFor,
  rootsIn,
  segmentsIn,
  unlocked,
  until,
  verified,
} from './opened.ts';

/** What a process does until it is gone: records, checkpoints, a rotation, more records, an end. */
async function live(
  folder: string,
  { at, visit, losing }: { at: Failpoint; visit: number; losing: 'nothing' | 'unsynced' },
): Promise<{ readonly acknowledged: readonly string[]; readonly crashed: boolean }> {
  const disk = faultyDisk();
  const acknowledged: string[] = [];
  let visits = 0;
  let crashed = false;
  const gone = Promise.withResolvers<void>();
  const failpoint = (name: Failpoint): void | Promise<void> => {
    if (crashed || name !== at) return crashed ? new Promise(() => {}) : undefined;
    visits += 1;
    if (visits !== visit) return undefined;
    crashed = true;
    disk.crash(losing);
    gone.resolve();
    return new Promise(() => {});
  };
  const life = async (): Promise<void> => {
    const ledger = await openLedger({ ...optionsFor(folder), disk, failpoint });
    if (!ledger.ok) throw new Error(ledger.error.message);
    const { append, checkpoint, rotate, close } = ledger.value;
    const record = async (name: string): Promise<void> => {
      const done = await append(entryOf({ name }));
      if (done.ok) acknowledged.push(name);
    };
    await Promise.all([record('a'), record('b')]);
    await checkpoint();
    await record('c');
    await rotate();
    await Promise.all([record('d'), record('e')]);
    await close();
  };
  await Promise.race([life(), gone.promise]);
  return { acknowledged, crashed };
}

const namesIn = (folder: string): readonly (string | undefined)[] =>
  linesIn(folder).map((line) => (line['attempt'] as { name?: string } | undefined)?.name);

for (const at of failpoints) {
  for (const losing of ['nothing', 'unsynced'] as const) {
    test(`gone ${at}, ${losing === 'nothing' ? 'by a kill' : 'with what was not synced'}: nothing that was acknowledged is missing`, async (t) => {
      let crashes = 0;
      for (let visit = 1; visit < 30; visit++) {
        const folder = join(t.testdir(), 'ledger');
        const { acknowledged, crashed } = await live(folder, { at, visit, losing });
        if (!crashed) break;
        crashes += 1;
        unlocked(folder);
        const ledger = await opened(folder);
        await ledger.append(entryOf({ name: 'after' }));
        await ledger.close();
        const { faults } = await verified(folder);
        t.same(faults, [], `visit ${visit}`);
        const names = namesIn(folder);
        for (const name of [...acknowledged, 'after'])
          t.ok(names.includes(name), `${visit}: ${name}`);
      }
      t.ok(crashes > 0, 'it is a moment that comes');
    });
  }
}

test('crash after crash at the same moment still leaves one chain', async (t) => {
  for (const at of failpoints) {
    const folder = join(t.testdir(), 'ledger');
    const all: string[] = [];
    for (let visit = 1; visit <= 6; visit++) {
      const { acknowledged } = await live(folder, { at, visit, losing: 'unsynced' });
      all.push(...acknowledged);
      unlocked(folder);
    }
    await (await opened(folder)).close();
    t.same((await verified(folder)).faults, [], at);
    t.ok(namesIn(folder).filter((name) => name !== undefined).length >= all.length, at);
    t.equal(rootsIn(folder).length, 1, `${at}: the key was never lost`);
  }
});

test('a torn tail is set aside, and the chain goes on from the last whole record', async (t) => {
  const folder = t.testdir();
  const disk = faultyDisk();
  const ledger = await opened(folder, { disk });
  await ledger.append(entryOf({ name: 'a' }));
  disk.crash('nothing');
  unlocked(folder);
  const [name = ''] = segmentsIn(folder);
  const path = join(folder, name);
  writeFileSync(path, `${readFileSync(path, 'utf8')}{"v":1,"seq":3,"prev":"abc`);
  const again = await opened(folder);
  await again.append(entryOf({ name: 'b' }));
  await again.close();
  t.equal(readFileSync(`${path}.torn-3`, 'utf8'), '{"v":1,"seq":3,"prev":"abc');
  t.same(
    linesIn(folder).map(({ seq }) => seq),
    [1, 2, 3, 4, 5, 6],
  );
  t.match(await verified(folder), { faults: [], remarks: [] });
});

test('a segment whose first record is not whole holds nothing: it is set aside, and its name is free', async (t) => {
  const folder = t.testdir();
  const ledger = await opened(folder);
  await ledger.close();
  const name = '00000000000000000004.jsonl';
  writeFileSync(join(folder, name), '{"v":1,"seq":4,');
  await (await opened(folder)).close();
  t.ok(existsSync(join(folder, `${name}.torn-4`)));
  t.ok(segmentsIn(folder).includes(name));
  t.match(await verified(folder), { faults: [], remarks: [] });
});

test('where a copy has no room the file is cut in its place', async (t) => {
  const folder = t.testdir();
  const disk = faultyDisk();
  const ledger = await opened(folder, { disk });
  await ledger.append(entryOf({ name: 'a' }));
  disk.crash('nothing');
  unlocked(folder);
  const full = faultyDisk();
  full.break(['sync'], 'ENOSPC', '.jsonl.tmp');
  const again = await opened(folder, { disk: full });
  t.equal(full.counts.get('truncate'), 1);
  await again.close();
  t.match(await verified(folder), { faults: [] });
});

test('what a compression left behind is finished, and what it wrote beside is removed', async (t) => {
  const folder = t.testdir();
  const ledger = await opened(folder, { disk: { ...faultyDisk() } });
  await ledger.append(entryOf({ name: 'a' }));
  await ledger.close();
  const [name = ''] = segmentsIn(folder);
  writeFileSync(join(folder, `${name}.zst.tmp`), 'half');
  writeFileSync(join(folder, `${name}.zst`), 'something else under the name');
  const again = await opened(folder);
  await until(() => again.events.some(({ kind }) => kind === 'compressed'));
  await again.close();
  t.ok(readdirSync(folder).includes(`${name}.zst`));
  t.notOk(readdirSync(folder).some((each) => each === name || each.endsWith('.tmp')));
  t.match(await verified(folder), { faults: [], remarks: [] });
});
