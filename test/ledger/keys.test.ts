// The signing keys: born on the ledger volume, one for each epoch, each named by the one before, and then gone.
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'tap';
import { entryOf } from './entry.ts';
import { faultyDisk } from './faulty-disk.ts';
import { linesIn, opened, rootsIn, unlocked, verified } from './opened.ts';

type KeyFile = { readonly seed: string; readonly publicKey: string; readonly epoch: number };

const keyIn = (folder: string, name = 'key.json'): KeyFile =>
  JSON.parse(readFileSync(join(folder, name), 'utf8')) as KeyFile;

/** Whether any file of the folder holds the text. */
const holds = (folder: string, text: string): boolean =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .some(({ parentPath, name }) => readFileSync(join(parentPath, name)).includes(text));

test('the seed of an epoch that has ended is nowhere in the folder', async (t) => {
  const folder = t.testdir();
  const disk = faultyDisk();
  const ledger = await opened(folder, { disk });
  const seeds: string[] = [];
  for (let epoch = 0; epoch < 3; epoch++) {
    const key = keyIn(folder);
    t.equal(key.epoch, epoch);
    seeds.push(key.seed);
    await ledger.append(entryOf({ name: 'a' }));
    await ledger.rotate();
    for (const seed of seeds) t.notOk(holds(folder, seed), `epoch ${epoch}`);
  }
  seeds.push(keyIn(folder).seed);
  await ledger.close();
  for (const seed of seeds) t.notOk(holds(folder, seed), 'nor after the end');
  t.equal(disk.counts.get('overwrite'), 4, 'each was overwritten before its file was replaced');
  t.same(await verified(folder), { faults: [], remarks: [] });
});

test('one root is enough for all epochs, and another root vouches for nothing', async (t) => {
  const [folder, other] = [join(t.testdir(), 'a'), join(t.testdir(), 'b')];
  for (const each of [folder, other]) {
    const ledger = await opened(each);
    await ledger.append(entryOf({ name: 'a' }));
    await ledger.rotate();
    await ledger.close();
  }
  const roots = rootsIn(folder);
  t.match(roots, [{ epoch: 0, replica: 'gate-0' }]);
  t.match(await verified(folder, roots), { faults: [] });
  const { faults } = await verified(folder, rootsIn(other));
  t.ok(faults.some((fault) => fault.startsWith('unsigned')));
});

test('after a crash the epoch goes on with its key', async (t) => {
  const folder = t.testdir();
  const disk = faultyDisk();
  const ledger = await opened(folder, { disk });
  await ledger.append(entryOf({ name: 'a' }));
  const before = keyIn(folder);
  disk.crash('unsynced');
  unlocked(folder);
  const again = await opened(folder);
  t.same(keyIn(folder), before);
  await again.close();
  const headers = linesIn(folder).filter(({ kind }) => kind === 'segment');
  t.match(headers, [
    { why: 'new', epoch: 0 },
    { why: 'start', epoch: 0 },
  ]);
  t.equal(headers[0]?.['publicKey'], headers[1]?.['publicKey']);
  t.match(await verified(folder), { faults: [] });
});

const losses: readonly (readonly [string, (folder: string) => void])[] = [
  ['is gone', (folder) => rmSync(join(folder, 'key.json'))],
  ['is empty', (folder) => writeFileSync(join(folder, 'key.json'), '')],
  ['is no key', (folder) => writeFileSync(join(folder, 'key.json'), '{"seed":"AAAA"}')],
  [
    'was given another public key',
    (folder) => {
      const other = Buffer.alloc(32, 7).toString('base64');
      const text = JSON.stringify({ ...keyIn(folder), publicKey: other });
      writeFileSync(join(folder, 'key.json'), text);
    },
  ],
];
for (const [what, lose] of losses) {
  test(`a key file that ${what}: a new root, which the list tells and an old pin does not cover`, async (t) => {
    const folder = t.testdir();
    const ledger = await opened(folder);
    await ledger.append(entryOf({ name: 'a' }));
    await ledger.close();
    const pinned = rootsIn(folder);
    lose(folder);
    const again = await opened(folder);
    await again.append(entryOf({ name: 'b' }));
    await again.close();
    t.match(rootsIn(folder), [{ epoch: 0 }, { epoch: 2 }]);
    t.match(await verified(folder), { faults: [] });
    const { faults } = await verified(folder, pinned);
    t.not(faults.length, 0, 'what the new key signs is not vouched for');
  });
}

test('a list of roots that is gone is written again, with the key that goes on', async (t) => {
  const folder = t.testdir();
  await (await opened(folder)).close();
  rmSync(join(folder, 'keys.json'));
  await (await opened(folder)).close();
  t.match(rootsIn(folder), [{ epoch: 1 }]);
});

test('a key that was prepared before a crash is used when the epoch ends', async (t) => {
  const folder = t.testdir();
  const disk = faultyDisk();
  const ledger = await opened(folder, { disk });
  disk.break(['append'], 'EIO');
  await ledger.rotate();
  const prepared = keyIn(folder, 'key.next.json');
  disk.crash('nothing');
  unlocked(folder);
  const again = await opened(folder);
  await again.rotate();
  t.same(keyIn(folder), prepared);
  await again.close();
  t.match(await verified(folder), { faults: [] });
});
