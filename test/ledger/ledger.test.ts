// The ledger on disk: a chain that anybody can derive again, durable before it answers, and honest when it cannot be.
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'tap';
import { parseDigest } from '../../src/base/brand.ts';
import { emptyHead, genesis } from '../../src/ledger/chain.ts';
import { createLedger, type Ledger, openLedger } from '../../src/ledger/ledger.ts';
import { verifySegment } from '../../src/ledger/verify.ts';
import { entryOf } from './entry.ts';

const segment = '00000000000000000001.jsonl';
const sha256 = (bytes: string | Buffer): string => createHash('sha256').update(bytes).digest('hex');

async function opened(folder: string): Promise<Ledger> {
  const ledger = await openLedger(folder);
  if (!ledger.ok) throw new Error(ledger.error.message);
  return ledger.value;
}

async function written(folder: string, names: readonly string[]): Promise<string> {
  const ledger = await opened(folder);
  await Promise.all(names.map((name) => ledger.append(entryOf({ name }))));
  await ledger.close();
  return readFileSync(join(folder, segment), 'utf8');
}

test('the chain can be derived again from the bytes alone', async (t) => {
  const text = await written(t.testdir(), ['a', 'b', 'c']);
  const lines = text.split('\n').slice(0, -1);
  t.equal(lines.length, 3);
  let prev = '0'.repeat(64);
  for (const [i, line] of lines.entries()) {
    const record = JSON.parse(line) as { seq: number; prev: string; sum: string; v: number };
    t.equal(record.v, 1);
    t.equal(record.seq, i + 1);
    t.equal(record.prev, prev, 'prev is the sha256 of the line before');
    t.equal(
      record.sum,
      sha256(line.slice(0, line.lastIndexOf(',"sum":"'))),
      'sum is of the bytes before it',
    );
    t.match(line, /,"sum":"[0-9a-f]{64}"\}$/, 'sum is the last member');
    prev = sha256(line);
  }
  t.match(verifySegment(text), { kind: 'ok', records: 3 });
});

test('a restart continues the chain', async (t) => {
  const folder = t.testdir();
  await written(folder, ['a', 'b']);
  const text = await written(folder, ['c']);
  t.match(verifySegment(text), { kind: 'ok', records: 3, head: { seq: 3 } });
});

test('an answer names the place of its record, and the head is the last one', async (t) => {
  const ledger = await opened(t.testdir());
  t.equal(ledger.head(), null);
  const first = await ledger.append(entryOf({ name: 'a' }));
  t.match(first, { ok: true, value: { seq: 1 } });
  t.same(ledger.head(), first.ok ? first.value : undefined);
  await ledger.close();
  t.match(await ledger.append(entryOf({ name: 'b' })), {
    ok: false,
    error: { code: 'record-failed' },
  });
});

test('a torn tail is set aside, and the chain goes on from the last whole record', async (t) => {
  const folder = t.testdir();
  const text = await written(folder, ['a', 'b']);
  writeFileSync(join(folder, segment), `${text}{"v":1,"seq":3,"prev":"abc`);
  t.match(verifySegment(readFileSync(join(folder, segment), 'utf8')), { kind: 'torn', records: 2 });
  t.match(verifySegment(await written(folder, ['c'])), { kind: 'ok', records: 3 });
  const torn = readdirSync(folder).filter((name) => name.includes('.torn-'));
  t.equal(torn.length, 1);
  t.equal(readFileSync(join(folder, torn[0] ?? ''), 'utf8'), '{"v":1,"seq":3,"prev":"abc');
});

test('a last record that is not whole is not continued', async (t) => {
  const folder = t.testdir();
  const text = await written(folder, ['a']);
  writeFileSync(join(folder, segment), text.replace('"allowed":false', '"allowed":true'));
  t.match(await openLedger(folder), { ok: false, error: { code: 'ledger-broken' } });
  t.notOk(existsSync(join(folder, 'lock')), 'and the lock is let go');
});

test('one process at a time; a lock whose process is gone is taken over', async (t) => {
  const folder = t.testdir();
  const ledger = await opened(folder);
  t.match(await openLedger(folder), { ok: false, error: { code: 'ledger-locked' } });
  await ledger.close();
  t.notOk(existsSync(join(folder, 'lock')));
  writeFileSync(join(folder, 'lock'), '999999999\n');
  await (await opened(folder)).close();
});

