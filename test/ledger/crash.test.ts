// Writers that are killed under load, at random and at each moment that matters: whatever was answered is in the ledger,
// the verifier has nothing to say of what a kill leaves, and the next writer goes on. SEKISHO_KILLS: how many (50).
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type Test, test } from 'tap';
import type { RootKey } from '../../src/ledger/format/keys.ts';
import { makeWorkplace } from '../gate.ts';
import { killOf, type Lived, randomOf, startWriter } from './crash/kills.ts';
import { serveUntilKilled } from './crash/served.ts';
import type { Answer } from './crash/writer.ts';
import { linesIn, opened, rootsIn, segmentsIn, verified } from './opened.ts';

const kills = Number(process.env['SEKISHO_KILLS'] ?? 50);
const seed = Number(process.env['SEKISHO_SEED'] ?? 20_261_121);
/** Kills of one ledger, so that it stays small enough to be verified after each. */
const each = 10;

test(`${kills} kills under load: no answer without its record, and no false alarm`, async (t) => {
  const random = randomOf(seed);
  const cache = t.testdir();
  const counted = { kills: 0, answers: 0, verified: 0 };
  let next = startWriter(cache);
  t.teardown(() => next.drop());
  for (let round = 0; counted.kills < kills; round++) {
    const history = historyOf(join(cache, `ledger-${round}`), round);
    for (let killed = 0; killed < each && counted.kills < kills; ) {
      const n = counted.verified++;
      const kill = killOf(n, random);
      const orders = { folder: history.folder, run: `run-${n}`, end: kill.end, records: 150 };
      const writer = next;
      next = startWriter(cache);
      const lived = await writer.live({ ...orders, retainBytes: history.retainBytes }, kill.random);
      const what = `ledger ${round}, run ${n}, ${JSON.stringify(kill)}`;
      await history.check(t, lived, what);
      counted.answers += lived.answers.length;
      // One that came to its end before its moment did is a life like any other.
      if (lived.signal === 'SIGKILL') [counted.kills, killed] = [counted.kills + 1, killed + 1];
    }
    await history.end(t);
  }
  t.ok(counted.answers > kills, 'they were under load');
  t.comment(`seed ${seed}: ${JSON.stringify(counted)}`);
});

const servings = Math.ceil(kills / 20);

test(`the gate itself, killed ${servings} times while it answers over HTTPS: every answer has the record that it names`, async (t) => {
  const workplace = await makeWorkplace('crash');
  const random = randomOf(seed);
  const history = historyOf(join(t.testdir(), 'ledger'), 0);
  for (let n = 0; n < servings; n++) {
    const told = await serveUntilKilled(workplace, history.folder, random() * 500);
    t.equal(told.unrecorded, 0, 'nothing was allowed without a record');
    await history.check(t, { answers: told.answers, signal: 'SIGKILL', said: [] }, `serving ${n}`);
    t.ok(told.answers.length > 0, 'it was asked');
  }
  await history.end(t);
});

type History = {
  readonly folder: string;
  readonly retainBytes: number | null;
  /** Of one more writer, after it has ended. */
  check(t: Test, lived: Lived, what: string): Promise<void>;
  /** Nobody is killed any more: it is opened and closed in good order. */
  end(t: Test): Promise<void>;
};

function historyOf(folder: string, round: number): History {
  const answered: Answer[] = [];
  let pinned: readonly RootKey[] | undefined;
  const check = async (t: Test, what: string): Promise<void> => {
    if (pinned === undefined && existsSync(join(folder, 'keys.json'))) pinned = rootsIn(folder);
    if (!existsSync(folder) || segmentsIn(folder).length === 0) {
      t.same(answered, [], `${what}: nothing was answered before there was a segment`);
      return;
    }
    const { faults } = await verified(folder, pinned);
    t.same(faults, [], `${what}: the verifier`);
    t.same(missing(folder, answered), [], `${what}: every answer has its record`);
  };
  return {
    folder,
    // Every third ledger forgets its oldest segments meanwhile.
    retainBytes: round % 3 === 2 ? 20_000 : null,
    async check(t, { answers, said, signal }, what) {
      t.same(said, [], `${what}: the writer could go on where the last one was killed`);
      t.ok(signal === 'SIGKILL' || signal === null, what);
      answered.push(...answers);
      await check(t, what);
    },
    async end(t) {
      await (await opened(folder)).close();
      await check(t, folder);
      t.equal(rootsIn(folder).length, 1, 'no kill has cost a key');
    },
  };
}

/** Answers whose record is not there with its sum; those do not count whose segments went, as a record declares. */
function missing(folder: string, answered: readonly Answer[]): readonly Answer[] {
  const lines = linesIn(folder);
  const sums = new Map(lines.map(({ seq, sum }) => [seq, sum]));
  const removed = lines
    .filter(({ kind }) => kind === 'retention')
    .flatMap((line) => (line['files'] as { to: number }[]).map(({ to }) => to));
  const from = Math.max(0, ...removed);
  return answered.filter(({ seq, sum }) => seq > from && sums.get(seq) !== sum);
}
