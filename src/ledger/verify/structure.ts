// What was done to the lines, told from how their runs fit together: one finding for each cause.
import { genesis } from '../format/chain.ts';
import {
  type Arrangement,
  contradicts,
  type Identity,
  isForeign,
  type Seam,
  seams,
} from './arrange.ts';
import { type FaultKind, type Finding, found, type Remark, recordsText } from './finding.ts';
import { type Break, type Item, isLinked, type Run } from './runs.ts';
import { isChangedNewline, type ScannedSegment } from './scan.ts';
import type { Retained } from './tally.ts';

export type Structure = {
  readonly items: readonly Item[];
  readonly segments: readonly ScannedSegment[];
  readonly identity: Identity;
  readonly arrangement: Arrangement;
  /** Hashes that stand at several places. */
  readonly repeated: ReadonlySet<string>;
  readonly retained: readonly Retained[];
  /** The last record that a checkpoint signed. */
  readonly signed: number;
  /** Single segments were given: they may begin and end anywhere. */
  readonly partial: boolean;
};

export type Told = { readonly findings: Finding[]; readonly remarks: Remark[] };

export function structureFaults(structure: Structure): Told {
  const told: Told = { findings: [], remarks: [] };
  for (const seam of seams(structure.items, structure.arrangement)) {
    tellSeam(seam, structure, told);
  }
  tellOrder(structure, told);
  tellNames(structure, told);
  for (const { shown, beyond, lines, ended, limit } of structure.segments) {
    if (beyond === 0) continue;
    const place = { file: shown, line: lines };
    if (ended) {
      const text = `${beyond} bytes follow the checkpoint that closed the segment`;
      told.findings.push(found('inserted', place, [null, null], text));
      continue;
    }
    const why =
      limit === Number.POSITIVE_INFINITY
        ? 'they begin with a hole, as lost power leaves it in what was never acknowledged'
        : 'by the header of the next segment they were never acknowledged';
    const text = `${beyond} bytes at its end do not count: ${why}`;
    told.remarks.push(found('torn', place, [null, null], text));
  }
  return told;
}

type Slots = { readonly from: number; readonly to: number };

function tellSeam(seam: Seam, structure: Structure, told: Told): void {
  const { before, after } = seam;
  const missing = missingAt(seam, structure, told);
  if (after !== undefined && missing === undefined) {
    if (before !== undefined && contradicts(before, after)) told.findings.push(madeAnew(before));
    else if (before === undefined && after.first.seq === 1 && after.prev !== genesis) {
      const { spot } = after.first;
      const text = 'the first record is not chained to nothing';
      told.findings.push(found('altered', spot, [1, 1], text));
    }
  }
  if (missing !== undefined) {
    told.findings.push(...goneAt(missing, seam, structure));
    return;
  }
  for (const each of seam.breaks) tellBreak(each, seam, structure, told);
  for (const stray of seam.strays) told.findings.push(strayFinding(stray, seam, structure));
}

/** Which numbers nobody has, between two runs or before the first. */
function missingAt({ before, after }: Seam, structure: Structure, told: Told): Slots | undefined {
  if (after === undefined) return undefined;
  const [from, to] = [(before?.last.seq ?? 0) + 1, after.first.seq - 1];
  if (from > to) return undefined;
  if (before !== undefined) return { from, to };
  if (structure.partial) {
    const text = `the segments that were given begin with record ${after.first.seq}`;
    told.remarks.push(found('partial', after.first.spot, [after.first.seq, null], text));
    return undefined;
  }
  return afterRetention({ from, to }, after, structure, told);
}

/** Segments are removed from the beginning; what the newest such record does not name is gone without one.
 * Threat: whoever can write the file adds such a record after the last checkpoint. */
