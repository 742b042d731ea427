// Attacks of who can write the folder of a ledger and has no key of its past: each is a fault, named once; and files
// that are made to hold up the auditor are told, in bounded time and memory.
import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  cpSync,
  createWriteStream,
  mkdirSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createZstdCompress } from 'node:zlib';
import { test } from 'tap';
import type { JsonObject } from '../../src/base/json.ts';
import { chain, readLink } from '../../src/ledger/format/chain.ts';
import { recordOf } from '../../src/ledger/format/kinds.ts';
import { readLedger } from '../../src/ledger/read/read.ts';
import { makeReport } from '../../src/ledger/report/make.ts';
import { openSources } from '../../src/ledger/report/records.ts';
import { createKeyChain } from '../../src/ledger/verify/key-chain.ts';
import { createSeals } from '../../src/ledger/verify/seals.ts';
import { verifyLedger } from '../../src/ledger/verify/verify.ts';
import { type Builder, createBuilder, nameOf } from './builder.ts';
import { threeSegments, toldOf } from './forge.ts';

/** Of three segments: records 1 to 11, 12 to 20, 21 to 31. */
const three = (replica?: string): Builder => threeSegments(createBuilder(replica));

function pathOf({ segments }: Builder, folder: string, index: number): string {
  return join(folder, nameOf(segments[index] ?? { first: 0 }));
}

/** A line after the last one, chained to it: for that nobody needs a key. */
function added(builder: Builder, kind: string, members: JsonObject): string {
  const at = '2026-11-21T12:00:00.000Z';
  const body = { kind, id: '01941f2e-0000-7000-8000-000000000000', at, ...members };
  return `${chain(builder.head(), JSON.stringify(body)).line}\n`;
}

function retentionOf({ segments }: Builder): JsonObject {
  const hash = JSON.parse(segments[1]?.lines[0] ?? '').prev;
  return { files: [{ file: 'x.jsonl', from: 1, to: 11, hash }] };
}

type Attack = readonly [
  name: string,
  act: (builder: Builder, folder: string) => void,
  found: readonly string[],
];

const attacks: readonly Attack[] = [
  [
    'a record after the checkpoint that closed the ledger',
    (b, folder) => appendFileSync(pathOf(b, folder, 2), added(b, 'decision', { decision: {} })),
    ['inserted 32'],
  ],
  [
    'a record after the stop, signed by the key of the day',
    (b, folder) => {
      b.header('start');
      b.append('stop', { reason: 'SIGTERM' });
      b.decision('late');
      b.end();
      b.save(folder);
    },
    ['inserted 34'],
  ],
  [
    'a hole after the checkpoint that closed the ledger, and a record behind it',
    (b, folder) =>
      appendFileSync(pathOf(b, folder, 2), `\0\0\n${added(b, 'decision', { decision: {} })}`),
    ['inserted'],
  ],
  [
    'a made-up retention record, and the segment is gone that it names',
    (b, folder) => {
      appendFileSync(pathOf(b, folder, 2), added(b, 'retention', retentionOf(b)));
      rmSync(pathOf(b, folder, 0));
    },
    ['removed 1-11', 'inserted 32'],
  ],
  [
    'the same, in a ledger that is being written',
    (b, folder) => {
      b.header('start');
      b.save(folder);
      appendFileSync(pathOf(b, folder, 3), added(b, 'retention', retentionOf(b)));
      rmSync(pathOf(b, folder, 0));
    },
    ['removed 1-11'],
  ],
  [
    'the newest segment and the newest checkpoint are gone',
    (b, folder) => {
      rmSync(pathOf(b, folder, 2));
      rmSync(join(folder, 'checkpoint'));
    },
    ['truncated 21-31'],
  ],
  [
    'the newest segment is gone, and the checkpoint is an older one of the ledger',
    (b, folder) => {
      rmSync(pathOf(b, folder, 2));
      const { note } = JSON.parse(b.segments[1]?.lines.at(-1) ?? '');
      writeFileSync(join(folder, 'checkpoint'), note);
    },
    ['truncated 21-31'],
  ],
  [
    'the key list is the one of another ledger',
    (_, folder) => {
      writeFileSync(join(folder, 'keys.json'), JSON.stringify({ keys: three('gate-1').roots() }));
    },
    ['altered'],
  ],
  [
    'an end of an epoch that is missing in the list of them, before one that is there',
    (b, folder) => {
      writeFileSync(join(folder, 'epochs.jsonl'), b.epochs.slice(1).join(''));
      rmSync(pathOf(b, folder, 0));
    },
    ['removed 1-11', 'unsigned 12'],
  ],
];

