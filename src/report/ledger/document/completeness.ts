// How complete the records are: what was proven, the numbers of the records, gaps that the ledgers declare.
import { count, plural } from '../../../base/text.ts';
import type { LedgerPart, LedgerReport } from '../../../ledger/report/report.ts';
import { faultKinds, remarkKinds, type Verification } from '../../../ledger/verify/finding.ts';
import {
  type Block,
  type Cell,
  code,
  numberColumn,
  type Section,
  type Tone,
  timeCell,
} from './blocks.ts';

export function completenessSection(report: LedgerReport): Section {
  const { ledgers, verification } = report;
  const blocks: Block[] = [
    verdict(report),
    { kind: 'text', text: numbersText(ledgers) },
    ledgerTable(ledgers, verification),
    ...gapBlocks(report),
    ...(verification === null ? [] : findingBlocks(verification)),
    ...(report.unread.length === 0 ? [] : [unreadTable(report)]),
  ];
  return { id: 'completeness', title: 'Completeness', blocks };
}

function verdict({ verification, unread, ledgers }: LedgerReport): Block {
  const said = (tone: Tone, title: string, text: string): Block => ({
    kind: 'verdict',
    tone,
    title,
    text,
  });
  if (unread.length > 0) {
    return said(
      'bad',
      'Not complete',
      `${count(unread.length, 'file')} could not be read: what they hold is not in this report.`,
    );
  }
  if (verification === null) {
    return said(
      'mild',
      'Not verified',
      'No pinned keys were given (--keys), so nothing here proves that no record was changed, removed or added. The records were counted as they lie there.',
    );
  }
  const { findings, more } = verification;
  if (findings.length > 0) {
    return said(
      'bad',
      'Not proven',
      `Verification found ${count(findings.length, 'fault')}${more > 0 ? ' or more' : ''}; each is listed below.`,
    );
  }
  const late = ledgers.reduce((sum, { uncovered }) => sum + (uncovered ?? 0), 0);
  const covered =
    late === 0
      ? 'Signed checkpoints cover every record of the period.'
      : `${count(late, 'record')} of the period ${plural(late, 'is', 'are')} not covered by a signed checkpoint yet.`;
  return said(
    late === 0 ? 'good' : 'mild',
    'Proven',
    `The chain of every ledger holds, from keys that were pinned, and no fault was found. ${covered}`,
  );
}

function numbersText(ledgers: readonly LedgerPart[]): string {
  const sum = (of: (part: LedgerPart) => number): number =>
    ledgers.reduce((n, part) => n + of(part), 0);
  const missing = sum(({ missing: { items } }) =>
    items.reduce((n, { from, to }) => n + to - from + 1, 0),
  );
  const [damaged, odd] = [sum((part) => part.damaged), sum((part) => part.outOfOrder)];
  const removed = ledgers.filter(({ first }) => first !== null && first.seq > 1).length;
  const parts = [
    missing === 0
      ? 'No record number is missing between the first and the last record of any ledger'
      : `${count(missing, 'record number')} missing`,
    ...(damaged === 0
      ? []
      : [`${count(damaged, 'line')} that ${plural(damaged, 'is', 'are')} no record`]),
    ...(odd === 0 ? [] : [`${count(odd, 'record')} out of order`]),
    ...(removed === 0 ? [] : [`${count(removed, 'ledger')} whose oldest records were removed`]),
  ];
  return `${parts.join('; ')}. Every record has a number, one more than the one before it; the table is about the whole of each ledger.`;
}

function ledgerTable(ledgers: readonly LedgerPart[], verification: Verification | null): Block {
  const rows = ledgers.map((part): readonly Cell[] => {
    const proven = verification?.ledgers.find(({ path }) => path === part.path)?.covered ?? null;
    return [
      part.replica === '' ? part.path : part.replica,
      part.cluster,
      part.first === null || part.last === null ? 'none' : `${part.first.seq} – ${part.last.seq}`,
      timeCell(part.first?.at ?? null),
      timeCell(part.last?.at ?? null),
      part.inPeriod.records,
      missingText(part),
      verification === null
        ? { text: 'not verified', tone: 'mild' }
        : proven === null
          ? { text: 'nothing', tone: 'bad' }
          : `record ${proven.seq}`,
    ];
  });
  const columns = [
    ...['Replica', 'Cluster', 'Records', 'From', 'To'].map((title) => ({ title })),
    numberColumn('In the period'),
    { title: 'Missing' },
    { title: 'Vouched for up to' },
  ];
  return { kind: 'table', caption: 'Ledgers', columns, rows, note: 'Times are UTC.' };
}

