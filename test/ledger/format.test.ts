// The forms that others rely on: lines of the chain, signed notes as C2SP has them, key lists. Each has one form only.
import { generateKeyPairSync } from 'node:crypto';
import fc from 'fast-check';
import { test } from 'tap';
import { chain, emptyHead, maxLine, readLink } from '../../src/ledger/format/chain.ts';
import { keyListText, parseKeyList } from '../../src/ledger/format/keys.ts';
import {
  type Checkpoint,
  isSignedBy,
  keyHash,
  type Note,
  parseNote,
  publicKeyText,
  signNote,
} from '../../src/ledger/format/note.ts';
import { createSplitter, type RawLine } from '../../src/ledger/read/lines.ts';

const { privateKey } = generateKeyPairSync('ed25519');
const publicKey = publicKeyText(privateKey);
const checkpoint: Checkpoint = {
  ledger: '01941f2e-0000-7000-8000-000000000000',
  seq: 42,
  hash: 'ab'.repeat(32),
  epoch: 3,
  at: '2026-11-21T10:00:00.000Z',
  next: publicKey,
};

test('the example of the C2SP signed note: key hash and signature', (t) => {
  const key = Buffer.from('ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW', 'base64');
  const raw = key.subarray(1).toString('base64');
  t.equal(keyHash('PeterNeumann', raw).toString('hex'), 'c74f20a3');
  const signed =
    'x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=';
  const note: Note = {
    checkpoint,
    name: 'PeterNeumann',
    text: "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n",
    keyHash: Buffer.from(signed, 'base64').subarray(0, 4),
    signature: Buffer.from(signed, 'base64').subarray(4),
  };
  t.ok(isSignedBy(note, raw));
  t.notOk(isSignedBy({ ...note, text: `${note.text}\n` }, raw));
  t.end();
});

for (const [name, said] of [
  ['with a next key', checkpoint],
  ['of an empty ledger', { ...checkpoint, seq: 0, epoch: 0, next: undefined }],
] as const) {
  test(`a note is read as it was signed: ${name}`, (t) => {
    const { next, ...rest } = said;
    const given = next === undefined ? rest : { ...rest, next };
    const note = parseNote(signNote(given, privateKey));
    if (!note.ok) throw new Error(note.error);
    t.strictSame(note.value.checkpoint, given);
    t.ok(isSignedBy(note.value, publicKey));
    t.end();
  });
}

test('a note with any byte changed, taken out or added is none, or not signed', (t) => {
  const text = Buffer.from(signNote(checkpoint, privateKey));
  const good = (bytes: Buffer): boolean => {
    const note = parseNote(bytes.toString('utf8'));
    return note.ok && isSignedBy(note.value, publicKey);
  };
  t.ok(good(text));
  let wrong = 0;
  for (let i = 0; i < text.length; i++) {
    for (let bit = 0; bit < 8; bit++) {
      const changed = Buffer.from(text);
      changed[i] = (changed[i] ?? 0) ^ (1 << bit);
      if (good(changed)) wrong += 1;
    }
    if (good(Buffer.concat([text.subarray(0, i), text.subarray(i + 1)]))) wrong += 1;
    if (good(Buffer.concat([text.subarray(0, i), Buffer.from('\n'), text.subarray(i)]))) wrong += 1;
  }
  t.equal(wrong, 0);
  t.end();
});

test('base64 has one form: bits that decode to nothing are zero', (t) => {
  const note = signNote({ ...checkpoint, hash: '00'.repeat(32) }, privateKey);
  const loose = note.replace(/^A{43}=$/m, `${'A'.repeat(42)}B=`);
  t.not(loose, note);
  t.match(parseNote(loose), { ok: false, error: /base64/ });
  t.end();
});

test('another key, and another epoch of the same key, did not sign it', (t) => {
  const note = parseNote(signNote(checkpoint, privateKey));
  if (!note.ok) throw new Error(note.error);
  const other = publicKeyText(generateKeyPairSync('ed25519').privateKey);
  t.notOk(isSignedBy(note.value, other));
  t.notOk(isSignedBy({ ...note.value, name: `${checkpoint.ledger}+4` }, publicKey));
  t.notOk(isSignedBy(note.value, 'AAAA'));
  t.end();
});

