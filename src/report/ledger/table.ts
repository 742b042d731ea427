// Records as a table that fits the terminal: a line for each, a heading for each day; where it is narrow the rules get
// a line of their own. Threat: every text is from whoever asked; none gets here unprintable.
import type { JsonObject } from '../../base/json.ts';
import { cut, printable } from '../../base/text.ts';
import { type DecisionFacts, decisionFacts } from '../../ledger/report/decision-facts.ts';
import { type LedgerRecord, nameOfSource } from '../../ledger/report/records.ts';
import { type Paint, paints } from '../paint.ts';
import { eventText, objectText, outcomeText, rulesText } from './summary-line.ts';

export type TableOptions = {
  readonly width: number;
  readonly color: boolean;
  /** Names of the replicas, where there is more than one. */
  readonly replicas: readonly string[];
};

type Columns = {
  readonly replica: number;
  readonly user: number;
  readonly object: number;
  /** 0: the rules have their own line. */
  readonly rules: number;
  /** From the user to the rules. */
  readonly middle: number;
};

const [timeWidth, outcomeWidth, actWidth, idWidth] = [8, 10, 7, 12];
const gap = '  ';
/** From here on the rules stand in the same line. */
const wide = 120;
const narrowest = 64;

export type Table = {
  /** Texts end with a line break. */
  begin(): string;
  row(at: LedgerRecord, record: JsonObject): string;
};

export function createTable({ width, color, replicas }: TableOptions): Table {
  const room = Math.max(width, narrowest);
  const columns = columnsFor(room, replicas);
  const paint = paints(color);
  let day = '';

  function dayLine(at: string): string {
    if (at.slice(0, 10) === day) return '';
    day = at.slice(0, 10);
    return `${printable(day)}, UTC\n`;
  }

  return {
    begin: () => `${headLine(columns)}\n`,
    row(at, record) {
      const decision = at.kind === 'decision' ? decisionFacts(record) : null;
      const outcome = outcomeText(at.kind, decision);
      const before = [
        cell(at.at.slice(11, 19), timeWidth),
        painted(outcome, cell(outcome, outcomeWidth), paint),
        ...(columns.replica === 0 ? [] : [cell(nameOfSource(at.source), columns.replica)]),
      ];
      const middle =
        decision === null
          ? [cell(eventText(at.kind, record), columns.middle)]
          : decisionCells(decision, columns);
      const line = [...before, ...middle, at.id.slice(-idWidth)].join(gap);
      const rules = decision === null || columns.rules > 0 ? '' : rulesText(decision);
      const second = rules === '' ? '' : `${rulesLine(rules, room)}\n`;
      return `${dayLine(at.at)}${line}\n${second}`;
    },
  };
}

function decisionCells(decision: DecisionFacts, { user, object, rules }: Columns): string[] {
  return [
    userCell(decision.user, user),
    cell(decision.operation, actWidth),
    cell(`${objectText(decision)}${decision.dryRun ? ' (dry run)' : ''}`, object),
    ...(rules === 0 ? [] : [cell(rulesText(decision), rules)]),
  ];
}

/** Of the users that Kubernetes makes the end tells them apart. */
function userCell(name: string, width: number): string {
  const text = printable(name);
  if (text.length <= width || !text.startsWith('system:')) return cell(name, width);
  return `…${text.slice(1 - width)}`;
}

function headLine({ replica, user, object, rules }: Columns): string {
  return [
    cell('TIME', timeWidth),
    cell('OUTCOME', outcomeWidth),
    ...(replica === 0 ? [] : [cell('REPLICA', replica)]),
    cell('USER', user),
    cell('ACT', actWidth),
    cell('OBJECT', object),
    ...(rules === 0 ? [] : [cell('RULES', rules)]),
    'ID ENDS IN',
  ].join(gap);
}

function rulesLine(rules: string, room: number): string {
  const indent = ' '.repeat(timeWidth + gap.length);
  return indent + cut(printable(rules), room - indent.length);
}

function columnsFor(width: number, replicas: readonly string[]): Columns {
  const longest = Math.max(7, ...replicas.map(({ length }) => length));
  const replica = replicas.length > 1 ? Math.min(16, longest) : 0;
  const before = timeWidth + outcomeWidth + 2 * gap.length;
  const fixed = before + (replica === 0 ? 0 : replica + gap.length) + gap.length + idWidth;
  const middle = width - fixed;
  const free = middle - actWidth - 2 * gap.length;
  if (width < wide) {
    const user = Math.max(8, Math.floor(free * 0.35));
    return { replica, user, object: Math.max(4, free - user), rules: 0, middle };
  }
  const [user, object] = [Math.min(32, Math.floor(free * 0.22)), Math.floor(free * 0.34)];
  return { replica, user, object, rules: free - gap.length - user - object, middle };
}

function cell(text: string, width: number): string {
  return cut(printable(text), width).padEnd(width);
}

function painted(outcome: string, text: string, { bad, mild }: Paint): string {
  if (['denied', 'gap', 'unreadable', 'withdrawn'].includes(outcome)) return bad(text);
  return ['warned', 'excused', 'refused'].includes(outcome) ? mild(text) : text;
}
