// Checkpoints from outside the chain: the newest one beside the segments, and those that an auditor kept. The ledger must
// reach each of them, and hold at its place the very record that it signed.
import { quote } from '../../base/text.ts';
import { isSignedBy, type Note, parseNote } from '../format/note.ts';
import { type Finding, found, type Place, recordsText } from './finding.ts';
import type { KeyChain } from './key-chain.ts';
import type { Seen } from './scan.ts';
import type { Beside } from './sources.ts';

export type Kept = { readonly file: string; readonly note: Note };

export type KeptNotes = { readonly kept: readonly Kept[]; readonly findings: readonly Finding[] };

/** Reads files that hold one note each. */
export function readKept(files: readonly Beside[]): KeptNotes {
  const kept: Kept[] = [];
  const findings: Finding[] = [];
  for (const { file, text } of files) {
    const note = parseNote(text);
    if (note.ok) kept.push({ file, note: note.value });
    else {
      const why = `the file holds no checkpoint: ${note.error}`;
      findings.push(found('altered', { file, line: 0 }, [null, null], why));
    }
  }
  return { kept, findings };
}

export type Sighting = { readonly hash: string; readonly place: Place; readonly run: number };

/** Where the records stand that the notes signed. */
export function createSightings(kept: readonly Kept[]): {
  watch(seen: Seen): void;
  at(seq: number, runs: ReadonlySet<number>): Sighting | undefined;
} {
  const wanted = new Set(kept.map(({ note }) => note.checkpoint.seq));
  const seen = new Map<number, Sighting[]>();
  return {
    watch({ link, spot, run }) {
      if (!wanted.has(link.seq)) return;
      const known = seen.get(link.seq) ?? [];
      if (known.length < 100) known.push({ hash: link.hash, place: spot, run });
      seen.set(link.seq, known);
    },
    at: (seq, runs) => seen.get(seq)?.find(({ run }) => runs.has(run)),
  };
}

export type Reached = {
  readonly last: { readonly seq: number; readonly place: Place };
  /** Single segments may end, and begin, before and after a checkpoint. */
  readonly partial: boolean;
  readonly keys: KeyChain | undefined;
  readonly sighting: (seq: number) => Sighting | undefined;
  /** From here on the records are not those that the ledger's own checkpoints signed; that is found already. */
  readonly diverged: number | undefined;
  /** What was found before: of one cause nothing is said twice. */
  readonly findings: readonly Finding[];
};

export function expectedFaults(kept: readonly Kept[], reached: Reached): readonly Finding[] {
  const findings: Finding[] = [];
  const newestFirst = [...kept].sort((a, b) => b.note.checkpoint.seq - a.note.checkpoint.seq);
  for (const each of newestFirst) {
    const fault = faultOf(each, reached, findings);
    if (fault !== undefined) findings.push(fault);
  }
  return findings;
}

function faultOf(
  { file, note }: Kept,
  { last, partial, keys, sighting, findings, diverged }: Reached,
  earlier: readonly Finding[],
): Finding | undefined {
  const { epoch, seq, hash } = note.checkpoint;
  const key = keys?.keyOf(epoch);
  if (key !== undefined && !isSignedBy(note, key.publicKey)) {
    const text = `the checkpoint of record ${seq} is not signed by the key of its epoch ${epoch}`;
    return found('resealed', { file, line: 0 }, [seq, null], text);
  }
  if (seq + 1 > last.seq) {
    const known = [...findings, ...earlier].some((each) => each.seq === last.seq + 1);
    if (known || partial) return undefined;
    const records = recordsText(last.seq + 1, seq + 1);
    const text = `the ledger ends with record ${last.seq}, and the checkpoint in ${quote(file)} is written in record ${seq + 1}: ${records} ${seq === last.seq ? 'is' : 'are'} gone`;
    return found('truncated', last.place, [last.seq + 1, seq + 1], text);
  }
  const there = sighting(seq);
  if (there === undefined || there.hash === hash) return undefined;
  const told = [...findings, ...earlier].some(
    (each) => covers(each, seq) || each.kind === 'resealed',
  );
  if (told || (diverged !== undefined && diverged <= seq)) return undefined;
  const text = `record ${seq} is not the one that the checkpoint in ${quote(file)} signed: the ledger was written and signed anew`;
  return found('resealed', there.place, [seq, null], text);
}

function covers({ seq, to }: Finding, wanted: number): boolean {
  return seq !== null && seq <= wanted && wanted <= (to ?? seq);
}
