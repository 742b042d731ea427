// A ledger as runs: stretches of lines of which each proves its own sum and is chained to the one before.
// An honest ledger is one run. Whatever was done to it breaks it into several, and into lines that are no records.
import { get, type JsonObject } from '../../base/json.ts';
import type { Link } from '../format/chain.ts';
import { type Checkpoint, parseNote } from '../format/note.ts';
import type { Place } from './finding.ts';

export type Spot = Place & {
  /** Index of the segment. */
  readonly segment: number;
};

export type Stand = {
  readonly seq: number;
  readonly hash: string;
  readonly at: string;
  readonly spot: Spot;
};

export type Run = {
  readonly kind: 'run';
  /** Order in the files, over runs and breaks. */
  readonly index: number;
  readonly first: Stand;
  /** `prev` of its first record. */
  readonly prev: string;
  last: Stand;
  count: number;
  /** Of the headers in it, or of whatever its first record says of where it is from. */
  ledger: string | undefined;
  replica: string | undefined;
};

/** Lines that are no records. */
export type Break = {
  readonly kind: 'break';
  readonly index: number;
  readonly spot: Spot;
  lines: number;
  /** As the first of them claims; 0 for none. */
  readonly claimed: number;
  readonly reason: string;
  /** `line` has no newline: the file ends within it. `file`: the rest of the file cannot be read at all. */
  readonly extent: 'lines' | 'tail' | 'file';
};

export type Item = Run | Break;

export function isRun(item: Item): item is Run {
  return item.kind === 'run';
}

/** Whether `after` is what was written right after `before`. */
export function isLinked(before: Run, after: Run): boolean {
  return after.prev === before.last.hash && after.first.seq === before.last.seq + 1;
}

/** Beyond so many pieces a ledger is not arranged any more. */
export const maxItems = 5000;

export type RunBuilder = {
  readonly items: readonly Item[];
  overflow(): boolean;
  /** The run that the record is in, and whether it began there. */
  add(link: Link, spot: Spot, record: () => JsonObject | undefined): Placed;
  skip(spot: Spot, reason: string, claimed: number, extent: Break['extent']): void;
};

export type Placed = { readonly run: number; readonly linked: boolean };

/** `cuts`: a run ends after a line of such a hash, so that others that were chained to it can be told. */
export function createRuns(cuts: ReadonlySet<string> = new Set()): RunBuilder {
  const items: Item[] = [];
  let overflow = false;
  let total = 0;
  let open: Run | undefined;

  function push(item: Item): void {
    total += 1;
    if (items.length < maxItems) items.push(item);
    else overflow = true;
  }

  return {
    items,
    overflow: () => overflow,
    add(link, spot, record) {
      const stand: Stand = { seq: link.seq, hash: link.hash, at: link.at, spot };
      const linked = open !== undefined && open.last.hash === link.prev;
      if (open !== undefined && linked && open.last.seq + 1 === link.seq) {
        open.last = stand;
        open.count += 1;
        name(open, link, record);
        const run = open.index;
        if (cuts.has(link.hash)) open = undefined;
        return { run, linked: true };
      }
      const origin = originOf(overflow ? undefined : record());
      const place = { kind: 'run', index: total, first: stand, last: stand } as const;
      open = { ...place, prev: link.prev, count: 1, ...origin };
      push(open);
      const run = open.index;
      if (cuts.has(link.hash)) open = undefined;
      return { run, linked: false };
    },
    skip(spot, reason, claimed, extent) {
      open = undefined;
      const last = items.at(-1);
      const joins = last?.kind === 'break' && last.extent === 'lines' && extent === 'lines';
      if (joins && last.spot.segment === spot.segment) last.lines += 1;
      else push({ kind: 'break', index: total, spot, lines: 1, claimed, reason, extent });
    },
  };
}

/** Runs that do not begin with it say later whose they are. */
function name(run: Run, { kind }: Link, record: () => JsonObject | undefined): void {
  const isTelling =
    (run.ledger === undefined && (kind === 'segment' || kind === 'checkpoint')) ||
    (run.replica === undefined && (kind === 'segment' || kind === 'decision'));
  if (!isTelling) return;
  const { ledger, replica } = originOf(record());
  run.ledger ??= ledger;
  run.replica ??= replica;
}

type Origin = { readonly ledger: string | undefined; readonly replica: string | undefined };

/** Headers name both, checkpoints the ledger, decisions the replica. */
function originOf(record: JsonObject | undefined): Origin {
  const [ledger, replica] = ['ledger', 'replica'].map((key) => get(record, key));
  return {
    ledger: typeof ledger === 'string' ? ledger : checkpointOf(record)?.ledger,
    replica: typeof replica === 'string' ? replica : undefined,
  };
}

export function checkpointOf(record: JsonObject | undefined): Checkpoint | undefined {
  const note = get(record, 'note');
  const parsed = typeof note === 'string' ? parseNote(note) : undefined;
  return parsed?.ok === true ? parsed.value.checkpoint : undefined;
}
