// Decisions by day, policy, namespace and user; what was denied and warned about.
import { count, plural } from '../../../base/text.ts';
import type { Ranked } from '../../../ledger/report/counter.ts';
import type {
  DecisionCount,
  EvaluationCount,
  LedgerReport,
  RuleRow,
} from '../../../ledger/report/report.ts';
import {
  type Block,
  type Cell,
  type Chart,
  code,
  evaluationCells,
  evaluationColumns,
  type Figure,
  numberColumn,
  outcomeSeries,
  outcomeValues,
  type Section,
  tableOr,
  timeCell,
} from './blocks.ts';
import { periodsOf } from './periods.ts';

export function summarySection({ totals }: LedgerReport): Section {
  const figures: Figure[] = [
    { label: 'decisions', value: totals.decisions },
    { label: 'allowed', value: totals.allowed, tone: 'good' },
    { label: 'allowed with a warning', value: totals.warned, tone: 'mild' },
    { label: 'allowed by an exception', value: totals.excused, tone: 'mild' },
    { label: 'denied', value: totals.denied, tone: 'bad' },
    { label: 'with a rule in error', value: totals.errors },
    { label: 'dry runs', value: totals.dryRun },
    { label: 'unreadable requests', value: totals.unreadable },
    { label: 'callers turned away', value: totals.refusedCallers },
    { label: 'without a record', value: totals.missedDenied + totals.missedAllowed },
  ];
  const blocks: Block[] = [
    { kind: 'figures', figures },
    { kind: 'text', text: summaryText },
  ];
  if (totals.auditOnly > 0) {
    const text = `${count(totals.auditOnly, 'decision')} under mode AuditOnly, in which nothing is refused: ${totals.wouldDeny} would have been denied.`;
    blocks.push({ kind: 'verdict', tone: 'mild', title: 'AuditOnly', text });
  }
  if (totals.withdrawn > 0) {
    const text = `${count(totals.withdrawn, 'decision')} recorded too late ${plural(totals.withdrawn, 'was', 'were')} answered as ${plural(totals.withdrawn, 'a denial', 'denials')}, whatever was decided; here every decision is counted as it was decided.`;
    blocks.push({ kind: 'text', text });
  }
  if (totals.cut > 0) {
    blocks.push({
      kind: 'text',
      text: `${count(totals.cut, 'record')} of decisions were too large and lack parts; what they lack is not counted by policy or control.`,
    });
  }
  return { id: 'summary', title: 'Summary', blocks };
}

const summaryText =
  'Allowed, warned, excused and denied add up to all decisions; a decision with an exception and a warning counts as excused. Errors and dry runs are among them. Unreadable requests were refused without a decision, and callers turned away never got to ask.';

export function daysSection({ days }: LedgerReport): Section {
  const { unit, periods } = periodsOf(days.items);
  const title = `Decisions per ${unit}`;
  const chart: Chart = {
    ...{ kind: 'columns', title, series: outcomeSeries },
    description: `Stacked columns, one for each ${unit}: decisions that were allowed, warned about, excused and denied.`,
    items: periods.map(({ label, ...row }) => ({ label, values: outcomeValues(row) })),
  };
  const rows = periods
    .filter((row) => outcomeValues(row).some((value) => value > 0))
    .map(({ label, ...row }) => [label, ...decisionCells(row)]);
  const table = {
    caption: title,
    columns: [{ title: unit === 'day' ? 'Day (UTC)' : 'Month (UTC)' }, ...decisionColumns],
    rows,
    chart,
  };
  return section('days', title, [
    tableOr('There is no decision in the period.', { kind: 'table', ...table }),
  ]);
}

export function policiesSection({ policies }: LedgerReport): Section {
  const title = 'Decisions by policy';
  const series = [
    { label: 'excused', tone: 'excused' },
    { label: 'noted', tone: 'plain' },
    { label: 'warned', tone: 'mild' },
    { label: 'denied', tone: 'bad' },
  ] as const;
  const told = policies.rows.filter((row) => row.denied + row.warned + row.noted + row.excused > 0);
  const items = told
    .toSorted((a, b) => b.denied - a.denied || b.warned - a.warned)
    .slice(0, mostBars)
    .map(({ name, excused, noted, warned, denied }) => ({
      label: name,
      values: [excused, noted, warned, denied],
    }));
  const description =
    'Lying bars, one for each policy that was broken: in how many decisions it was excused, noted, warned about and denied.';
  const chart: Chart = {
    kind: 'bars',
    title: 'Policies that were broken',
    description,
    series,
    items,
  };
  const rows = policies.rows.map((row): readonly Cell[] => [
    code(row.name),
    ...evaluationCells(row),
  ]);
  const note = `${evaluationNote}${othersNote(policies, 'policy', 'policies')}`;
  const columns = [{ title: 'Policy' }, ...evaluationColumns];
  const table: Block = {
    kind: 'table',
    caption: title,
    columns,
    rows: withOthers(rows, policies, evaluationCells),
    note,
    ...(items.length === 0 ? {} : { chart }),
  };
  return section('policies', title, [tableOr('No policy was evaluated in the period.', table)]);
}

