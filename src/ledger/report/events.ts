// What happened to the gates themselves in the period: laws and their changes, gaps, what could not be decided or asked.
import { get, type JsonObject } from '../../base/json.ts';
import { bounded, createList, type Listed, type Ranked, ranked } from './counter.ts';
import { numberAt, textAt, textOrNullAt, textsAt } from './members.ts';
import { type LedgerRecord, nameOfSource } from './records.ts';
import type { ChangeRow, GapRow, LawRow, LedgerReport, Totals } from './report.ts';

const [mostChanges, mostLaws, mostKeys, mostListed] = [500, 200, 1000, 20];

export type LawInForce = Omit<LawRow, 'text'> & {
  /** Folders that may hold its text. */
  readonly paths: readonly string[];
};

export type Events = {
  /** Before the period: only what is still in force when it begins. */
  before(at: LedgerRecord, record: JsonObject): void;
  add(at: LedgerRecord, record: JsonObject): void;
  decided(at: LedgerRecord, policySet: string, revision: string | null): void;
  laws(): Listed<LawInForce>;
  changes(): Listed<ChangeRow>;
  gaps(): Listed<GapRow>;
  withdrawn(): LedgerReport['withdrawn'];
  unreadable(): Ranked<{ count: number }>;
  refused(): Ranked<{ callers: number; records: number }>;
};

type LawTally = {
  revisions: Set<string>;
  decisions: number;
  first: string | null;
  last: string | null;
  paths: Set<string>;
};

/** `totals`: counted into. */
export function createEvents(totals: Totals): Events {
  const laws = bounded(mostLaws, (): LawTally => {
    return { revisions: new Set(), decisions: 0, first: null, last: null, paths: new Set() };
  });
  const changes = createList<ChangeRow>(mostChanges);
  const gaps = createList<GapRow>(mostChanges);
  const withdrawn = createList<LedgerReport['withdrawn']['items'][number]>(mostChanges);
  const unreadable = bounded(mostKeys, () => ({ count: 0 }));
  const refused = bounded(mostKeys, () => ({ callers: 0, records: 0 }));
  /** By source: in force, and not yet known to have been so in the period. */
  const pending = new Map<number, JsonObject>();

  function inForce(path: string, policySet: string, revision: string | null): LawTally | undefined {
    if (policySet === '') return undefined;
    const law = laws.row(policySet);
    law.paths.add(path);
    if (revision !== null && law.revisions.size < mostListed) law.revisions.add(revision);
    return law;
  }

  function begin({ source }: LedgerRecord): void {
    const record = pending.get(source.index);
    if (record === undefined) return;
    pending.delete(source.index);
    inForce(source.path, textAt(record, 'policySet'), textOrNullAt(record, 'revision'));
  }

  function change(at: LedgerRecord, record: JsonObject): void {
    const outcome = textAt(record, at.kind === 'reload' ? 'outcome' : 'reason');
    const [from, policySet] = ['from', 'policySet'].map((key) => textOrNullAt(record, key));
    const [revision, mode] = ['revision', 'mode'].map((key) => textOrNullAt(record, key));
    const faults = textsAt(record, 'faults').slice(0, mostListed);
    const place = { at: at.at, seq: at.seq, replica: nameOfSource(at.source), kind: at.kind };
    const named = { from: from ?? null, policySet: policySet ?? null };
    changes.add({
      ...place,
      outcome,
      ...named,
      revision: revision ?? null,
      mode: mode ?? null,
      faults,
    });
    // A revision that was refused was never in force.
    const accepted = at.kind === 'start' || outcome === 'accepted';
    if (at.kind !== 'stop' && accepted) inForce(at.source.path, policySet ?? '', revision ?? null);
  }

  function gap(at: LedgerRecord, record: JsonObject): void {
    const [denied, allowed] = [numberAt(record, 'denied'), numberAt(record, 'allowed')];
    totals.missedDenied += denied;
    totals.missedAllowed += allowed;
    const place = { at: at.at, seq: at.seq, replica: nameOfSource(at.source) };
    const [from, to] = [textAt(record, 'from'), textAt(record, 'to')];
    gaps.add({ ...place, from, to, cause: textAt(record, 'cause'), denied, allowed });
  }

  return {
    before({ kind, source }, record) {
      const isLaw =
        kind === 'start' || (kind === 'reload' && textAt(record, 'outcome') === 'accepted');
      if (isLaw) pending.set(source.index, record);
    },
    add(at, record) {
      begin(at);
      switch (at.kind) {
        case 'start':
        case 'stop':
        case 'reload':
          change(at, record);
          break;
        case 'gap':
          gap(at, record);
          break;
        case 'unreadable':
          totals.unreadable += 1;
          unreadable.row(`${textAt(record, 'code')}: ${textAt(record, 'message')}`).count += 1;
          break;
        case 'refused': {
          const callers = numberAt(record, 'count');
          totals.refusedCallers += callers;
          const row = refused.row(textAt(get(record, 'sample'), 'cause'));
          row.callers += callers;
          row.records += 1;
          break;
        }
        case 'withdrawn': {
          totals.withdrawn += 1;
          const place = { at: at.at, seq: at.seq, replica: nameOfSource(at.source) };
          const [decision, cause] = [textAt(record, 'decision'), textAt(record, 'cause')];
          withdrawn.add({ ...place, decision, cause });
          break;
        }
        default:
          break;
      }
    },
    decided(at, policySet, revision) {
      begin(at);
      const law = inForce(at.source.path, policySet, revision);
      if (law === undefined) return;
      law.decisions += 1;
      law.first ??= at.at;
      law.last = at.at;
    },
    laws() {
      const items = laws.entries().map(([policySet, { revisions, paths, ...law }]) => {
        return { policySet, ...law, revisions: [...revisions], paths: [...paths] };
      });
      return { items, count: items.length + (laws.others() === null ? 0 : 1) };
    },
    changes: changes.listed,
    gaps: gaps.listed,
    withdrawn: withdrawn.listed,
    unreadable: () => ranked(unreadable, mostListed, ({ count }) => count),
    refused: () => ranked(refused, mostListed, ({ callers }) => callers),
  };
}