function afterRetention(
  { from, to }: Slots,
  after: Run,
  { retained, signed }: Structure,
  told: Told,
): Slots | undefined {
  const among = retained.filter((file) => file.to <= to);
  const declared = newestOf(among.filter(({ by }) => by <= signed));
  const claimed = newestOf(among);
  if (declared.to === 0 && claimed.to === to) {
    const text = `${recordsText(from, to)} ${from === to ? 'is' : 'are'} gone: only record ${claimed.by} declares it, and no checkpoint covers that record`;
    told.findings.push(found('removed', after.first.spot, [from, to], text));
    return undefined;
  }
  if (declared.to === 0) return { from, to };
  const text = `${recordsText(from, declared.to)} were removed by retention, as the ledger itself declares`;
  told.remarks.push(found('retention', after.first.spot, [from, declared.to], text));
  if (declared.to < to) return { from: declared.to + 1, to };
  if (declared.hash === after.prev) return undefined;
  const anew = `record ${after.first.seq} is not chained to the record before it, of which the ledger kept the hash`;
  told.findings.push(found('altered', after.first.spot, [after.first.seq, null], anew));
  return undefined;
}

function newestOf(files: readonly Retained[]): Pick<Retained, 'to' | 'hash' | 'by'> {
  return files.reduce<Pick<Retained, 'to' | 'hash' | 'by'>>(
    (most, file) => (file.to > most.to ? file : most),
    { to: 0, hash: '', by: 0 },
  );
}

function madeAnew({ last }: Run): Finding {
  const text = `record ${last.seq} is whole by its own sum, but record ${last.seq + 1} was chained to another one`;
  return found('altered', last.spot, [last.seq, last.seq], text);
}

function goneAt(slots: Slots, seam: Seam, structure: Structure): readonly Finding[] {
  const truncated = truncatedSegment(seam, structure);
  const breaks = seam.breaks.filter(({ extent }) => truncated === undefined || extent !== 'tail');
  const occupants = inFileOrder([...breaks, ...seam.strays]);
  const records = recordsText(slots.from, slots.to);
  if (truncated !== undefined && occupants.length === 0) {
    const { shown, bytes, limit, lines } = truncated;
    const text = `the segment ends after ${bytes} of ${limit} bytes: ${records} ${slots.from === slots.to ? 'is' : 'are'} not there`;
    return [found('truncated', { file: shown, line: lines }, [slots.from, slots.to], text)];
  }
  if (occupants.length === 0) {
    const spot = seam.after?.first.spot ?? seam.before?.last.spot ?? { file: '', line: 0 };
    const text = `${records} ${slots.from === slots.to ? 'is' : 'are'} gone: record ${slots.to + 1} stands here`;
    return [found('removed', spot, [slots.from, slots.to], text)];
  }
  const lines = occupants.reduce((sum, each) => sum + linesOf(each), 0);
  const fits = lines === slots.to - slots.from + 1 && occupants.every(({ kind }) => kind === 'run');
  if (fits || (lines === slots.to - slots.from + 1 && lines > 1)) {
    return eachInItsSlot(occupants, slots, seam, structure);
  }
  const [first] = occupants;
  return first === undefined ? [] : [occupantFinding(first, slots, seam, structure)];
}

function eachInItsSlot(
  occupants: readonly Item[],
  { from }: Slots,
  seam: Seam,
  structure: Structure,
): readonly Finding[] {
  let at = from;
  return occupants.map((each) => {
    const slots = { from: at, to: at + linesOf(each) - 1 };
    at = slots.to + 1;
    return occupantFinding(each, slots, seam, structure);
  });
}

function occupantFinding(item: Item, slots: Slots, seam: Seam, structure: Structure): Finding {
  const records = recordsText(slots.from, slots.to);
  const [spot, why] =
    item.kind === 'run'
      ? ([item.first.spot, `what stands in the place of ${records} is not it`] as const)
      : ([item.spot, `${records}: ${item.reason}`] as const);
  const stray = item.kind === 'run' ? strayKind(item, seam, structure) : undefined;
  const kind = stray === undefined || stray === 'inserted' ? 'altered' : stray;
  const text =
    kind === 'foreign' ? `a record of another chain stands in the place of ${records}` : why;
  return found(kind, spot, [slots.from, slots.to], text);
}

