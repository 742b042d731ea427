// The sections of a report, in the order in which an auditor asks: is it complete, what was decided, what was permitted
// and by whom, under which law, and which control it is evidence for.
import { count } from '../../../base/text.ts';
import type { LedgerReport } from '../../../ledger/report/report.ts';
import type { ReportDocument } from './blocks.ts';
import { completenessSection } from './completeness.ts';
import { controlsSection } from './controls.ts';
import {
  daysSection,
  namespacesSection,
  policiesSection,
  summarySection,
  usersSection,
  violationsSection,
} from './decisions.ts';
import { exceptionsSection, lawSection, strangersSection } from './law.ts';

export function documentOf(report: LedgerReport): ReportDocument {
  const { ledgers, madeAt, madeBy, framework } = report;
  const clusters = [...new Set(ledgers.map(({ cluster }) => cluster))].filter(
    (name) => name !== '',
  );
  return {
    title: 'Admission decisions: report for audit',
    facts: [
      ['Period', periodText(report)],
      ['Cluster', clusters.length === 0 ? 'not told' : clusters.join(', ')],
      [
        'Ledgers',
        `${count(ledgers.length, 'ledger')}: ${ledgers.map(({ replica, path }) => (replica === '' ? path : replica)).join(', ')}`,
      ],
      ...(framework === null ? [] : ([['Framework', framework]] as const)),
      ['Made', `${madeAt} by Sekisho ${madeBy}`],
    ],
    sections: [
      completenessSection(report),
      summarySection(report),
      daysSection(report),
      policiesSection(report),
      violationsSection(report),
      namespacesSection(report),
      usersSection(report),
      exceptionsSection(report),
      lawSection(report),
      strangersSection(report),
      controlsSection(report),
    ],
  };
}

/** Where no end is asked for, the first and the last record. */
function periodText({ period, ledgers }: LedgerReport): string {
  const times = ledgers
    .flatMap(({ first, last }) => [first?.at ?? '', last?.at ?? ''])
    .filter((at) => at !== '')
    .sort();
  const from = period.from ?? `${times[0] ?? 'the beginning'} (the first record)`;
  const to =
    period.to === null
      ? `${times.at(-1) ?? 'the end'} (the last record)`
      : `${period.to}, exclusive`;
  return `${from} to ${to}`;
}