const evaluationNote =
  'Each number counts decisions. Noted: broken without a consequence (the action Audit, or what AuditOnly would have denied). Errors are among the others.';

export function namespacesSection({ namespaces }: LedgerReport): Section {
  return byName('namespaces', 'Decisions by namespace', 'Namespace', namespaces);
}

export function usersSection({ users }: LedgerReport): Section {
  return byName('users', 'Decisions by user', 'User', users);
}

const mostBars = 12;

function byName(id: string, title: string, what: string, ranked: Ranked<DecisionCount>): Section {
  const label = (name: string): string =>
    name === '' ? (id === 'namespaces' ? '(no namespace)' : '(no name)') : name;
  const items = ranked.rows
    .slice(0, mostBars)
    .map((row) => ({ label: label(row.name), values: outcomeValues(row) }));
  const description = `Lying bars, one for each ${what.toLowerCase()} with most decisions: how many were allowed, warned about, excused and denied.`;
  const chart: Chart = { kind: 'bars', title, description, series: outcomeSeries, items };
  const rows = ranked.rows.map((row) => [code(label(row.name)), ...decisionCells(row)]);
  const note = othersNote(ranked, what.toLowerCase(), `${what.toLowerCase()}s`);
  const table = {
    ...{ caption: title, columns: [{ title: what }, ...decisionColumns], chart },
    ...{
      rows: withOthers(rows, ranked, decisionCells),
      ...(note === '' ? {} : { note: note.trim() }),
    },
  };
  return section(id, title, [
    tableOr('There is no decision in the period.', { kind: 'table', ...table }),
  ]);
}

const decisionColumns = ['All', 'Allowed', 'Warned', 'Excused', 'Denied', 'Errors'].map(
  numberColumn,
);

function decisionCells(row: DecisionCount): readonly Cell[] {
  const values = outcomeValues(row);
  return [values.reduce((sum, value) => sum + value, 0), ...values, row.errors];
}

function withOthers<Row extends DecisionCount | EvaluationCount>(
  rows: readonly (readonly Cell[])[],
  { others }: Ranked<Row>,
  cells: (row: Row) => readonly Cell[],
): readonly (readonly Cell[])[] {
  return others === null ? rows : [...rows, ['all others', ...cells(others)]];
}

function othersNote({ others, rows }: Ranked<unknown>, one: string, many: string): string {
  if (others === null) return '';
  const names =
    others.names === null
      ? `more ${many} than were counted one by one`
      : count(others.names, `more ${one}`, `more ${many}`);
  return ` The ${rows.length} with most are listed; all others are ${names}.`;
}

export function violationsSection({ rules }: LedgerReport): Section {
  const columns = [{ title: 'Rule' }, ...evaluationColumns, { title: 'Last' }];
  const rows = rules.items.map((row): readonly Cell[] => [
    code(row.rule),
    ...evaluationCells(row),
    lastText(row),
  ]);
  const more =
    rules.count > rows.length ? ` ${rules.count - rows.length} more rules are not listed.` : '';
  const note = `What the last decision was about that broke the rule; the record is read in full with: sekisho ledger show DIR ID.${more}`;
  const table: Block = { kind: 'table', caption: 'Rules that were broken', columns, rows, note };
  return section('violations', 'Denials and warnings', [
    tableOr('No rule was broken in the period.', table),
  ]);
}

function lastText({ last }: RuleRow): string {
  if (last === null) return '';
  const { at, user, operation, object, id, message } = last;
  return `${timeCell(at)}, ${user}: ${operation} ${object}. ${message} (${id})`;
}

function section(id: string, title: string, blocks: readonly Block[]): Section {
  return { id, title, blocks };
}