for (const [name, act, found] of attacks) {
  test(`found and named: ${name}`, async (t) => {
    const builder = three();
    const folder = builder.save(join(t.testdir(), 'ledger'));
    act(builder, folder);
    t.strictSame(toldOf(await verifyLedger([folder], builder.roots())), found);
  });
}

test('one replica’s ledger in the place of another’s is told; a folder that is named twice is read once', async (t) => {
  const root = t.testdir();
  const [own, other] = [three(), three('gate-1')];
  const folder = own.save(join(root, 'gate-0'));
  cpSync(folder, join(root, 'gate-1'), { recursive: true });
  const roots = [...own.roots(), ...other.roots()];
  const { findings } = await verifyLedger([folder, join(root, 'gate-1')], roots);
  t.match(findings, [{ kind: 'replayed', file: join(root, 'gate-1'), line: 0 }]);
  t.equal(findings.length, 1);
  symlinkSync(folder, join(root, 'link'));
  const twice = await verifyLedger([folder, `${folder}/`, join(root, 'link')], roots);
  t.strictSame([toldOf(twice), twice.ledgers.length], [[], 1]);
  const { sources } = await openSources([folder, `${folder}/`, join(root, 'link')]);
  t.equal(sources.length, 1, 'no decision is counted twice');
});

const pipe = (path: string): void => void execFileSync('mkfifo', [path]);

test('what is no regular file, or too large to be what it is called, is not waited for: it could not be read', async (t) => {
  const root = t.testdir();
  const rows: readonly (readonly [string, (path: string) => void])[] = [
    ['a pipe to which nobody writes', pipe],
    ['a device that never ends', (path) => symlinkSync('/dev/zero', path)],
    ['a folder', (path) => mkdirSync(path)],
    [
      'a file larger than any of its kind',
      (path) => {
        writeFileSync(path, '');
        truncateSync(path, 100 * 2 ** 20);
      },
    ],
  ];
  for (const [what, make] of rows) {
    for (const name of ['segment', 'checkpoint', 'epochs.jsonl', 'keys.json']) {
      // A segment may be of any size, and is read as a stream.
      if (name === 'segment' && what === 'a file larger than any of its kind') continue;
      const builder = three();
      const folder = builder.save(join(root, `${what} ${name}`.replaceAll(' ', '-')));
      const path = name === 'segment' ? pathOf(builder, folder, 1) : join(folder, name);
      rmSync(path);
      make(path);
      const { unread } = await verifyLedger([folder], builder.roots());
      t.match(unread, [{ file: path, code: 'file-unreadable' }], `${what}: ${name}`);
    }
  }
});

/** A compressed segment of `mebi` MiB of the block, again and again. */
async function bomb(path: string, block: string, mebi: number): Promise<void> {
  const own = Buffer.from(block.repeat(Math.ceil(2 ** 20 / block.length)));
  const blocks = Readable.from(Array.from({ length: mebi }, () => own));
  await pipeline(blocks, createZstdCompress(), createWriteStream(path));
}