function missingText({ missing: { items, count: all } }: LedgerPart): Cell {
  if (items.length === 0) return 'none';
  const shown = items
    .slice(0, 5)
    .map(({ from, to }) => (from === to ? `${from}` : `${from} – ${to}`));
  return { text: `${shown.join(', ')}${all > 5 ? `, and ${all - 5} more` : ''}`, tone: 'bad' };
}

function gapBlocks({ gaps, totals, withdrawn }: LedgerReport): readonly Block[] {
  const blocks: Block[] = [];
  if (gaps.count === 0) {
    blocks.push({
      kind: 'text',
      text: 'The ledgers declare no gap in the period: none of them says that an answer was given without a record.',
    });
  } else {
    const rows = gaps.items.map((gap): readonly Cell[] => [
      gap.replica,
      timeCell(gap.from),
      timeCell(gap.to),
      gap.denied,
      gap.allowed,
      gap.cause,
      gap.seq,
    ]);
    const columns = [
      ...['Replica', 'From', 'To'].map((title) => ({ title })),
      numberColumn('Denied'),
      numberColumn('Allowed'),
      { title: 'Cause' },
      numberColumn('Record'),
    ];
    const listed =
      gaps.count > rows.length ? ` Only the first ${rows.length} of ${gaps.count} are listed.` : '';
    const note = `Answers without a record: ${totals.missedDenied} denied, ${totals.missedAllowed} allowed.${listed}`;
    blocks.push({ kind: 'table', caption: 'Gaps that the ledgers declare', columns, rows, note });
  }
  if (withdrawn.count > 0) {
    const rows = withdrawn.items.map((each): readonly Cell[] => [
      timeCell(each.at),
      each.replica,
      code(each.decision),
      each.cause,
      each.seq,
    ]);
    const columns = [
      ...['Time', 'Replica', 'Decision', 'Cause'].map((title) => ({ title })),
      numberColumn('Record'),
    ];
    blocks.push({
      kind: 'table',
      caption: 'Decisions that were recorded too late, and answered as denials',
      columns,
      rows,
    });
  }
  return blocks;
}

const mostListed = 50;

function findingBlocks({ findings, remarks, more }: Verification): readonly Block[] {
  const place = ({ file, line }: { file: string; line: number }): string =>
    line === 0 ? file : `${file}:${line}`;
  const columns = ['What', 'Record', 'Where', 'Finding'].map((title) => ({ title }));
  const records = ({ seq, to }: { seq: number | null; to: number | null }): string =>
    seq === null ? '–' : seq === to ? String(seq) : `${seq} – ${to}`;
  const blocks: Block[] = [];
  if (findings.length > 0) {
    const rows = findings
      .slice(0, mostListed)
      .map((each): readonly Cell[] => [
        { text: `${each.kind}: ${faultKinds[each.kind]}`, tone: 'bad' },
        records(each),
        code(place(each)),
        each.message,
      ]);
    const beyond = findings.length + more - rows.length;
    blocks.push({
      kind: 'table',
      caption: 'Faults',
      columns,
      rows,
      ...(beyond > 0
        ? { note: `And ${beyond} more, with remarks: sekisho ledger verify -o json.` }
        : {}),
    });
  }
  if (remarks.length > 0) {
    const rows = remarks
      .slice(0, mostListed)
      .map((each): readonly Cell[] => [
        `${each.kind}: ${remarkKinds[each.kind]}`,
        records(each),
        code(place(each)),
        each.message,
      ]);
    blocks.push({ kind: 'table', caption: 'Remarks, which are no faults', columns, rows });
  }
  return blocks;
}

function unreadTable({ unread }: LedgerReport): Block {
  const rows = unread
    .slice(0, mostListed)
    .map(({ file, message }): readonly Cell[] => [code(file), message]);
  return {
    kind: 'table',
    caption: 'Files that could not be read',
    columns: [{ title: 'File' }, { title: 'Cause' }],
    rows,
  };
}