test('a folder that cannot be made is a fault with its cause', async (t) => {
  const folder = t.testdir({ file: 'x' });
  t.match(await openLedger(join(folder, 'file', 'ledger')), {
    ok: false,
    error: { code: 'file-unreadable' },
  });
});

/** A file in memory that counts, and fails when it is told to. */
function memory(fail: { write?: boolean; sync?: boolean } = {}) {
  const file = {
    text: '',
    syncs: 0,
    fail,
    async appendFile(text: string) {
      await new Promise((resolve) => setImmediate(resolve));
      if (file.fail.write) throw new Error('ENOSPC: no space left on device');
      file.text += text;
    },
    async datasync() {
      await new Promise((resolve) => setImmediate(resolve));
      if (file.fail.sync) throw new Error('EIO: i/o error');
      file.syncs++;
    },
    async close() {},
  };
  return file;
}

test('appends that come together are written in order and share a sync', async (t) => {
  const file = memory();
  const ledger = createLedger(file, emptyHead, async () => {});
  const names = Array.from({ length: 200 }, (_, i) => `pod-${i}`);
  const places = await Promise.all(names.map((name) => ledger.append(entryOf({ name }))));
  t.same(
    places.map((p) => (p.ok ? p.value.seq : 0)),
    names.map((_, i) => i + 1),
  );
  const records = file.text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  t.same(
    records.map((r) => r.attempt.name),
    names,
  );
  t.match(verifySegment(file.text), { kind: 'ok', records: 200 });
  t.ok(file.syncs <= 3, `${file.syncs} syncs for 200 records`);
});

for (const kind of ['write', 'sync'] as const) {
  test(`a failing ${kind} acknowledges nothing, then or later`, async (t) => {
    const file = memory();
    const ledger = createLedger(file, emptyHead, async () => {});
    await ledger.append(entryOf({ name: 'good' }));
    t.equal(ledger.available(), true);
    file.fail[kind] = true;
    const failed = await Promise.all(
      ['a', 'b', 'c'].map((name) => ledger.append(entryOf({ name }))),
    );
    for (const each of failed)
      t.match(each, {
        ok: false,
        error: { code: 'record-failed', message: /audit log unavailable/ },
      });
    file.fail[kind] = false;
    t.match(await ledger.append(entryOf({ name: 'later' })), { ok: false });
    t.match(ledger.head(), { seq: 1 });
    t.equal(ledger.available(), false);
  });
}

test('every changed byte of a segment is found', async (t) => {
  const text = await written(t.testdir(), ['a', 'b']);
  const bytes = Buffer.from(text);
  let missed = 0;
  for (let i = 0; i < bytes.length; i++) {
    const changed = Buffer.from(bytes);
    changed[i] = (changed[i] ?? 0) ^ 1;
    if (verifySegment(changed.toString()).kind === 'ok') missed++;
  }
  t.equal(missed, 0);
});

test('a line that is removed, moved, repeated or foreign is found, at its place', async (t) => {
  const text = await written(t.testdir(), ['a', 'b', 'c']);
  const [a = '', b = '', c = ''] = text.trimEnd().split('\n');
  const [foreign = ''] = (await written(join(t.testdir({ other: {} }), 'other'), ['x'])).split(
    '\n',
  );
  const rows: readonly [string, readonly string[], number][] = [
    ['the first is gone', [b, c], 1],
    ['the middle is gone', [a, c], 2],
    ['two are swapped', [a, c, b], 2],
    ['one is there twice', [a, a, b, c], 2],
    ['one is from another ledger', [foreign, b, c], 2],
    ['one is empty', [a, '', b], 2],
  ];
  for (const [name, lines, line] of rows)
    t.match(verifySegment(`${lines.join('\n')}\n`), { kind: 'fault', line }, name);
});

test('the docs tell how to check a record with sha256sum: genesis is 64 zeros', (t) => {
  t.equal(genesis, '0'.repeat(64));
  t.ok(parseDigest(`sha256:${genesis}`));
  t.end();
});

test('a chain that was made again without one of its records is found by its numbers', async (t) => {
  const text = await written(t.testdir(), ['a', 'b', 'c']);
  const [first = '', , third = ''] = text.split('\n');
  const again = third.replace(/"prev":"[0-9a-f]{64}"/, `"prev":"${sha256(first)}"`);
  const body = again.slice(0, again.lastIndexOf(',"sum":"'));
  const forged = `${first}\n${body},"sum":"${sha256(body)}"}\n`;
  t.match(verifySegment(forged), {
    kind: 'fault',
    line: 2,
    message: /seq is 3 where 2 must follow/,
  });
});