test('a line is a record only with its own beginning and end', (t) => {
  const body = '{"kind":"stop","id":"x","at":"2026-11-21T10:00:00.000Z","reason":"é\\u2713"}';
  const { line, head } = chain(emptyHead, body);
  t.match(readLink(Buffer.from(line)), { seq: 1, hash: head.hash, sum: head.sum, kind: 'stop' });
  const bad = [
    '',
    '{}',
    line.slice(1),
    `${line} `,
    line.replace('"seq":1', '"seq":01'),
    line.replace('"v":1', '"v":2'),
    line.replace(head.sum, head.sum.toUpperCase()),
    chain(emptyHead, '{"id":"x","kind":"stop","at":"2026-11-21T10:00:00.000Z"}').line,
    chain(
      emptyHead,
      `{"kind":"stop","id":"x","at":"2026-11-21T10:00:00.000Z","a":"${'x'.repeat(maxLine)}"}`,
    ).line,
  ];
  for (const each of bad) t.type(readLink(Buffer.from(each)), 'string', each.slice(0, 60));
  t.end();
});

const root = {
  ...{ ledger: checkpoint.ledger, replica: 'gate-0', epoch: 0, publicKey },
  at: checkpoint.at,
};

test('a key list is read as it was written, and every fault of one is told', (t) => {
  t.strictSame(parseKeyList(keyListText({ keys: [root] })), { ok: true, value: { keys: [root] } });
  const rows: readonly (readonly [unknown, RegExp])[] = [
    [{}, /no list "keys"/],
    [{ keys: [] }, /no key/],
    [{ keys: [root], more: 1 }, /unknown member "more"/],
    [{ keys: [1] }, /keys\[0\] is not an object/],
    [{ keys: [{ ...root, epoch: -1 }] }, /epoch/],
    [{ keys: [{ ...root, epoch: '0' }] }, /epoch/],
    [
      { keys: [{ ...root, publicKey: `${publicKey.slice(0, -2)}B=` }] },
      /publicKey is not the canonical/,
    ],
    [{ keys: [{ ...root, publicKey: 'AAAA' }] }, /publicKey is not the canonical/],
    [{ keys: [{ ...root, ledger: '../x' }] }, /ledger is not the id/],
    [{ keys: [{ ...root, private: 'x' }] }, /unknown member "private"/],
    [{ keys: [root, { ...root, publicKey: Buffer.alloc(32).toString('base64') }] }, /second key/],
  ];
  for (const [value, message] of rows) {
    const list = parseKeyList(JSON.stringify(value));
    t.match(list.ok ? 'ok' : list.error.join('; '), message, JSON.stringify(value));
  }
  t.match(parseKeyList('keys'), { ok: false, error: ['it is not JSON'] });
  t.end();
});

test('a chunk of nothing but newlines is told in portions', (t) => {
  const portions = [...createSplitter().push(Buffer.alloc(10_000, '\n'))];
  t.ok(portions.every(({ length }) => length <= 4096));
  t.strictSame(
    portions.flat().map(({ line, end }) => [line, end]),
    Array.from({ length: 10_000 }, (_, index) => [index + 1, index + 1]),
  );
  t.end();
});

test('lines are the same however the bytes are cut into chunks', (t) => {
  const plain = (lines: readonly RawLine[]) =>
    lines.map(({ bytes, line, end, whole }) => [bytes.toString('latin1'), line, end, whole]);
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom('a', 'bc', '\n', '\n\n', 'long long'), { maxLength: 30 }),
      fc.array(fc.nat(12), { maxLength: 30 }),
      (parts, cuts) => {
        const bytes = Buffer.from(parts.join(''));
        const once = createSplitter(6);
        const whole = plain([...[...once.push(bytes)].flat(), ...once.end()]);
        const many = createSplitter(6);
        const pieces: unknown[] = [];
        let at = 0;
        for (const size of [...cuts, bytes.length]) {
          const chunk = Buffer.from(bytes.subarray(at, at + size));
          for (const lines of many.push(chunk)) pieces.push(...plain(lines));
          at = Math.min(bytes.length, at + size);
        }
        pieces.push(...plain(many.end()));
        return JSON.stringify(pieces) === JSON.stringify(whole);
      },
    ),
  );
  t.end();
});
