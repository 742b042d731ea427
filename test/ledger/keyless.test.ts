// Whatever is done to the folder of a ledger by who has no key: either it is a fault, or every record up to the last one
// that is vouched for is there as it was written.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { test } from 'tap';
import type { JsonObject } from '../../src/base/json.ts';
import { chain, emptyHead, type Head, readLink } from '../../src/ledger/format/chain.ts';
import { publicKeyText } from '../../src/ledger/format/note.ts';
import { readLedger } from '../../src/ledger/read/read.ts';
import { verifyLedger } from '../../src/ledger/verify/verify.ts';
import { type Builder, bytesOf, createBuilder, nameOf } from './builder.ts';

type Folder = {
  segments: { name: string; lines: string[] }[];
  checkpoint: string | undefined;
  epochs: readonly string[];
};

/** A crash, a rotation, and a stop: four segments, two epochs. */
function story(): Builder {
  const builder = createBuilder();
  builder.header('new');
  for (const name of ['a', 'b', 'c']) {
    builder.decision(name);
    builder.checkpoint();
  }
  builder.decision('d');
  builder.header('start');
  builder.decision('e');
  builder.checkpoint();
  builder.append('gap', { from: 'x', to: 'y', cause: 'z', denied: 1, allowed: 0 });
  builder.rotate();
  builder.decision('f');
  builder.rotate();
  builder.decision('g');
  builder.stop();
  return builder;
}

const builder = story();
const written = builder.segments.flatMap(({ lines }) => lines);
const notes = written.flatMap((line): string[] => JSON.parse(line).note ?? []);

function headOf(line: string | undefined): Head {
  const link = line === undefined ? '' : readLink(Buffer.from(line));
  return typeof link === 'string' ? emptyHead : link;
}

/** For the sums of a line nobody needs a key. */
function forged(after: Head, kind: string, members: JsonObject): string {
  const at = '2026-11-22T00:00:00.000Z';
  return chain(after, JSON.stringify({ kind, id: 'x', at, ...members })).line;
}

function append({ segments }: Folder, a: number, kind: string, members: JsonObject): void {
  const lines = segments[a % segments.length]?.lines;
  lines?.push(forged(headOf(lines.at(-1)), kind, members));
}

/** A segment that goes on after record `a`, by its own word. */
function begin({ segments }: Folder, a: number, b: number): void {
  const after = headOf(written[a % written.length]);
  const epoch = b % 3;
  const on = segments.find(({ lines }) => lines.some((line) => headOf(line).seq === after.seq));
  const counted = (on?.lines ?? []).filter((line) => headOf(line).seq <= after.seq);
  const { seq, hash } = after;
  const bytes = Buffer.byteLength(bytesOf(counted));
  const header = {
    ...{ ledger: builder.ledger, replica: 'gate-0', cluster: 'prod', segment: 9, why: 'start' },
    ...{ epoch, publicKey: publicKeyText(builder.keyOf(epoch)), engine: '1' },
    previous: on === undefined ? null : { file: on.name, seq, hash, bytes },
  };
  const name = nameOf({ first: seq + 1 });
  const at = segments.findIndex((segment) => segment.name >= name);
  const gone = segments[at]?.name === name ? 1 : 0;
  const made = { name, lines: [forged(after, 'segment', header)] };
  segments.splice(at < 0 ? segments.length : at, gone, made);
}

/** Declares the first segments as removed, and removes them. */
function retain(folder: Folder, a: number): void {
  const { segments } = folder;
  const removed = segments.splice(0, Math.min(1 + (a % 2), segments.length - 1));
  const { seq, hash } = headOf(removed.at(-1)?.lines.at(-1));
  append(folder, segments.length - 1, 'retention', {
    files: [{ file: 'x.jsonl', from: 1, to: seq, hash }],
  });
}

const acts: readonly ((folder: Folder, a: number, b: number) => void)[] = [
  retain,
  begin,
  (folder, a) => append(folder, a, 'decision', { decision: { allowed: true } }),
  (folder, a, b) => append(folder, a, 'checkpoint', { note: notes[b % notes.length] ?? '' }),
  ({ segments }, a) => segments.splice(a % segments.length, 1),
  ({ segments }, a) => segments.splice(1 + (a % segments.length)),
  ({ segments }, a, b) => segments[a % segments.length]?.lines.splice(b),
  ({ segments }, a, b) => segments[a % segments.length]?.lines.splice(b, 1),
  ({ segments }, a) => segments[a % segments.length]?.lines.push('\0\0'),
  (folder, a) => {
    folder.checkpoint = notes[a % (notes.length + 1)];
  },
  (folder, a) => {
    folder.epochs = folder.epochs.slice(0, a % (folder.epochs.length + 1));
  },
];

function saved({ segments, checkpoint, epochs }: Folder, folder: string): void {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder);
  for (const { name, lines } of segments) writeFileSync(join(folder, name), bytesOf(lines));
  if (checkpoint !== undefined) writeFileSync(join(folder, 'checkpoint'), checkpoint);
  writeFileSync(join(folder, 'epochs.jsonl'), epochs.join(''));
}

/** Of the records that a key vouches for, those that are not what was written; undefined: it is a fault. */
async function lostIn(folder: string): Promise<readonly number[] | undefined> {
  const { findings, unread, ledgers } = await verifyLedger([folder], builder.roots());
  if (findings.length + unread.length > 0) return undefined;
  const there = new Map<number, string>();
  for await (const { seq, bytes } of readLedger(folder)) there.set(seq, String(bytes));
  const seqs = Array.from({ length: ledgers[0]?.covered?.seq ?? 0 }, (_, index) => index + 1);
  return seqs.filter((seq) => there.get(seq) !== written[seq - 1]);
}

const step = fc.tuple(fc.nat(acts.length - 1), fc.nat(20), fc.nat(20));

test('no key, no change to what is vouched for', { timeout: 600_000 }, async (t) => {
  const path = join(t.testdir(), 'ledger');
  let passed = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 4 }), async (steps) => {
      const segments = builder.segments.map((each) => ({
        name: nameOf(each),
        lines: [...each.lines],
      }));
      const folder = { segments, checkpoint: builder.note(), epochs: builder.epochs };
      for (const [act, a, b] of steps) if (folder.segments.length > 0) acts[act]?.(folder, a, b);
      saved(folder, path);
      const lost = await lostIn(path);
      if (lost !== undefined) passed += 1;
      return lost === undefined || lost.length === 0;
    }),
    { numRuns: Math.max(200, Number(process.env['SEKISHO_RUNS'] ?? 0)) },
  );
  t.ok(passed > 0, 'some of it changes nothing that is signed');
});
