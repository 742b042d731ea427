// One ledger, verified: a pass over its lines; a second one only where they do not fit together, to tell what was done.
import type { Diagnostic } from '../../base/diagnostic.ts';
import type { RootKey } from '../format/keys.ts';
import { peekHeader } from '../read/read.ts';
import { type Arrangement, arrange, identityOf } from './arrange.ts';
import { keyFileFaults, lastEpoch, strangers } from './beside.ts';
import { createSightings, expectedFaults, type Kept, readKept } from './expected.ts';
import { type Finding, found, type LedgerSummary, type Remark } from './finding.ts';
import { createKeyChain, type KeyChain, readEpochs } from './key-chain.ts';
import { type Item, isRun, type Run } from './runs.ts';
import { type Scan, type Seen, scan, type Watcher } from './scan.ts';
import { createSeals, type Seals } from './seals.ts';
import type { Source } from './sources.ts';
import { structureFaults } from './structure.ts';
import { createTally, isStopped, type Tally } from './tally.ts';

export type LedgerOptions = {
  readonly pinned: readonly RootKey[];
  /** Checkpoints that an auditor kept, of any ledger. */
  readonly kept: readonly Kept[];
  readonly watch: Watcher;
  readonly progress: (bytes: number) => void | Promise<void>;
};

export type VerifiedLedger = {
  readonly summary: LedgerSummary;
  readonly findings: readonly Finding[];
  readonly remarks: readonly Remark[];
  readonly unread: readonly Diagnostic[];
};

type Pass = {
  readonly scan: Scan;
  readonly seals: Seals;
  readonly tally: Tally;
  readonly keys: () => KeyChain | undefined;
  readonly sightings: ReturnType<typeof createSightings>;
  readonly beside: readonly Finding[];
};

export async function verifyOne(source: Source, options: LedgerOptions): Promise<VerifiedLedger> {
  const newest = readKept(source.checkpoint === undefined ? [] : [source.checkpoint]);
  const kept = [...newest.kept, ...options.kept];
  const hint = await ledgerOf(source, newest.kept);
  const first = await pass(source, { ...options, kept }, hint, new Set());
  if (isWhole(first.scan)) return conclude(source, first, newest, kept, new Set());
  const { cuts, hashes } = questions(first.scan.items);
  const repeated = createRepeated(hashes);
  const ledger = identityOf(first.scan.items).ledger ?? hint;
  const again = { ...options, kept, watch: repeated.watch };
  const second = await pass(source, again, ledger, cuts);
  return conclude(source, second, newest, kept, repeated.hashes());
}

/** The first header says it; where that is gone, the newest checkpoint. */
async function ledgerOf(
  { segments: [first] }: Source,
  newest: readonly Kept[],
): Promise<string | undefined> {
  const header = first === undefined ? undefined : await peekHeader(first.file);
  return header?.ledger ?? newest[0]?.note.checkpoint.ledger;
}

function isWhole({ items }: Scan): boolean {
  const [first, second, third] = items;
  const isTail = second === undefined || (second.kind === 'break' && second.extent === 'tail');
  return first?.kind === 'run' && isTail && third === undefined;
}

/** Where runs begin: what was written before them may be within another run, and they may be copies. */
function questions(items: readonly Item[]): { cuts: Set<string>; hashes: Set<string> } {
  const runs = items.filter(isRun);
  return {
    cuts: new Set(runs.map(({ prev }) => prev)),
    hashes: new Set(runs.map(({ first }) => first.hash)),
  };
}

function createRepeated(hashes: ReadonlySet<string>) {
  const times = new Map<string, number>();
  return {
    watch({ link: { hash } }: Seen): void {
      if (hashes.has(hash)) times.set(hash, (times.get(hash) ?? 0) + 1);
    },
    hashes: (): ReadonlySet<string> =>
      new Set([...times].filter(([, count]) => count > 1).map(([hash]) => hash)),
  };
}

async function pass(
  source: Source,
  { pinned, kept, watch, progress }: LedgerOptions,
  ledger: string | undefined,
  cuts: ReadonlySet<string>,
): Promise<Pass> {
  const beside: Finding[] = [];
  let keys: KeyChain | undefined;
  const keysOf = (id: string): KeyChain => {
    keys = createKeyChain(id, pinned);
    const { epochs } = source;
    const fault = epochs && readEpochs(epochs.text, epochs.file, id, keys);
    if (fault !== undefined) beside.push(fault);
    return keys;
  };
  const seals = createSeals(ledger, keysOf);
  const tally = createTally();
  const sightings = createSightings(kept);
  const watchAll: Watcher = (seen) => {
    seals.watch(seen);
    tally.watch(seen);
    sightings.watch(seen);
    watch(seen);
  };
  const scanned = await scan(source.segments, watchAll, { cuts, progress });
  return { scan: scanned, seals, tally, keys: () => keys, sightings, beside };
}