test('a small compressed segment that holds gigabytes of nothing is not read to its end', async (t) => {
  const root = t.testdir();
  const builder = three();
  for (const block of ['x', '\n', 'ab\n']) {
    const folder = builder.save(join(root, `ledger-${block.charCodeAt(0)}-${block.length}`));
    const path = pathOf(builder, folder, 1);
    rmSync(path);
    await bomb(`${path}.zst`, block, 400);
    const { findings, ledgers } = await verifyLedger([folder], builder.roots());
    t.match(findings, [{ kind: 'altered', seq: 12, to: 20 }]);
    const [ledger] = ledgers;
    t.ok(ledger !== undefined && ledger.bytes < 300 * 2 ** 20, `${ledger?.bytes}`);
  }
});

test('headers of other ledgers without end take bounded memory', (t) => {
  const [own, other] = [three(), three('gate-1')];
  const line = Buffer.from(other.segments[0]?.lines[0] ?? '');
  const link = readLink(line);
  if (typeof link === 'string') throw new Error(link);
  const seals = createSeals(own.ledger, (ledger) => createKeyChain(ledger, own.roots()));
  const spot = { file: 'x', line: 1, segment: 0 };
  const seen = { link, spot, linked: false, record: () => recordOf(line) };
  for (let run = 0; run < 6000; run++) seals.watch({ ...seen, run });
  t.equal(seals.faults().length, 5000);
  t.end();
});

/** As JSON.stringify would, but for what is between its members. */
function addedAsIs(builder: Builder, kind: string, members: string): string {
  const id = '01941f2e-0000-7000-8000-000000000000';
  const body = `{"kind":"${kind}","id":"${id}","at":"2026-11-21T12:00:00.000Z",${members}}`;
  return `${chain(builder.head(), body).line}\n`;
}

test('who holds today’s key hides nothing from the sums: no JSON is damaged, no gap makes up for another', async (t) => {
  const rows = [
    ['a decision that is no JSON', 'decision', '"decision":{"allowed":true', { damaged: 1 }, 2],
    ['fewer than no denials', 'gap', '"denied":-2,"allowed":1e400', { damaged: 0 }, 2],
    ['a number as a text', 'gap', '"denied":"7","allowed":[9]', { damaged: 0 }, 2],
  ] as const;
  const root = t.testdir();
  for (const [name, kind, members, part, denied] of rows) {
    const builder = three();
    builder.header('start');
    const folder = builder.save(join(root, name.replaceAll(' ', '-')));
    appendFileSync(pathOf(builder, folder, 3), addedAsIs(builder, kind, members));
    const { ledgers } = await verifyLedger([folder], builder.roots());
    t.match(ledgers, [{ gaps: { denied, allowed: 0 } }], name);
    const { sources } = await openSources([folder]);
    const report = await makeReport({
      ...{ sources, from: null, to: null, framework: null, keys: null },
      ...{ madeAt: '2026-11-21T13:00:00.000Z', madeBy: '0' },
    });
    t.match(report.ledgers, [part], name);
    t.match(report.totals, { missedDenied: denied, missedAllowed: 0 }, name);
  }
});

test('what stands behind a hole is no record, for who reads as for who verifies', async (t) => {
  const builder = three();
  builder.header('start');
  const folder = builder.save(join(t.testdir(), 'ledger'));
  const forged = added(builder, 'decision', { decision: { allowed: true } });
  appendFileSync(pathOf(builder, folder, 3), `\0\0\n${forged}`);
  const { findings, remarks } = await verifyLedger([folder], builder.roots());
  t.strictSame(findings, []);
  t.match(
    remarks.filter(({ kind }) => kind === 'torn'),
    [{ line: 3 }],
  );
  const seqs: number[] = [];
  let torn = 0;
  for await (const { seq } of readLedger(folder, { torn: (_, bytes) => (torn = bytes) })) {
    seqs.push(seq);
  }
  t.strictSame([seqs.length, seqs.at(-1), torn], [32, 32, forged.length + 3]);
});
