// Exporters: in order, at least once, one batch in memory, whatever the sink, the files and the cursor do.
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'tap';
import { err, ok } from '../../src/base/result.ts';
import { pauseAfter } from '../../src/ledger/export/backoff.ts';
import type { SinkFault } from '../../src/ledger/export/sink.ts';
import { sha256 } from '../../src/ledger/format/chain.ts';
import {
  begin,
  type FakeLedger,
  fakeLedger,
  fakeSink,
  linesOf,
  patiently,
  segmentName,
  seqsOf,
  until,
} from './exporting.ts';

const down: SinkFault = { kind: 'again', cause: 'unreachable', message: 'it is down' };
const range = (from: number, to: number): number[] =>
  Array.from({ length: to - from + 1 }, (_, i) => from + i);
const cursorOf = (folder: string): unknown =>
  JSON.parse(readFileSync(join(folder, 'export/test.json'), 'utf8'));
const setCursor = (folder: string, text: string): void => {
  mkdirSync(join(folder, 'export'), { recursive: true });
  writeFileSync(join(folder, 'export/test.json'), text);
};

const grow = (ledger: FakeLedger, segments: number): void => {
  for (let i = 0; i < segments; i++) {
    ledger.append(15);
    ledger.rotate();
  }
};

const ledgers: readonly (readonly [name: string, make: (ledger: FakeLedger) => void])[] = [
  ['one segment', (ledger) => ledger.append(95)],
  ['many segments', (ledger) => grow(ledger, 9)],
  [
    'compressed segments',
    (ledger) => {
      grow(ledger, 4);
      ledger.compress();
    },
  ],
  [
    'a segment whose last lines were never durable',
    (ledger) => {
      ledger.append(10);
      ledger.lose(7);
      ledger.rotate();
      ledger.append(10);
    },
  ],
  [
    'records as large as they may be',
    (ledger) => ledger.append(5, `,"x":"${'x'.repeat(250_000)}"`),
  ],
];

for (const [name, make] of ledgers) {
  test(`all durable records go out once, in order, byte for byte: ${name}`, async (t) => {
    const ledger = fakeLedger(t.testdir());
    make(ledger);
    const sink = fakeSink();
    const { exporter, news } = begin(t, ledger, sink);
    await until(() => exporter.state().lagRecords === 0);
    await exporter.stop(patiently);
    t.same(linesOf(sink.got), ledger.lines());
    t.same(news, []);
    const last = ledger.lines().at(-1) ?? '';
    t.same(cursorOf(ledger.folder), { seq: ledger.durable(), hash: sha256(last) });
    t.equal(exporter.oldestNeeded(), ledger.durable() + 1);
  });
}

test('what is written later follows, across rotation and compression', async (t) => {
  const ledger = fakeLedger(t.testdir());
  const sink = fakeSink();
  const { exporter, news } = begin(t, ledger, sink, { records: 3 });
  for (const round of range(1, 20)) {
    ledger.append(7);
    if (round % 3 === 0) ledger.rotate();
    if (round % 4 === 0) ledger.compress();
    if (round % 2 === 0) await until(() => exporter.state().lagRecords === 0);
  }
  await exporter.stop(patiently);
  t.same(linesOf(sink.got), ledger.lines());
  t.same(news, []);
});

test('what is not durable yet stays', async (t) => {
  const ledger = fakeLedger(t.testdir());
  ledger.append(5);
  ledger.lose(5);
  const sink = fakeSink();
  const { exporter } = begin(t, ledger, sink);
  await until(() => sink.got.length > 0);
  await exporter.stop(patiently);
  t.same(seqsOf(sink.got), range(1, 5));
});

test('a sink that is down for the whole run and then up gets everything, and one batch is in memory', async (t) => {
  const ledger = fakeLedger(t.testdir());
  const sink = fakeSink();
  let tries = 0;
  let most = 0;
  const { exporter, news } = begin(t, ledger, sink, { records: 10 });
  sink.answer(async () => {
    tries += 1;
    most = Math.max(most, exporter.state().heldRecords);
    return err(down);
  });
  for (const _ of range(1, 30)) {
    ledger.append(50);
    ledger.rotate();
    ledger.compress();
    const seen: number = tries;
    await until(() => tries > seen);
  }
  t.equal(most, 10, 'never more than one batch');
  t.equal(exporter.state().lagRecords, ledger.durable());
  t.ok(exporter.state().lagSeconds > 0);
  t.equal(exporter.state().failures.get('unreachable'), tries);
  t.equal(exporter.oldestNeeded(), 1, 'nothing may be removed');
  t.notOk(existsSync(join(ledger.folder, 'export/test.json')));
  sink.answer(async () => ok(undefined));
  await until(() => exporter.state().lagRecords === 0);
  await exporter.stop(patiently);
  t.same(linesOf(sink.got), ledger.lines());
  t.match(news, [{ kind: 'failed', fault: down }, { kind: 'recovered' }], 'told once');
  t.equal(news.length, 2);
});

