// Power that goes at any step: a kill alone never tests a sync. Whatever was acknowledged is there afterwards, the verifier
// finds nothing wrong, the key is not lost, and the next writer goes on. SEKISHO_RUNS: how many histories (60).
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { test } from 'tap';
import type { RootKey } from '../../src/ledger/format/keys.ts';
import { openLedger } from '../../src/ledger/store/ledger.ts';
import type { Ledger } from '../../src/ledger/store/options.ts';
import { randomOf } from './crash/kills.ts';
import type { Answer } from './crash/writer.ts';
import { entryOf } from './entry.ts';
import { type LostDisk, lostDisk } from './lost-disk.ts';
import { linesIn, opened, optionsFor, rootsIn, segmentsIn, verified } from './opened.ts';

const folder = '/ledger';

type Act =
  | { readonly kind: 'append'; readonly sizes: readonly number[] }
  | { readonly kind: 'rotate' }
  | { readonly kind: 'checkpoint' };

/** What one writer does, and the step of the disk at which the power goes; it closes if it comes so far. */
type Life = { readonly acts: readonly Act[]; readonly step: number };

const act: fc.Arbitrary<Act> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('append' as const),
      sizes: fc.array(fc.oneof(fc.nat(300), fc.nat(20_000)), { minLength: 1, maxLength: 6 }),
    }),
  },
  { weight: 1, arbitrary: fc.constantFrom<Act>({ kind: 'rotate' }, { kind: 'checkpoint' }) },
);
const life: fc.Arbitrary<Life> = fc.record({
  acts: fc.array(act, { maxLength: 10 }),
  step: fc.integer({ min: 1, max: 120 }),
});

/** Until the power goes, or it has closed in good order. */
async function live(
  disk: LostDisk,
  { acts, step }: Life,
  name: string,
): Promise<readonly Answer[]> {
  const answered: Answer[] = [];
  const gone = Promise.withResolvers<void>();
  disk.loseAt(step, gone.resolve);
  const lives = async (): Promise<void> => {
    const rotate = { bytes: 12_000, ms: 3_600_000 };
    const ledger = await openLedger({ ...optionsFor(folder), disk, rotate });
    if (!ledger.ok) throw new Error(ledger.error.message);
    for (const [i, each] of acts.entries()) {
      await done(ledger.value, each, `${name}-${i}`, (answer) => void answered.push(answer));
    }
    await ledger.value.close();
  };
  await Promise.race([lives(), gone.promise]);
  return answered;
}

async function done(
  ledger: Ledger,
  each: Act,
  name: string,
  keep: (answer: Answer) => void,
): Promise<void> {
  if (each.kind === 'rotate') return ledger.rotate();
  if (each.kind === 'checkpoint') return void (await ledger.checkpoint());
  await Promise.all(
    each.sizes.map(async (size) => {
      const object = { note: 'x'.repeat(size) };
      const recorded = await ledger.append(entryOf({ name, object }));
      if (recorded.ok) keep({ name, ...recorded.value });
    }),
  );
}

/** The disk as a real folder, for those who read it. */
function placed(disk: LostDisk, into: string): string {
  rmSync(into, { recursive: true, force: true });
  mkdirSync(into, { recursive: true });
  for (const [path, bytes] of disk.files()) {
    const file = join(into, path.slice(folder.length));
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, bytes);
  }
  return into;
}

type Counted = { lives: number; answers: number };

/** Throws when something that was acknowledged is gone, or the verifier has something to say. */
async function history(
  lives: readonly Life[],
  first: LostDisk,
  into: string,
  counted: Counted = { lives: 0, answers: 0 },
): Promise<void> {
  let disk = first;
  const answered: Answer[] = [];
  let pinned: readonly RootKey[] | undefined;
  const last: Life = { acts: [], step: Number.POSITIVE_INFINITY };
  for (const [i, each] of [...lives, last].entries()) {
    const answers = await live(disk, each, `${i}`);
    answered.push(...answers);
    counted.lives += 1;
    counted.answers += answers.length;
    disk = disk.lose();
    const found = placed(disk, into);
    if (segmentsIn(found).length > 0) pinned ??= rootsIn(found);
    await check(found, answered, pinned);
  }
  if (pinned === undefined || rootsIn(into).length !== 1) throw new Error('a key was lost');
}

async function check(
  found: string,
  answered: readonly Answer[],
  pinned: readonly RootKey[] | undefined,
): Promise<void> {
  const sums = new Map(linesIn(found).map(({ seq, sum }) => [seq, sum]));
  const missing = answered.filter(({ seq, sum }) => sums.get(seq) !== sum);
  if (missing.length > 0) throw new Error(`missing: ${JSON.stringify(missing)}`);
  if (pinned === undefined) return;
  const { faults } = await verified(found, pinned);
  if (faults.length > 0) throw new Error(`a false alarm: ${faults.join('; ')}`);
}

test('power that goes at any step costs nothing that was acknowledged, and no key', async (t) => {
  const into = join(t.testdir(), 'ledger');
  const counted: Counted = { lives: 0, answers: 0 };
  const numRuns = Number(process.env['SEKISHO_RUNS'] ?? 40);
  await fc.assert(
    fc.asyncProperty(fc.array(life, { minLength: 1, maxLength: 4 }), fc.integer(), (lives, seed) =>
      history(lives, lostDisk(randomOf(seed)), into, counted),
    ),
    { numRuns, endOnFailure: true },
  );
  t.ok(counted.answers > counted.lives, 'they were under load');
  t.comment(JSON.stringify(counted));
});

test('a disk that says it has synced and has not is found out: the test above can fail', async (t) => {
  const lies = lostDisk(() => 0, new Map(), { syncs: false });
  const sizes = [10, 10, 10];
  const lives = [
    {
      acts: [
        { kind: 'append', sizes },
        { kind: 'append', sizes },
      ],
      step: 200,
    },
  ] as const;
  await t.rejects(history(lives, lies, join(t.testdir(), 'ledger')), { message: /^missing: / });
});

test('pages that are missing before others that are there: a remark, and the chain goes on before them', async (t) => {
  const ledger = t.testdir();
  const first = await opened(ledger);
  const names = Array.from({ length: 40 }, (_, i) => `pod-${i}`);
  for (const name of names.slice(0, 3)) await first.append(entryOf({ name }));
  const path = join(ledger, segmentsIn(ledger)[0] ?? '');
  const synced = readFileSync(path).length;
  await Promise.all(names.slice(3).map((name) => first.append(entryOf({ name }))));
  const found = readFileSync(path);
  found.fill(0, synced, 2 * 4096 * Math.ceil(synced / 8192) + 4096);
  await first.close();
  for (const name of ['checkpoint', 'epochs.jsonl']) rmSync(join(ledger, name));
  writeFileSync(path, found);
  t.match(await verified(ledger), { faults: [], remarks: ['open', 'torn', 'uncovered'] });
  await (await opened(ledger)).close();
  t.same((await verified(ledger)).faults, []);
  t.same(readFileSync(`${path}.torn-5`), found.subarray(synced), 'what was there is kept beside');
});
