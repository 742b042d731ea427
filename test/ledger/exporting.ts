// A ledger folder as exporters see it, made of chained lines, and a sink that does as it is told.
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { zstdCompressSync } from 'node:zlib';
import { ok, type Result } from '../../src/base/result.ts';
import { type Exporter, type ExportNews, runExporter } from '../../src/ledger/export/exporter.ts';
import type { ExportedLedger, Timing } from '../../src/ledger/export/gather.ts';
import type { Batch, Sink, SinkFault } from '../../src/ledger/export/sink.ts';
import { chain, emptyHead, type Head } from '../../src/ledger/format/chain.ts';

export type FakeLedger = ExportedLedger & {
  /** Writes so many records and makes them durable. */
  append(n: number, member?: string): void;
  /** Writes records that never become durable, as before a failed sync. */
  lose(n: number): void;
  /** A new segment, which continues the last durable record. */
  rotate(): void;
  /** The closed segments, compressed. */
  compress(): void;
  /** Removes the oldest segment. */
  retain(): void;
  lines(): readonly string[];
};

export const segmentName = (first: number): string => `${String(first).padStart(20, '0')}.jsonl`;

export function fakeLedger(folder: string): FakeLedger {
  let head = emptyHead;
  const segments: number[] = [];
  const lines: string[] = [];
  const listeners = new Set<(seq: number) => void>();
  mkdirSync(folder, { recursive: true });

  const written = (from: Head, n: number, member: string): readonly [Head, readonly string[]] => {
    const made: string[] = [];
    let at = from;
    for (let i = 0; i < n; i++) {
      const id = `0190${String(at.seq).padStart(8, '0')}`;
      const body = `{"kind":"decision","id":"${id}","at":"2026-01-02T10:00:00.000Z"${member}}`;
      const next = chain(at, body);
      made.push(next.line);
      at = next.head;
    }
    return [at, made];
  };
  const write = (made: readonly string[]): void => {
    const path = join(folder, segmentName(segments.at(-1) ?? 1));
    appendFileSync(path, made.map((line) => `${line}\n`).join(''));
  };
  const ledger: FakeLedger = {
    folder,
    replica: 'replica-0',
    durable: () => head.seq,
    onDurable(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    append(n, member = '') {
      if (segments.length === 0) segments.push(1);
      const [to, made] = written(head, n, member);
      write(made);
      head = to;
      lines.push(...made);
      for (const listener of listeners) listener(head.seq);
    },
    lose: (n) => write(written(head, n, ',"lost":true')[1]),
    rotate() {
      segments.push(head.seq + 1);
      writeFileSync(join(folder, segmentName(head.seq + 1)), '');
      ledger.append(1, ',"header":true');
    },
    compress() {
      for (const first of segments.slice(0, -1)) {
        const path = join(folder, segmentName(first));
        if (!existsSync(path)) continue;
        writeFileSync(`${path}.tmp`, zstdCompressSync(readFileSync(path)));
        renameSync(`${path}.tmp`, `${path}.zst`);
        rmSync(path);
      }
    },
    retain() {
      const path = join(folder, segmentName(segments.shift() ?? 1));
      rmSync(path, { force: true });
      rmSync(`${path}.zst`, { force: true });
    },
    lines: () => lines,
  };
  return ledger;
}

export type FakeSink = Sink & {
  readonly got: Batch[];
  /** What it answers from now on. */
  answer(give: (batch: Batch, signal: AbortSignal) => Promise<Result<void, SinkFault>>): void;
};

export function fakeSink(): FakeSink {
  const got: Batch[] = [];
  let give: Sink['send'] = async () => ok(undefined);
  return {
    got,
    answer(next) {
      give = next;
    },
    async send(batch, signal) {
      const answer = await give(batch, signal);
      if (answer.ok) got.push(batch);
      return answer;
    },
    close: async () => {},
  };
}

export const seqsOf = (batches: readonly Batch[]): readonly number[] =>
  batches.flatMap(({ records }) => records.map(({ seq }) => seq));

export const linesOf = (batches: readonly Batch[]): readonly string[] =>
  batches.flatMap(({ records }) => records.map(({ bytes }) => bytes.toString()));

export type Waited = number[];

/** For a stop that is to finish its work: the one sleep that is as long as it says. */
export const patiently = 77_777;

/** Sleeps a moment, whatever else is asked, and remembers what was asked. */
export function quickTiming(waited: Waited = []): Timing {
  return {
    now: Date.now,
    random: () => 1,
    async sleep(ms, signal) {
      waited.push(ms);
      await sleep(ms === patiently ? ms : Math.min(ms, 2), undefined, { signal }).catch(() => {});
    },
  };
}

export type Begun = { readonly exporter: Exporter; readonly news: ExportNews[]; waited: Waited };

type Ending = { teardown(act: () => Promise<void>): void };

export function begin(
  t: Ending,
  ledger: ExportedLedger,
  sink: Sink,
  more: { records?: number; bytes?: number; from?: 'oldest' | 'newest' } = {},
): Begun {
  const news: ExportNews[] = [];
  const waited: Waited = [];
  const exporter = runExporter({
    ledger,
    sink,
    name: 'test',
    batch: { records: more.records ?? 10, bytes: more.bytes ?? 1e6, waitMs: 1 },
    from: more.from ?? 'oldest',
    tell: (each) => news.push(each),
    timing: quickTiming(waited),
  });
  t.teardown(() => exporter.stop(1));
  return { exporter, news, waited };
}

/** Until it holds; the test's own time limit ends it otherwise. */
export async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await sleep(1);
}
