// docs/verifying.md: its shell transcript proves a ledger of the real writer, and finds what was done to one; its tables
// have every kind.
import { spawnSync } from 'node:child_process';
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'tap';
import { faultKinds, remarkKinds } from '../../src/ledger/verify/finding.ts';
import { entryOf } from './entry.ts';
import { opened, segmentsIn, until, verified } from './opened.ts';

const page = readFileSync(new URL('../../docs/verifying.md', import.meta.url), 'utf8');
const script = [...page.matchAll(/^```sh\n([\s\S]*?)^```$/gm)].map(([, body]) => body).join('\n');
const tools = ['sha256sum', 'openssl', 'base64', 'jq', 'zstd', 'od'];
const missing = tools.filter((tool) => spawnSync('sh', ['-c', `command -v ${tool}`]).status !== 0);

/** Two starts, three segments and more, some compressed. */
async function written(folder: string): Promise<string> {
  for (const names of [['a', 'b'], ['c']]) {
    const ledger = await opened(folder);
    for (const name of names) await ledger.append(entryOf({ name }));
    await ledger.rotate();
    await ledger.append(entryOf({ name: 'quote " and \\ and ✓' }));
    await ledger.close('SIGTERM');
  }
  await until(() => segmentsIn(folder).some((name) => name.endsWith('.zst')));
  return folder;
}

function ran(folder: string): readonly string[] {
  const copy = `${folder}-copy`;
  cpSync(folder, copy, { recursive: true });
  cpSync(join(folder, 'keys.json'), join(copy, 'pinned.json'));
  const { stdout, stderr } = spawnSync('sh', ['-c', script], { cwd: copy, encoding: 'utf8' });
  return `${stdout}${stderr}`.trimEnd().split('\n');
}

test('the transcript proves a ledger, and finds a changed record and a forged note', {
  skip: missing.length > 0 && `not here: ${missing.join(', ')}`,
}, async (t) => {
  const root = t.testdir();
  const folder = await written(join(root, 'ledger'));
  t.strictSame((await verified(folder)).faults, []);
  const good = ran(folder);
  const [head = '', ...rest] = good;
  t.match(head, /^head [0-9a-f]{64}$/);
  const hashes = rest.splice(-2);
  t.match(hashes[0], /^[0-9a-f]{64}$/);
  t.equal(hashes[0], hashes[1]);
  t.ok(rest.length >= 4, String(rest));
  for (const line of rest)
    t.match(line, /^(epoch \d+|checkpoint): Signature Verified Successfully$/);

  const plain = segmentsIn(folder).find((name) => name.endsWith('.jsonl')) ?? '';
  cpSync(folder, join(root, 'changed'), { recursive: true });
  const text = readFileSync(join(folder, plain), 'utf8');
  const changed = text.replace('"reason":"SIGTERM"', '"reason":"SIGTREM"');
  t.not(changed, text);
  writeFileSync(join(root, 'changed', plain), changed);
  const found = ran(join(root, 'changed')).filter((line) => line.startsWith('broken: '));
  t.equal(found.length, 2, 'the line itself, and the one that was chained to it');

  cpSync(folder, join(root, 'forged'), { recursive: true });
  const note = readFileSync(join(folder, 'checkpoint'), 'utf8');
  writeFileSync(join(root, 'forged', 'checkpoint'), note.replace('\nat 2', '\nat 3'));
  const forged = ran(join(root, 'forged')).find((line) => line.startsWith('checkpoint: '));
  t.match(forged, /^checkpoint: Signature Verification Failure$/);
});

test('the tables have every kind of fault and note', (t) => {
  const rows = [...page.matchAll(/^\| `([a-z]+)` \|/gm)].map(([, kind]) => kind);
  t.strictSame(rows.sort(), [...Object.keys(faultKinds), ...Object.keys(remarkKinds)].sort());
  t.end();
});