test('a slow sink gets everything in order, one batch after the other', async (t) => {
  const ledger = fakeLedger(t.testdir());
  const sink = fakeSink();
  let under = 0;
  let most = 0;
  sink.answer(async () => {
    under += 1;
    most = Math.max(most, under);
    await new Promise(setImmediate);
    under -= 1;
    return ok(undefined);
  });
  const { exporter } = begin(t, ledger, sink, { records: 2 });
  for (const _ of range(1, 20)) ledger.append(5);
  await until(() => exporter.state().lagRecords === 0);
  await exporter.stop(patiently);
  t.same(linesOf(sink.got), ledger.lines());
  t.equal(most, 1);
});

test('batches end at their count and at their bytes', async (t) => {
  const ledger = fakeLedger(t.testdir());
  ledger.append(10);
  ledger.append(4, `,"x":"${'x'.repeat(3000)}"`);
  const sink = fakeSink();
  const { exporter } = begin(t, ledger, sink, { records: 4, bytes: 5000 });
  await until(() => exporter.state().lagRecords === 0);
  await exporter.stop(patiently);
  t.same(sink.got.map(({ records }) => records.length).slice(0, 2), [4, 4]);
  for (const { records, bytes, hash } of sink.got) {
    const [sizes, last] = [records.map((record) => record.bytes.length + 1), records.at(-1)];
    t.equal(
      bytes,
      sizes.reduce((a, b) => a + b),
    );
    t.ok(bytes - (sizes.at(-1) ?? 0) < 5000, 'full when the last one came');
    t.equal(hash, sha256(last?.bytes ?? ''));
  }
});

test('a crash between the confirmation and the cursor costs duplicates, and nothing else', async (t) => {
  const ledger = fakeLedger(t.testdir());
  ledger.append(30);
  const first = fakeSink();
  const third = Promise.withResolvers<void>();
  first.answer(async () => {
    if (first.got.length === 2) await third.promise;
    return ok(undefined);
  });
  const one = begin(t, ledger, first);
  await until(() => one.exporter.oldestNeeded() === 21);
  const cursor = readFileSync(join(ledger.folder, 'export/test.json'), 'utf8');
  third.resolve();
  await until(() => one.exporter.state().lagRecords === 0);
  await one.exporter.stop(patiently);
  setCursor(ledger.folder, cursor);
  const second = fakeSink();
  const two = begin(t, ledger, second);
  await until(() => two.exporter.state().lagRecords === 0);
  await two.exporter.stop(patiently);
  t.same(seqsOf(first.got), range(1, 30));
  t.same(seqsOf(second.got), range(21, 30));
  t.same(two.news, []);
});

const unfit: readonly (readonly [name: string, cursor: string])[] = [
  ['not JSON', 'seq: 5'],
  ['an empty file', ''],
  ['another shape', '{"seq":"5","hash":"00"}'],
  ['half of it', '{"seq":5,"ha'],
  ['the hash of another record', JSON.stringify({ seq: 5, hash: '0'.repeat(64) })],
  ['a record that is still to come', JSON.stringify({ seq: 500, hash: '0'.repeat(64) })],
  ['a number that is none', JSON.stringify({ seq: -1, hash: '0'.repeat(64) })],
];

for (const [name, cursor] of unfit) {
  test(`a cursor that the chain does not prove is told, and all goes out again: ${name}`, async (t) => {
    const ledger = fakeLedger(t.testdir());
    ledger.append(12);
    setCursor(ledger.folder, cursor);
    const sink = fakeSink();
    const { exporter, news } = begin(t, ledger, sink);
    t.equal(exporter.oldestNeeded(), 1);
    await until(() => exporter.state().lagRecords === 0);
    await exporter.stop(patiently);
    t.same(seqsOf(sink.got), range(1, 12));
    t.match(news, [{ kind: 'cursor-unfit' }]);
    t.equal(exporter.state().unfitCursors, 1);
    t.match(cursorOf(ledger.folder), { seq: 12 });
  });
}

