// Exceptions with their approvals, policy sets and their changes, and what never became a decision.
import { plural } from '../../../base/text.ts';
import type { ChangeRow, LawRow, LedgerReport } from '../../../ledger/report/report.ts';
import {
  type Block,
  type Cell,
  code,
  hashCell,
  numberColumn,
  type Section,
  tableOr,
  timeCell,
} from './blocks.ts';

export function exceptionsSection({ exceptions: { items, count } }: LedgerReport): Section {
  const columns = [
    ...['Exception', 'Rules', 'Reason', 'Owner, ticket', 'Approved by', 'Expires'].map((title) => ({
      title,
    })),
    numberColumn('Used'),
    ...['Namespaces', 'First and last use'].map((title) => ({ title })),
  ];
  const rows = items.map((each): readonly Cell[] => [
    ...[code(each.name), each.rules.join(', '), each.reason, each.owner + ticketText(each.ticket)],
    ...[each.approvedBy, timeCell(each.expires), each.uses, each.namespaces.join(', ')],
    `${timeCell(each.first)} – ${timeCell(each.last)}`,
  ]);
  const more = count > items.length ? ' There are more than are listed.' : '';
  const note = `Who approved an exception is what its file says: that is claimed, and verified by nobody. An exception whose terms changed has a line for each.${more}`;
  const table: Block = {
    kind: 'table',
    caption: 'Exceptions that permitted something',
    columns,
    rows,
    note,
  };
  return {
    id: 'exceptions',
    title: 'Exceptions used',
    blocks: [tableOr('No exception was used in the period.', table)],
  };
}

function ticketText(ticket: string): string {
  return ticket === '' ? ', no ticket' : `, ${ticket}`;
}

export function lawSection({ laws, changes }: LedgerReport): Section {
  const listed =
    changes.count > changes.items.length
      ? [
          {
            kind: 'text',
            text: `Only the first ${changes.items.length} of ${changes.count} changes are listed.`,
          } as const,
        ]
      : [];
  const blocks: readonly Block[] = [
    lawTable(laws.items, laws.count),
    changeTable(changes.items),
    ...listed,
  ];
  return { id: 'law', title: 'Policies in force and their changes', blocks };
}

const texts: Readonly<Record<LawRow['text'], Cell>> = {
  kept: { text: 'kept', tone: 'good' },
  absent: { text: 'not beside the ledger', tone: 'mild' },
  altered: { text: 'not what its name says', tone: 'bad' },
  unread: { text: 'could not be read', tone: 'bad' },
};

function lawTable(laws: readonly LawRow[], count: number): Block {
  const columns = [
    { title: 'Policy set' },
    { title: 'Revision' },
    numberColumn('Decisions'),
    { title: 'First' },
    { title: 'Last' },
    { title: 'Text' },
  ];
  const rows = laws.map((law): readonly Cell[] => [
    ...[code(law.policySet), law.revisions.length === 0 ? 'not told' : law.revisions.join(', ')],
    ...[law.decisions, timeCell(law.first), timeCell(law.last), texts[law.text]],
  ]);
  const more = count > laws.length ? ' There are more than are listed.' : '';
  const note = `A policy set is named by the sha256 of its text, which lies in the folder policies beside the records: with it every decision can be made again.${more}`;
  return tableOr('No record of the period names a policy set.', {
    kind: 'table',
    caption: 'Policy sets in force',
    columns,
    rows,
    note,
  });
}

function changeTable(changes: readonly ChangeRow[]): Block {
  const columns = [
    ...['Time', 'Replica', 'What', 'Policy set', 'Revision', 'Why'].map((title) => ({ title })),
    numberColumn('Record'),
  ];
  const rows = changes.map((each): readonly Cell[] => [
    ...[
      timeCell(each.at),
      each.replica,
      whatCell(each),
      hashCell(each.kind === 'stop' ? null : each.policySet),
    ],
    ...[
      each.revision ?? '–',
      each.kind === 'reload'
        ? each.faults.join('; ')
        : each.kind === 'stop'
          ? each.outcome
          : modeText(each),
      each.seq,
    ],
  ]);
  return tableOr('No gate was started or stopped, and no policies were changed in the period.', {
    ...{ kind: 'table', caption: 'Changes of policies, starts and stops', columns, rows },
    note: 'After a reload that was refused the policy set is the one that stayed in force.',
  });
}

function whatCell({ kind, outcome }: ChangeRow): Cell {
  if (kind !== 'reload') return kind;
  return { text: `reload ${outcome}`, tone: outcome === 'accepted' ? 'plain' : 'mild' };
}

function modeText({ mode }: ChangeRow): string {
  return mode === null ? '' : `mode ${mode}`;
}

export function strangersSection({ unreadable, refused, totals }: LedgerReport): Section {
  const unreadableTable: Block = {
    ...{ kind: 'table', caption: 'Requests that could not be read, and were refused' },
    ...{ columns: [{ title: 'Cause' }, numberColumn('Requests')] },
    rows: [
      ...unreadable.rows.map(({ name, count }): readonly Cell[] => [name, count]),
      ...(unreadable.others === null ? [] : [['all others', unreadable.others.count]]),
    ],
  };
  const refusedTable: Block = {
    ...{ kind: 'table', caption: 'Callers that were turned away before they could ask' },
    ...{
      columns: [{ title: 'Cause of the sample' }, numberColumn('Callers'), numberColumn('Records')],
    },
    rows: [
      ...refused.rows.map(({ name, callers, records }): readonly Cell[] => [
        name,
        callers,
        records,
      ]),
      ...(refused.others === null
        ? []
        : [['all others', refused.others.callers, refused.others.records]]),
    ],
    note: 'At most one record a minute, with a count and one sample.',
  };
  const none = `No request was unreadable, and no ${plural(totals.refusedCallers, 'caller')} turned away.`;
  const both = [unreadableTable, refusedTable].filter(
    (table) => table.kind === 'table' && table.rows.length > 0,
  );
  const blocks: readonly Block[] = both.length > 0 ? both : [{ kind: 'text', text: none }];
  return { id: 'strangers', title: 'Unreadable requests and callers turned away', blocks };
}
