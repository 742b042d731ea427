// The transcript in docs/records.md, run on a segment: an auditor needs sed and sha256sum, and nothing of ours.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'tap';
import { openLedger } from '../../src/ledger/ledger.ts';
import { entryOf } from './entry.ts';

const page = readFileSync(new URL('../../docs/records.md', import.meta.url), 'utf8');
const commands = [...page.matchAll(/^sed .*$/gm)].map(([line]) => line);
const missing = spawnSync('sha256sum', ['--version']).status !== 0;

test('the commands of docs/records.md give sum and prev', {
  skip: missing && 'sha256sum is not here',
}, async (t) => {
  const folder = t.testdir();
  const ledger = await openLedger(folder);
  if (!ledger.ok) throw new Error(ledger.error.message);
  for (const name of ['a', 'b']) await ledger.value.append(entryOf({ name }));
  await ledger.value.close();
  const lines = readFileSync(join(folder, '00000000000000000001.jsonl'), 'utf8')
    .trimEnd()
    .split('\n');
  const [first, second] = lines.map((line) => JSON.parse(line) as { sum: string; prev: string });
  const printed = commands.map((command) =>
    spawnSync('sh', ['-c', command], { cwd: folder, encoding: 'utf8' }).stdout.slice(0, 64),
  );
  t.same(printed, [first?.sum, second?.prev]);
});