function tellBreak(item: Break, seam: Seam, structure: Structure, told: Told): void {
  const { spot, lines, reason, extent } = item;
  const next = (seam.before?.last.seq ?? 0) + 1;
  const atEnd = seam.after === undefined;
  if (extent === 'tail' && isNewest(spot.segment, structure)) {
    const { bytes = 0 } = structure.segments[spot.segment] ?? {};
    if (isChangedNewline(item)) {
      told.findings.push(found('altered', spot, [item.claimed, item.claimed], reason));
      return;
    }
    const text = `the last line does not end, at byte ${bytes}: it was never acknowledged`;
    told.remarks.push(found('torn', spot, [null, null], text));
    return;
  }
  const what = lines === 1 ? 'a line' : `${lines} lines`;
  const isNext = atEnd && (item.claimed === next || extent === 'file');
  told.findings.push(
    isNext
      ? found('altered', spot, [next, next + lines - 1], `record ${next}: ${reason}`)
      : found('inserted', spot, [null, null], `${what} between the records: ${reason}`),
  );
}

/** What comes after it was never written as far as its first newline. */
function isNewest(index: number, { segments }: Structure): boolean {
  return segments.slice(index + 1).every(({ begins, lines }) => begins === null && lines <= 1);
}

function strayFinding(stray: Run, seam: Seam, structure: Structure): Finding {
  const kind = strayKind(stray, seam, structure);
  const { seq, spot } = stray.first;
  const records = recordsText(seq, stray.last.seq);
  const texts = {
    foreign: `${records} ${stray.count === 1 ? 'is' : 'are'} chained to something that is not in this ledger`,
    replayed: `${records} ${stray.count === 1 ? 'stands' : 'stand'} here again`,
    inserted: `${records}: nothing that follows is chained to ${stray.count === 1 ? 'it' : 'them'}`,
  };
  return found(kind, spot, [seq, stray.last.seq], texts[kind]);
}

function strayKind(
  stray: Run,
  { before }: Seam,
  { identity, repeated }: Structure,
): FaultKind & ('foreign' | 'replayed' | 'inserted') {
  if (repeated.has(stray.first.hash)) return 'replayed';
  if (isForeign(stray, identity)) return 'foreign';
  if (before !== undefined && isLinked(before, stray)) return 'inserted';
  const isOurs = stray.ledger !== undefined || stray.replica !== undefined;
  return isOurs ? 'inserted' : 'foreign';
}

/** A segment between the two runs that is shorter than the next one's header says. */
function truncatedSegment(
  { before, after }: Seam,
  { segments }: Structure,
): ScannedSegment | undefined {
  if (after === undefined || after.first.spot.line !== 1) return undefined;
  const segment = segments[after.first.spot.segment - 1];
  const isNear = before === undefined || before.last.spot.segment >= after.first.spot.segment - 2;
  if (segment === undefined || !isNear || !Number.isFinite(segment.limit)) return undefined;
  return segment.bytes < segment.limit ? segment : undefined;
}

/** Written one after the other, and standing the other way round. */
function tellOrder({ arrangement: { placed } }: Structure, told: Told): void {
  for (const [index, run] of placed.entries()) {
    const before = placed[index - 1];
    if (before === undefined || before.index < run.index) continue;
    const { seq, spot } = run.first;
    const text = `${recordsText(seq, run.last.seq)} ${run.count === 1 ? 'stands' : 'stand'} before record ${before.last.seq}`;
    told.findings.push(found('reordered', spot, [seq, run.last.seq], text));
  }
}

/** A segment under a name that is not the number of its first record. */
function tellNames({ segments, partial }: Structure, told: Told): void {
  if (partial || told.findings.length > 0) return;
  for (const { file, shown, begins } of segments) {
    if (begins === null || file.first === null || file.first === begins) continue;
    const text = `the file is named for record ${file.first} and begins with record ${begins}`;
    told.findings.push(found('altered', { file: shown, line: 0 }, [begins, begins], text));
  }
}

function inFileOrder(items: readonly Item[]): readonly Item[] {
  return [...items].sort((a, b) => a.index - b.index);
}

function linesOf(item: Item): number {
  return item.kind === 'run' ? item.count : item.lines;
}