test('a cursor whose record was removed is proven by the record after it', async (t) => {
  const ledger = fakeLedger(t.testdir());
  ledger.append(10);
  const first = begin(t, ledger, fakeSink());
  await until(() => first.exporter.state().lagRecords === 0);
  await first.exporter.stop(patiently);
  ledger.rotate();
  ledger.append(5);
  ledger.retain();
  const sink = fakeSink();
  const { exporter, news } = begin(t, ledger, sink);
  await until(() => exporter.state().lagRecords === 0);
  await exporter.stop(patiently);
  t.same(seqsOf(sink.got), range(11, 16));
  t.same(news, []);
});

test('records that somebody removed under an exporter are told as missing, and the rest goes out', async (t) => {
  const ledger = fakeLedger(t.testdir());
  const sink = fakeSink();
  ledger.append(10);
  const { exporter, news } = begin(t, ledger, sink);
  await until(() => exporter.state().lagRecords === 0);
  sink.answer(async () => err(down));
  ledger.rotate();
  ledger.append(9);
  await until(() => exporter.state().failures.size > 0);
  ledger.rotate();
  ledger.append(9);
  ledger.rotate();
  rmSync(join(ledger.folder, segmentName(21)));
  sink.answer(async () => ok(undefined));
  await until(() => exporter.state().lagRecords === 0);
  await exporter.stop(patiently);
  t.same(seqsOf(sink.got), [...range(1, 20), 31]);
  t.match(
    news.filter(({ kind }) => kind === 'oddity'),
    [{ oddity: { kind: 'missing', from: 21, to: 30 } }],
  );
  t.equal(exporter.state().missing, 10);
});

test('a line that is no record is told as damaged, and the rest goes out', async (t) => {
  const ledger = fakeLedger(t.testdir());
  ledger.append(10);
  const path = join(ledger.folder, segmentName(1));
  const text = readFileSync(path, 'utf8').split('\n');
  text[4] = `#${'x'.repeat(600_000)}`;
  writeFileSync(path, text.join('\n'));
  const sink = fakeSink();
  const { exporter, news } = begin(t, ledger, sink);
  await until(() => exporter.state().lagRecords === 0);
  await exporter.stop(patiently);
  t.same(seqsOf(sink.got), [1, 2, 3, 4, 6, 7, 8, 9, 10]);
  t.match(news, [
    { oddity: { kind: 'damaged', seq: 5 } },
    { oddity: { kind: 'missing', from: 5 } },
  ]);
});

test('a segment that cannot be decompressed is a fault that is tried again: no record is left out', async (t) => {
  const ledger = fakeLedger(t.testdir());
  ledger.append(10);
  ledger.rotate();
  ledger.compress();
  const path = join(ledger.folder, `${segmentName(1)}.zst`);
  const whole = readFileSync(path);
  writeFileSync(path, whole.subarray(0, whole.length - 20));
  const sink = fakeSink();
  const { exporter, news } = begin(t, ledger, sink);
  await until(() => (exporter.state().failures.get('disk') ?? 0) > 3);
  writeFileSync(path, whole);
  await until(() => exporter.state().lagRecords === 0);
  await exporter.stop(patiently);
  t.same(seqsOf(sink.got), range(1, 11));
  t.match(news, [{ kind: 'failed', fault: { cause: 'disk' } }, { kind: 'recovered' }]);
});

test('a folder that is gone is a fault, and when it is back the exporter goes on', async (t) => {
  const ledger = fakeLedger(join(t.testdir(), 'ledger'));
  ledger.append(5);
  const sink = fakeSink();
  const { exporter } = begin(t, ledger, sink);
  await until(() => exporter.oldestNeeded() === 6);
  rmSync(ledger.folder, { recursive: true });
  mkdirSync(ledger.folder);
  ledger.rotate();
  await until(() => exporter.state().lagRecords === 0);
  await exporter.stop(patiently);
  t.same(seqsOf(sink.got), range(1, 6));
});

