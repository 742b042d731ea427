// The transcript in docs/records.md, run on a segment: an auditor needs sed and sha256sum, and nothing of ours.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'tap';
import { loadSettings } from '../../src/config/load.ts';
import { recordKinds } from '../../src/ledger/format/kinds.ts';
import { createLedgerMetrics } from '../../src/server/ledger-metrics.ts';
import { entryOf } from './entry.ts';
import { opened } from './opened.ts';

const page = readFileSync(new URL('../../docs/records.md', import.meta.url), 'utf8');
const commands = [...page.matchAll(/^sed .*$/gm)].map(([line]) => line);
const missing = spawnSync('sha256sum', ['--version']).status !== 0;

test('the commands of docs/records.md give sum and prev', {
  skip: missing && 'sha256sum is not here',
}, async (t) => {
  const folder = t.testdir();
  const ledger = await opened(folder);
  for (const name of ['a', 'b']) await ledger.append(entryOf({ name }));
  await ledger.close();
  const lines = readFileSync(join(folder, '00000000000000000001.jsonl'), 'utf8')
    .trimEnd()
    .split('\n');
  const [first, second] = lines.map((line) => JSON.parse(line) as { sum: string; prev: string });
  const printed = commands.map((command) =>
    spawnSync('sh', ['-c', command], { cwd: folder, encoding: 'utf8' }).stdout.slice(0, 64),
  );
  t.same(printed, [first?.sum, second?.prev]);
});

test('the settings of docs/records.md are settings, and all of them', async (t) => {
  const [, yaml = ''] = /```yaml\n([\s\S]*?)```/.exec(page) ?? [];
  const head = 'apiVersion: sekisho.dev/v1alpha1\nkind: Configuration\n';
  const folder = t.testdir({ 'config.yaml': head + yaml });
  const needed = { tlsCert: 'c', tlsKey: 'k' };
  const loaded = await loadSettings(needed, join(folder, 'config.yaml'));
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.error));
  const { records } = loaded.value;
  t.match(records, { replica: 'gate-0', rotateSize: 64 * 1024 * 1024, retainAge: 90 * 86_400_000 });
  for (const name of Object.keys(records)) t.match(yaml, `${name}: `);
});

test('docs/records.md tells every kind of record, and every metric of the ledger', (t) => {
  for (const kind of recordKinds) t.match(page, `\`${kind}\``);
  const state = {
    ...{ available: true, seq: 1, segment: null, heldBytes: 0, gaps: 0 },
    missed: { denied: 0, allowed: 0 },
  };
  const text = createLedgerMetrics().lines(state).join('\n');
  for (const [, name = ''] of text.matchAll(/^# TYPE (?:sekisho_ledger_)?(\w+)/gm)) {
    t.match(page, `\`${name}\``);
  }
  t.end();
});
