// A report over ledgers: verified first where keys are given, then every record read once, counted in bounded memory.
import type { Diagnostic } from '../../base/diagnostic.ts';
import type { RootKey } from '../format/keys.ts';
import { recordOf } from '../format/kinds.ts';
import type { Verification } from '../verify/finding.ts';
import { verifyLedger } from '../verify/verify.ts';
import type { FrameworkName } from './catalogue.ts';
import { frameworkParts, withoutControl } from './controls.ts';
import { decisionFacts } from './decision-facts.ts';
import { createDecisions } from './decisions.ts';
import { createEvents } from './events.ts';
import { isWithin } from './filter.ts';
import { readLawTexts } from './law-texts.ts';
import { textOrNullAt } from './members.ts';
import { type LedgerRecord, mergedRecords, type Oddity, type Source } from './records.ts';
import type { LedgerReport } from './report.ts';
import { createSequence } from './sequence.ts';
import { timeText } from './when.ts';

export type ReportOptions = {
  readonly sources: readonly Source[];
  /** Milliseconds since 1970; null: no end on this side. */
  readonly from: number | null;
  readonly to: number | null;
  readonly framework: FrameworkName | null;
  /** null: nothing is verified. */
  readonly keys: readonly RootKey[] | null;
  readonly madeAt: string;
  readonly madeBy: string;
};

/** Before the period these alone matter: they say which law is in force when it begins. */
const lawKinds: ReadonlySet<string> = new Set(['start', 'reload']);
/** Of these only the place counts. */
const emptyKinds: ReadonlySet<string> = new Set([
  'segment',
  'checkpoint',
  'redaction',
  'retention',
]);

export async function makeReport(options: ReportOptions): Promise<LedgerReport> {
  const { sources, keys, framework } = options;
  const paths = sources.map(({ path }) => path);
  const verification = keys === null ? null : await verifyLedger(paths, keys);
  const sequences = sources.map((source) =>
    createSequence(source, coveredOf(verification, source)),
  );
  const decisions = createDecisions();
  const events = createEvents(decisions.totals);
  const unread: Diagnostic[] = [];
  const tell = (oddity: Oddity): void => {
    sequences[oddity.source.index]?.odd(oddity);
    if (oddity.kind === 'unread') unread.push(oddity.fault);
  };
  for await (const at of mergedRecords(sources, { tell })) {
    const isInPeriod = isWithin(options, at.time);
    sequences[at.source.index]?.see(at, isInPeriod);
    if (emptyKinds.has(at.kind) || !(isInPeriod || lawKinds.has(at.kind))) continue;
    count(at, isInPeriod ? 'in' : isBefore(options, at) ? 'before' : 'after');
  }

  function count(at: LedgerRecord, when: 'before' | 'in' | 'after'): void {
    if (when === 'after') return;
    const record = recordOf(at.bytes);
    if (record === undefined) {
      const { source, file, line } = at;
      sequences[source.index]?.odd({ kind: 'damaged', source, file, line });
    } else if (when === 'before') events.before(at, record);
    else if (at.kind === 'decision') {
      const decision = decisionFacts(record);
      decisions.add(at, decision);
      events.decided(at, decision.policySet, textOrNullAt(record, 'revision'));
    } else events.add(at, record);
  }

  const laws = events.laws();
  const texts = await readLawTexts(laws.items);
  const { from, to, madeAt, madeBy } = options;
  return {
    period: { from: from === null ? null : timeText(from), to: to === null ? null : timeText(to) },
    ...{ madeAt, madeBy, framework, ledgers: sequences.map((each) => each.part()), verification },
    gaps: events.gaps(),
    totals: decisions.totals,
    days: decisions.days(),
    policies: decisions.policies(),
    namespaces: decisions.namespaces(),
    users: decisions.users(),
    rules: decisions.rules(),
    exceptions: decisions.exceptions(),
    laws: { items: texts.laws, count: laws.count },
    changes: events.changes(),
    unreadable: events.unreadable(),
    refused: events.refused(),
    withdrawn: events.withdrawn(),
    frameworks: frameworkParts(decisions.controls(), texts.policies, framework),
    withoutControl: withoutControl(texts.policies),
    unread: [...(verification?.unread ?? []), ...unread],
  };
}

function coveredOf(verification: Verification | null, { path }: Source): number | null {
  if (verification === null) return null;
  const own = verification.ledgers.find((each) => each.path === path);
  return own?.covered?.seq ?? 0;
}

function isBefore({ from }: ReportOptions, { time }: LedgerRecord): boolean {
  return from !== null && time < from;
}