test('a cursor that cannot be written is told once, and records go on', async (t) => {
  const folder = t.testdir({ ledger: { export: 'a file, where a folder should be' } });
  const ledger = fakeLedger(join(folder, 'ledger'));
  ledger.append(30);
  const sink = fakeSink();
  const { exporter, news } = begin(t, ledger, sink);
  await until(() => exporter.state().failures.get('disk') === 4 || sink.got.length === 3);
  await exporter.stop(patiently);
  t.same(seqsOf(sink.got), range(1, 30));
  t.equal(exporter.oldestNeeded(), 1, 'what is not kept may be needed again');
  t.equal(news.filter(({ kind }) => kind === 'failed').length, 1);
});

test('an exporter that begins with what comes leaves out what is there', async (t) => {
  const ledger = fakeLedger(t.testdir());
  ledger.append(10);
  const sink = fakeSink();
  const { exporter } = begin(t, ledger, sink, { from: 'newest' });
  await until(() => exporter.state().lagRecords === 0);
  ledger.append(3);
  await until(() => exporter.state().lagRecords === 0);
  await exporter.stop(patiently);
  t.same(seqsOf(sink.got), [11, 12, 13]);
});

test('a halted sink is told once, is seen in the state, and goes on when it is mended', async (t) => {
  const ledger = fakeLedger(t.testdir());
  ledger.append(5);
  const sink = fakeSink();
  let tries = 0;
  sink.answer(async () => {
    tries += 1;
    return err({ kind: 'halt', cause: 'refused', message: 'status 401' });
  });
  const { exporter, news, waited } = begin(t, ledger, sink);
  await until(() => tries > 3);
  t.equal(exporter.state().halted, true);
  t.match(exporter.state().lastError, { fault: { message: 'status 401' } });
  t.ok(waited.includes(600_000), 'ten minutes');
  sink.answer(async () => ok(undefined));
  await until(() => exporter.state().lagRecords === 0);
  t.equal(exporter.state().halted, false);
  await exporter.stop(patiently);
  t.match(news, [{ kind: 'failed' }, { kind: 'recovered' }]);
});

test('a sink that throws is a fault of its own, and is asked again', async (t) => {
  const ledger = fakeLedger(t.testdir());
  ledger.append(1);
  const sink = fakeSink();
  let tries = 0;
  sink.answer(async () => {
    tries += 1;
    if (tries < 3) throw new Error('a bug');
    return ok(undefined);
  });
  const { exporter } = begin(t, ledger, sink);
  await until(() => exporter.state().lagRecords === 0);
  await exporter.stop(patiently);
  t.equal(exporter.state().failures.get('internal'), 2);
});

test('stopping sends what is there', async (t) => {
  const ledger = fakeLedger(t.testdir());
  const sink = fakeSink();
  const { exporter } = begin(t, ledger, sink);
  ledger.append(95);
  await exporter.stop(patiently);
  t.same(seqsOf(sink.got), range(1, 95));
});

test('stopping ends a send that hangs, and one that does not hear of it', async (t) => {
  for (const listens of [true, false]) {
    const ledger = fakeLedger(join(t.testdir(), String(listens)));
    ledger.append(5);
    const sink = fakeSink();
    let asked = false;
    sink.answer((_batch, signal) => {
      asked = true;
      return new Promise((done) => {
        if (listens) signal.addEventListener('abort', () => done(err(down)));
      });
    });
    const { exporter } = begin(t, ledger, sink);
    await until(() => asked);
    await exporter.stop(1);
    t.notOk(existsSync(join(ledger.folder, 'export/test.json')), 'nothing was confirmed');
  }
});

test('the pause doubles to a minute, has jitter, and hears what the sink asks for', (t) => {
  const pauses = range(1, 12).map((n) => pauseAfter(down, n, 1));
  t.same(pauses.slice(0, 4), [500, 1000, 2000, 4000]);
  t.equal(Math.max(...pauses), 60_000);
  t.equal(pauseAfter(down, 12, 0), 30_000, 'half of it is sure');
  t.equal(pauseAfter({ ...down, after: 90_000 }, 1, 1), 90_000);
  t.equal(pauseAfter({ ...down, after: 1e12 }, 1, 1), 600_000, 'ten minutes at most');
  t.equal(pauseAfter({ ...down, kind: 'halt' }, 1, 1), 600_000);
  t.end();
});
