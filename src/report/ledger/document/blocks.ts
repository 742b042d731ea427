// A report as sections of paragraphs, figures, tables and charts: what Markdown and HTML are both made from, so that they
// say the same. Texts are as they were recorded: each format makes them harmless in its own way.
import type { DecisionCount, EvaluationCount } from '../../../ledger/report/report.ts';

export type Tone = 'plain' | 'good' | 'mild' | 'bad';

/** `code`: names and hashes; `tone` where it matters. */
export type Cell =
  | string
  | number
  | { readonly text: string; readonly code?: boolean; readonly tone?: Tone };

export type Column = { readonly title: string; readonly numeric?: boolean };

export type Block =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'verdict'; readonly tone: Tone; readonly title: string; readonly text: string }
  | { readonly kind: 'figures'; readonly figures: readonly Figure[] }
  | {
      readonly kind: 'table';
      readonly caption: string;
      readonly columns: readonly Column[];
      readonly rows: readonly (readonly Cell[])[];
      /** What is not in it, or how it is to be read. */
      readonly note?: string;
      readonly chart?: Chart;
    };

export type Figure = { readonly label: string; readonly value: number; readonly tone?: Tone };

export type Series = { readonly label: string; readonly tone: Tone | 'excused' };

/** Stacked: values in the order of the series. `columns` stand, one for each day or month; `bars` lie, one for each name. */
export type Chart = {
  readonly kind: 'columns' | 'bars';
  readonly title: string;
  /** What it shows, in a sentence, for who cannot see it. */
  readonly description: string;
  readonly series: readonly Series[];
  readonly items: readonly { readonly label: string; readonly values: readonly number[] }[];
};

export type Section = {
  readonly id: string;
  readonly title: string;
  readonly blocks: readonly Block[];
};

export type ReportDocument = {
  readonly title: string;
  readonly facts: readonly (readonly [label: string, text: string])[];
  readonly sections: readonly Section[];
};

export const outcomeSeries: readonly Series[] = [
  { label: 'allowed', tone: 'good' },
  { label: 'warned', tone: 'mild' },
  { label: 'excused', tone: 'excused' },
  { label: 'denied', tone: 'bad' },
];

export function outcomeValues({
  allowed,
  warned,
  excused,
  denied,
}: DecisionCount): readonly number[] {
  return [allowed, warned, excused, denied];
}

export const numberColumn = (title: string): Column => ({ title, numeric: true });

export const evaluationColumns: readonly Column[] = [
  ...['Evaluated', 'Denied', 'Warned', 'Noted', 'Excused', 'Errors'].map(numberColumn),
];

export function evaluationCells(row: EvaluationCount): readonly Cell[] {
  return [row.evaluated, row.denied, row.warned, row.noted, row.excused, row.errors];
}

/** A table, or a sentence where it would be empty. */
export function tableOr(empty: string, table: Extract<Block, { kind: 'table' }>): Block {
  return table.rows.length === 0 ? { kind: 'text', text: empty } : table;
}

export function code(text: string): Cell {
  return { text, code: true };
}

/** `2026-11-21 10:00:00` in UTC. */
export function timeCell(at: string | null): string {
  return at === null ? '–' : at.slice(0, 19).replace('T', ' ');
}

/** `sha256:4be14be14be1…` */
export function hashCell(hash: string | null): Cell {
  return hash === null ? '–' : code(hash.length > 20 ? `${hash.slice(0, 19)}…` : hash);
}