function conclude(
  source: Source,
  made: Pass,
  newest: ReturnType<typeof readKept>,
  kept: readonly Kept[],
  repeated: ReadonlySet<string>,
): VerifiedLedger {
  const { items, segments, unread, overflow } = made.scan;
  const identity = identityOf(items);
  const arrangement = arrange(items, identity, segments[0]?.file.first ?? null);
  const runs = new Set(arrangement.placed.map(({ index }) => index));
  const { partial } = source;
  const structure = structureFaults({
    ...{ items, segments, identity, arrangement, repeated, partial },
    retained: made.tally.state.retained.filter(({ run }) => runs.has(run)),
    signed: made.seals.state.newest?.checkpoint.seq ?? 0,
  });
  const sealed = made.seals.faults().filter(({ run }) => runs.has(run) || overflow);
  const sealFaults = sealed.map(({ finding }) => finding);
  const exact = new Set(sealFaults.map(({ seq }) => seq));
  // A checkpoint that is not what was written there: its own fault says more.
  const lines = structure.findings.filter(({ kind, seq }) => kind !== 'altered' || !exact.has(seq));
  const told = [...newest.findings, ...made.beside, ...lines, ...sealFaults];
  if (overflow) told.push(tooMany(source));
  const own =
    made.seals.state.header?.ledger ?? identity.ledger ?? newest.kept[0]?.note.checkpoint.ledger;
  const last = arrangement.placed.at(-1)?.last;
  const expected = expectedFaults(
    [...kept, ...lastEpoch(source, made.keys())].filter(
      ({ note }) => note.checkpoint.ledger === own,
    ),
    {
      last: { seq: last?.seq ?? 0, place: last?.spot ?? { file: source.path, line: 0 } },
      keys: made.keys(),
      sighting: (seq) => made.sightings.at(seq, runs),
      diverged: sealFaults.find(({ kind }) => kind === 'altered')?.seq ?? undefined,
      ...{ partial, findings: told },
    },
  );
  const findings = [
    ...told,
    ...strangers(newest.kept, own),
    ...expected,
    ...nameless(made, source),
  ];
  findings.push(...keyFileFaults(source, made.keys(), own));
  const truncated = expected.some(({ kind }) => kind === 'truncated');
  const torn = structure.remarks.filter(({ kind }) => kind !== 'torn' || !truncated);
  return {
    summary: summaryOf(source, made, arrangement),
    findings: findings.sort(bySeq),
    remarks: [...torn, ...made.tally.state.remarks, ...remarksOf(source, made, newest.kept, last)],
    unread,
  };
}

function bySeq(a: Finding, b: Finding): number {
  return (a.seq ?? 0) - (b.seq ?? 0);
}

function tooMany({ path }: Source): Finding {
  const text = 'the ledger is in too many pieces to tell what was done to each';
  return found('altered', { file: path, line: 0 }, [null, null], text);
}

/** Nothing says whose ledger it is. */
function nameless(
  { seals, tally, scan: { segments, items } }: Pass,
  { path }: Source,
): readonly Finding[] {
  if (seals.state.header !== null || tally.state.records === 0) return [];
  if (items.some(({ kind }) => kind === 'break')) return [];
  const text = 'no segment says which ledger it is, so no key can vouch for it';
  return [found('unsigned', { file: segments[0]?.shown ?? path, line: 1 }, [null, null], text)];
}

function remarksOf(
  { path, partial, checkpoint }: Source,
  { seals: { state }, tally }: Pass,
  newest: readonly Kept[],
  last: Run['last'] | undefined,
): readonly Remark[] {
  const remarks: Remark[] = state.roots.map(({ epoch, place, seq }) =>
    found(
      'root',
      place,
      [seq, null],
      `epoch ${epoch} begins with a root key of its own, which is pinned`,
    ),
  );
  const whole = { file: path, line: 0 };
  const signed = state.newest?.checkpoint.seq ?? 0;
  // The record that holds the newest checkpoint is signed by what it holds.
  if (last !== undefined && last.seq > signed + 1) {
    const text = `${last.seq - Math.max(signed + 1, (tally.state.first?.seq ?? 1) - 1)} records are not covered by a checkpoint yet`;
    remarks.push(found('uncovered', last.spot, [signed + 2, last.seq], text));
  }
  if (partial) return remarks;
  if (last !== undefined && !isStopped(tally.state.ending)) {
    const text =
      'the ledger does not end with a stop: it is being written, or its writer was ended';
    remarks.push(found('open', last.spot, [last.seq, null], text));
  }
  const [note] = newest;
  if (checkpoint === undefined && state.newest !== null) {
    const text =
      'the file "checkpoint" is not there: that the end of the ledger is here is not proven';
    remarks.push(found('stale', whole, [null, null], text));
  } else if (note !== undefined && note.note.checkpoint.seq < signed) {
    const text = `the file "checkpoint" is of record ${note.note.checkpoint.seq}, and the ledger has one of record ${signed}`;
    remarks.push(found('stale', { file: note.file, line: 0 }, [null, null], text));
  }
  return remarks;
}

function summaryOf(
  { path }: Source,
  { scan: { segments }, seals: { state }, tally }: Pass,
  { placed }: Arrangement,
): LedgerSummary {
  const [first, last] = [placed[0]?.first, placed.at(-1)?.last];
  return {
    path,
    ledger: state.header?.ledger ?? null,
    replica: state.header?.replica ?? null,
    cluster: state.header?.cluster ?? null,
    segments: segments.length,
    bytes: segments.reduce((sum, { bytes }) => sum + bytes, 0),
    records: tally.state.records,
    first: first === undefined ? null : { seq: first.seq, at: first.at },
    last: last === undefined ? null : { seq: last.seq, at: last.at },
    checkpoints: state.checkpoints,
    epochs: state.epochs,
    covered: state.covered,
    gaps: tally.state.gaps,
  };
}
