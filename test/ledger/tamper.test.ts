// What is done to a ledger is found, named, and told once: flips, cuts, swaps, copies, splices, forged sums, forged keys.
import {
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { test } from 'tap';
import { readLink } from '../../src/ledger/format/chain.ts';
import { signNote } from '../../src/ledger/format/note.ts';
import { verifyLedger } from '../../src/ledger/verify/verify.ts';
import { type Builder, bytesOf, createBuilder, nameOf, rechain, resum } from './builder.ts';
import { folderOf, kindsOf, threeSegments, told, toldOf } from './forge.ts';

/** `make soak` tries all; here a part, as each is a whole verification. */
const isWhole = Number(process.env['SEKISHO_RUNS'] ?? 0) >= 1_000;

const three = (replica?: string): Builder => threeSegments(createBuilder(replica));

/** Segment and index of the line of a record. */
function spot(builder: Builder, seq: number): readonly [lines: string[], index: number] {
  const segment = builder.segments.findLast(({ first }) => first <= seq);
  if (segment === undefined) throw new Error(`no record ${seq}`);
  return [segment.lines, seq - segment.first];
}

function line(builder: Builder, seq: number): string {
  const [lines, index] = spot(builder, seq);
  return lines[index] ?? '';
}

function splice(builder: Builder, seq: number, gone: number, ...lines: readonly string[]): void {
  const [all, index] = spot(builder, seq);
  all.splice(index, gone, ...lines);
}

const middle = 15;
const last = 31;

type Tampering = readonly [
  name: string,
  tamper: (builder: Builder) => void,
  found: readonly string[],
];

const rows: readonly Tampering[] = [
  ['the first record is deleted', (b) => splice(b, 1, 1), ['removed 1']],
  ['one in the middle is deleted', (b) => splice(b, middle, 1), [`removed ${middle}`]],
  [
    'two apart are deleted',
    (b) => {
      splice(b, 15, 1);
      splice(b, 13, 1);
    },
    ['removed 13', 'removed 15'],
  ],
  ['three in a row are deleted', (b) => splice(b, middle, 3), ['removed 15-17']],
  ['the last record is deleted', (b) => splice(b, last, 1), [`truncated ${last}`]],
  ['the last three are deleted', (b) => splice(b, last - 2, 3), ['truncated 29-31']],
  ['a header is deleted', (b) => splice(b, 12, 1), ['removed 12']],
  ['the checkpoint that ends an epoch is deleted', (b) => splice(b, 11, 1), ['truncated 11']],
  ['the second segment is deleted', (b) => b.segments.splice(1, 1), ['removed 12-20']],
  ['the first segment is deleted', (b) => b.segments.splice(0, 1), ['removed 1-11']],
  ['the last segment is deleted', (b) => b.segments.splice(2, 1), ['truncated 21-31']],
  [
    'all segments are emptied',
    (b) => {
      for (const { lines } of b.segments) lines.splice(0);
    },
    ['truncated 1-31'],
  ],
  ['a segment is emptied', (b) => b.segments[1]?.lines.splice(0), ['truncated 12-20']],
  [
    'two neighbours are swapped',
    (b) => splice(b, 13, 2, line(b, 14), line(b, 13)),
    ['reordered 14'],
  ],
  [
    'one is moved back',
    (b) => {
      const own = line(b, 17);
      splice(b, 17, 1);
      splice(b, 13, 0, own);
    },
    ['reordered 17'],
  ],
  ['one is there twice', (b) => splice(b, middle, 0, line(b, middle)), [`replayed ${middle}`]],
  [
    'three are there twice',
    (b) => splice(b, 16, 0, line(b, 13), line(b, 14), line(b, 15)),
    ['replayed 13-15'],
  ],
  ['an old one is repeated far away', (b) => splice(b, 25, 0, line(b, 5)), ['replayed 5']],
  [
    'an old one is repeated at the end',
    (b) => splice(b, last, 1, line(b, last), line(b, 5)),
    ['replayed 5'],
  ],
  [
    'an old one stands in the place of another',
    (b) => splice(b, 25, 1, line(b, 5)),
    ['replayed 25'],
  ],
  [
    'a line that is no record is inserted',
    (b) => splice(b, middle, 0, '{"made":"up"}'),
    ['inserted'],
  ],
  ['an empty line is inserted', (b) => splice(b, middle, 0, ''), ['inserted']],
  [
    'a record is made up, with sum and link',
    (b) => splice(b, middle, 0, madeUp(b)),
    [`inserted ${middle}`],
  ],
  [
    'a record is made up before the last',
    (b) =>
      splice(
        b,
        last,
        0,
        resum(line(b, last), (x) => x.replace('"kind":"checkpoint"', '"kind":"gap"')),
      ),
    [`inserted ${last}`],
  ],
  [
    'bytes are changed',
    (b) => splice(b, middle, 1, line(b, middle).replace('true', 'false')),
    [`altered ${middle}`],
  ],
  [
    'bytes of neighbours are changed',
    (b) => splice(b, 14, 2, line(b, 14).replace('true', 'no'), line(b, 15).replace('true', 'no')),
    ['altered 14-15'],
  ],
  [
    'bytes are changed and the sum made anew',
    (b) =>
      splice(
        b,
        middle,
        1,
        resum(line(b, middle), (x) => x.replace('true', 'false')),
      ),
    [`altered ${middle}`],
  ],
  [
    'two newlines are taken out',
    (b) => splice(b, 14, 3, line(b, 14) + line(b, 15) + line(b, 16)),
    ['altered 14-16'],
  ],
  [
    'the header is edited',
    (b) => splice(b, 12, 1, line(b, 12).replace('"epoch":1', '"epoch":2')),
    ['altered 12'],
  ],
  [
    'the header is edited and its sum made anew',
    (b) =>
      splice(
        b,
        12,
        1,
        resum(line(b, 12), (x) => x.replace('"cluster":"prod"', '"cluster":"test"')),
      ),
    ['altered 12'],
  ],
  [
    'a gap is edited',
    (b) => splice(b, 19, 1, line(b, 19).replace('"denied":2', '"denied":0')),
    ['altered 19'],
  ],
  [
    'a gap is edited and its sum made anew',
    (b) =>
      splice(
        b,
        19,
        1,
        resum(line(b, 19), (x) => x.replace('"denied":2', '"denied":0')),
      ),
    ['altered 19'],
  ],
  [
    'an old checkpoint stands in the place of a later one',
    (b) =>
      splice(
        b,
        28,
        1,
        resum(line(b, 28), () => JSON.stringify(bodyWith(line(b, 28), line(b, 9)))),
      ),
    ['replayed 28'],
  ],
  [
    'everything from one record on is chained anew, without a key',
    (b) =>
      rechain(b.segments, 13, (body) =>
        'decision' in body && body['id'] === idOf(line(b, 13)) ? { ...body, attempt: {} } : body,
      ),
    ['altered 11-20'],
  ],
];

function madeUp(builder: Builder): string {
  return resum(line(builder, middle), (text) => text.replace('"name":"c2"', '"name":"zz"'));
}

function idOf(text: string): string {
  return JSON.parse(text).id;
}

function bodyWith(text: string, noteOf: string): object {
  const { v, seq, prev, sum, next, ...body } = JSON.parse(text);
  return { ...body, note: JSON.parse(noteOf).note };
}

for (const [name, tamper, found] of rows) {
  test(`found and named once: ${name}`, async (t) => {
    const builder = three();
    const original = JSON.stringify(builder.segments);
    tamper(builder);
    t.not(JSON.stringify(builder.segments), original);
    t.strictSame(await told(builder, folderOf(t.testdir(), name)), found);
  });
}

test('lines of another replica are foreign, wherever they stand', async (t) => {
  const other = three('gate-1');
  const cases: readonly (readonly [string, (b: Builder) => void, string])[] = [
    ['same number', (b) => splice(b, middle, 1, line(other, middle)), 'foreign 15'],
    ['lower number', (b) => splice(b, middle, 1, line(other, 4)), 'foreign 15'],
    ['higher number', (b) => splice(b, middle, 1, line(other, 25)), 'foreign 15'],
    ['inserted', (b) => splice(b, middle, 0, line(other, middle)), 'foreign 15'],
    [
      'three in place',
      (b) => splice(b, 14, 3, line(other, 14), line(other, 15), line(other, 16)),
      'foreign 14-16',
    ],
    [
      'a stop, which does not say whose it is',
      (b) => splice(b, 25, 1, line(other, 30)),
      'foreign 25',
    ],
    ['the very first header', (b) => splice(b, 1, 1, line(other, 1)), 'foreign 1'],
    ['a header', (b) => splice(b, 12, 1, line(other, 12)), 'foreign 12'],
    ['a checkpoint', (b) => splice(b, 9, 1, line(other, 9)), 'foreign 9'],
    ['at the end', (b) => splice(b, last, 1, line(b, last), line(other, 25)), 'foreign 25'],
    [
      'a whole segment',
      (b) => b.segments.splice(1, 1, other.segments[1] ?? { first: 0, lines: [], tail: '' }),
      'foreign 12-20',
    ],
  ];
  for (const [name, tamper, found] of cases) {
    const builder = three();
    tamper(builder);
    t.strictSame(await told(builder, folderOf(t.testdirName, name)), [found], name);
  }
});

const epochThen = (seq: number): number => (seq < 12 ? 0 : seq < 21 ? 1 : 2);
for (const [as, epochOf] of [
  ['as the epoch of then', epochThen],
  ['as its own epoch', () => 2],
] as const) {
  test(`who has today’s key cannot sign for yesterday: ${as}`, async (t) => {
    const builder = three();
    const key = builder.keyOf(2);
    rechain(builder.segments, 5, (body, head) => {
      if (body['kind'] === 'decision') return { ...body, decision: { allowed: false } };
      if (body['kind'] !== 'checkpoint') return body;
      const { ledger } = builder;
      const { next } = body;
      const named = typeof next === 'string' ? { next } : {};
      const { seq, hash } = head;
      const said = { ledger, seq, hash, epoch: epochOf(seq), at: String(body['at']), ...named };
      return { ...body, note: signNote(said, key) };
    });
    const found = await told(builder, join(t.testdir(), 'ledger'));
    t.match(found[0], /^resealed 9/);
    t.ok(
      found.every((each) => each.startsWith('resealed')),
      String(found),
    );
  });
}

/** All made anew from a record on, with each epoch's own key; `change` says what a note says otherwise. */
function signedAnew(
  builder: Builder,
  from: number,
  change: (seq: number) => { readonly ledger?: string; readonly isLast?: boolean },
): void {
  rechain(builder.segments, from, (body, { seq, hash }) => {
    if (body['kind'] !== 'checkpoint') return body;
    const { ledger = builder.ledger, isLast = false } = change(seq);
    const { next, ...rest } = body;
    const named = typeof next === 'string' && !isLast ? { next } : {};
    const said = { ledger, seq, hash, epoch: epochThen(seq), at: String(body['at']), ...named };
    return { ...rest, note: signNote(said, builder.keyOf(said.epoch)), ...named };
  });
}

test('a note by our own key in the name of another ledger is foreign', async (t) => {
  const builder = three();
  signedAnew(builder, 22, () => ({ ledger: three('gate-1').ledger }));
  const found = await told(builder, join(t.testdir(), 'ledger'));
  t.match(found[0], /^foreign/);
});

test('an epoch that begins without a note that ended the one before is told', async (t) => {
  const builder = three();
  signedAnew(builder, 5, (seq) => ({ isLast: seq < 12 }));
  const found = await told(builder, join(t.testdir(), 'ledger'));
  t.ok(
    found.some((each) => each.startsWith('resealed 12')),
    String(found),
  );
});

test('an epoch that another note has ended than the one that is kept is told', async (t) => {
  const builder = three();
  signedAnew(builder, 5, () => ({}));
  const found = await told(builder, join(t.testdir(), 'ledger'));
  t.ok(
    found.some((each) => each.startsWith('resealed 11')),
    String(found),
  );
});

test('who has today’s key and signs today anew is found by a checkpoint that was kept', async (t) => {
  const builder = three();
  const kept = [{ file: 'kept', text: builder.note() }];
  const key = builder.keyOf(2);
  rechain(builder.segments, 22, (body, head) => {
    if (body['kind'] === 'decision') return { ...body, decision: { allowed: false } };
    if (body['kind'] !== 'checkpoint') return body;
    const { ledger } = builder;
    const named = typeof body['next'] === 'string' ? { next: body['next'] } : {};
    const said = {
      ledger,
      seq: head.seq,
      hash: head.hash,
      epoch: 2,
      at: String(body['at']),
      ...named,
    };
    return { ...body, note: signNote(said, key) };
  });
  const folder = builder.save(join(t.testdir(), 'ledger'));
  rmSync(join(folder, 'checkpoint'));
  rmSync(join(folder, 'epochs.jsonl'));
  const silent = await verifyLedger([folder], builder.roots());
  t.strictSame(kindsOf(silent), [], 'nothing in the folder tells');
  const verification = await verifyLedger([folder], builder.roots(), { checkpoints: kept });
  t.strictSame(kindsOf(verification), ['resealed']);
});

test('keys: the wrong list, an edited list, an edited header of keys', async (t) => {
  const builder = three();
  const folder = builder.save(join(t.testdir(), 'ledger'));
  const other = three('gate-1');
  t.strictSame(toldOf(await verifyLedger([folder], other.roots())), ['unsigned 1']);
  const swapped = other.roots().map((root) => ({ ...root, ledger: builder.ledger }));
  t.strictSame(toldOf(await verifyLedger([folder], swapped)), ['unsigned 1']);
  writeFileSync(join(folder, 'keys.json'), JSON.stringify({ keys: swapped }));
  t.strictSame(toldOf(await verifyLedger([folder], builder.roots())), ['altered']);
  writeFileSync(join(folder, 'keys.json'), '{"keys":');
  t.strictSame(toldOf(await verifyLedger([folder], builder.roots())), ['altered']);
});

test('the files beside the segments: each changed one is named', async (t) => {
  const builder = three();
  const folder = builder.save(join(t.testdir(), 'ledger'));
  const other = three('gate-1');
  const epochs = readFileSync(join(folder, 'epochs.jsonl'), 'utf8');
  const cases: readonly (readonly [string, string, string])[] = [
    ['checkpoint', builder.note().replace('\nat ', '\nat  '), 'altered'],
    ['checkpoint', builder.note().replace(/\n30\n/, '\n31\n'), 'resealed 31'],
    ['checkpoint', other.note(), 'foreign'],
    ['epochs.jsonl', epochs.replace('epoch 1', 'epoch 2'), 'altered'],
    ['epochs.jsonl', epochs.replace('next ', 'next A'), 'altered'],
  ];
  for (const [file, text, found] of cases) {
    const before = readFileSync(join(folder, file), 'utf8');
    t.not(text, before);
    writeFileSync(join(folder, file), text);
    t.strictSame(toldOf(await verifyLedger([folder], builder.roots())), [found], file);
    writeFileSync(join(folder, file), before);
  }
  rmSync(join(folder, 'epochs.jsonl'));
  t.strictSame(
    toldOf(await verifyLedger([folder], builder.roots())),
    [],
    'the notes are in the ledger too',
  );
});

test('segments that are renamed, or swapped by name, are named', async (t) => {
  const builder = three();
  const [first, second, third] = builder.segments.map(nameOf);
  const folder = builder.save(join(t.testdir(), 'ledger'));
  const [a, b, c] = [first, second, third].map((name) => join(folder, name ?? ''));
  renameSync(b ?? '', join(folder, '00000000000000000013.jsonl'));
  t.strictSame(toldOf(await verifyLedger([folder], builder.roots())), ['altered 12']);
  renameSync(join(folder, '00000000000000000013.jsonl'), b ?? '');
  renameSync(b ?? '', join(folder, 'x'));
  renameSync(c ?? '', b ?? '');
  renameSync(join(folder, 'x'), c ?? '');
  const found = toldOf(await verifyLedger([folder], builder.roots()));
  t.strictSame(
    found.filter((each) => !each.startsWith('reordered')),
    [],
  );
  t.ok(found.length > 0 && a !== undefined);
});

test('a compressed segment: bytes after the frame, a cut frame, and bytes changed all over it', {
  timeout: 600_000,
}, async (t) => {
  const builder = three();
  const folder = join(t.testdir(), 'ledger');
  builder.save(folder, { compressed: true });
  const file = join(folder, `${nameOf(builder.segments[1] ?? { first: 0 })}.zst`);
  const bytes = readFileSync(file);
  const clean = async (content: Buffer): Promise<readonly string[]> => {
    writeFileSync(file, content);
    return toldOf(await verifyLedger([folder], builder.roots()));
  };
  t.strictSame(await clean(Buffer.concat([bytes, bytes])), ['inserted']);
  t.strictSame(await clean(bytes.subarray(0, -9)), ['altered 12-20']);
  t.strictSame(await clean(Buffer.from('no frame')), ['altered 12-20']);
  const allowed = /^(altered|removed|inserted|truncated)/;
  for (let i = 0; i < bytes.length; i += isWhole ? 1 : 31) {
    const changed = Buffer.from(bytes);
    changed[i] = (changed[i] ?? 0) ^ (1 << (i % 8));
    const found = await clean(changed);
    // Bits that the frame does not use leave the records as they are.
    if (found.length > 0) t.match(found[0], allowed, `byte ${i}`);
    t.ok(found.length < 8, `byte ${i}: ${found}`);
  }
  t.strictSame(await clean(bytes), []);
});

/** What can be done to the lines of a segment, by three numbers. */
const edits: readonly ((lines: string[], a: number, b: number) => void)[] = [
  (lines, a) => lines.splice(a, 1),
  (lines, a, b) => lines.splice(a, 1 + (b % 4)),
  (lines, a, b) => lines.splice(b, 0, lines[a] ?? ''),
  (lines, a, b) => lines.splice(b, 1, lines[a] ?? ''),
  (lines, a, b) => lines.splice(b, 0, ...lines.splice(a, 1)),
  (lines, a) => lines.splice(a, 1, (lines[a] ?? '').replace(/"at":"2026/, '"at":"2025')),
  (lines, a) =>
    lines.splice(
      a,
      1,
      resum(lines[a] ?? '', (x) => x.replace('"at":"2026', '"at":"2025')),
    ),
  (lines, a) => lines.splice(a, 0, 'no record'),
  (lines) => lines.reverse(),
  (lines) => lines.splice(0),
];

test('whatever is done to lines, in whatever mixture, is a fault', async (t) => {
  const root = t.testdir();
  const some = fc.tuple(fc.nat(2), fc.nat(edits.length - 1), fc.nat(10), fc.nat(10));
  let run = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(some, { minLength: 1, maxLength: 4 }), async (steps) => {
      const builder = three();
      const before = JSON.stringify(builder.segments);
      for (const [segment, edit, a, b] of steps) {
        const lines = builder.segments[segment]?.lines ?? [];
        // Of the very last record only the note that it holds is signed.
        const isLast = edit === 6 && segment === 2 && a >= lines.length - 1;
        const fits = lines.every((each) => each.startsWith('{')) && lines.length > Math.max(a, b);
        if (fits && !isLast) {
          edits[edit]?.(lines, a, b);
        }
      }
      run += 1;
      const found = await told(builder, join(root, `run-${run % 4}`));
      const isSame = JSON.stringify(builder.segments) === before;
      return isSame ? found.length === 0 : found.length > 0 && found.length < 40;
    }),
    { numRuns: isWhole ? 3000 : 60 },
  );
});

test('a ledger in shreds is told in bounded words', async (t) => {
  const builder = createBuilder();
  threeSegments(builder, 300);
  for (const segment of builder.segments) segment.lines.reverse();
  const folder = builder.save(join(t.testdir(), 'ledger'));
  const { findings, more } = await verifyLedger([folder], builder.roots());
  t.ok(findings.length > 0 && findings.length <= 1000 && more >= 0);
});

/** One segment of at least 64 KiB, and what it takes to verify it. */
function large(folder: string): { readonly builder: Builder; readonly file: string } {
  const builder = createBuilder();
  builder.pad(700);
  builder.header('new');
  while (bytesOf(builder.segments[0]?.lines ?? []).length < 64 * 1024) builder.decision('w');
  builder.stop();
  builder.save(folder);
  return { builder, file: join(folder, readdirSync(folder).sort()[0] ?? '') };
}

test(`every single-bit flip of a 64 KiB segment is found: ${isWhole ? 'all bits' : 'one bit of each byte'}`, {
  timeout: 600_000,
}, async (t) => {
  const folder = join(t.testdir(), 'ledger');
  const { builder, file } = large(folder);
  const bytes = readFileSync(file);
  const newlines: number[] = [];
  let [missed, looked, start] = [0, 0, 0];
  const whole: number[] = [];
  for (let end = bytes.indexOf(10); end >= 0; end = bytes.indexOf(10, start)) {
    const own = bytes.subarray(start, end);
    for (let bit = 0; bit < own.length * 8; bit++) {
      const at = bit >> 3;
      if (!isWhole && (bit & 7) !== (at * 5) % 8) continue;
      const flipped = (own[at] ?? 0) ^ (1 << (bit & 7));
      // Two lines where there was one: for the whole verifier.
      if (flipped === 10) {
        whole.push((start + at) * 8 + (bit & 7));
        continue;
      }
      const before = own[at] ?? 0;
      own[at] = flipped;
      if (typeof readLink(own) !== 'string') missed += 1;
      own[at] = before;
      looked += 1;
    }
    newlines.push(end);
    start = end + 1;
  }
  t.equal(missed, 0, 'a line with a flipped bit is no record');
  const each = isWhole ? 8 : 1;
  const all = (bytes.length - newlines.length) * each;
  t.equal(looked + whole.length, all, 'no byte was left out');
  t.ok(bytes.length >= 64 * 1024);
  // The line's own check is what the verifier goes by: on a sample, all newlines and all lines that become two, it is
  // shown that exactly that record is told.
  for (let i = 0; i < 60; i++) whole.push(((i * 7919 * 8191) % bytes.length) * 8 + (i % 8));
  for (const newline of newlines) for (let bit = 0; bit < 8; bit++) whole.push(newline * 8 + bit);
  let wrong = 0;
  for (const bit of whole) {
    const changed = Buffer.from(bytes);
    changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    writeFileSync(file, changed);
    const { findings } = await verifyLedger([folder], builder.roots());
    const seq = newlines.filter((each) => each < bit >> 3).length + 1;
    const [finding] = findings;
    const isTold = findings.length === 1 && finding?.kind === 'altered' && finding.seq === seq;
    if (!isTold) wrong += 1;
    if (!isTold && wrong < 4) t.comment(`bit ${bit}, record ${seq}: ${JSON.stringify(findings)}`);
  }
  t.equal(
    wrong,
    0,
    `${whole.length} flips were told by the whole verifier, each as its own record`,
  );
});

for (const [name, index, end] of [
  ['the last segment', 2, last],
  ['a closed segment', 1, 20],
] as const) {
  test(`${name} cut at ${isWhole ? 'every byte' : 'every line and between'} is truncated`, {
    timeout: 600_000,
  }, async (t) => {
    const builder = three();
    const folder = builder.save(join(t.testdir(), 'ledger'));
    const file = join(folder, nameOf(builder.segments[index] ?? { first: 0 }));
    const bytes = readFileSync(file);
    const told = new RegExp(`^truncated (\\d+-)?${end}$`);
    let [wrong, cuts] = [0, 0];
    for (let length = bytes.length - 1; length >= 0; length -= 1) {
      const isNearEnd = bytes.subarray(Math.max(0, length - 1), length + 2).includes(10);
      if (!isWhole && !isNearEnd && length % 37 !== 0) continue;
      truncateSync(file, length);
      const found = toldOf(await verifyLedger([folder], builder.roots()));
      cuts += 1;
      if (found.length !== 1 || !told.test(found[0] ?? '')) {
        wrong += 1;
        if (wrong < 4) t.comment(`${length} of ${bytes.length}: ${found}`);
      }
    }
    t.equal(wrong, 0, `${cuts} cuts`);
    t.ok(cuts > 50);
  });
}
