// A report as GitHub-flavoured Markdown. Threat: names and messages are from whoever asked; none may become a link, a
// mention, HTML, or a row of its own.
import { cut, printable } from '../../base/text.ts';
import type { LedgerReport } from '../../ledger/report/report.ts';
import type { Block, Cell, Column, Section } from './document/blocks.ts';
import { documentOf } from './document/document.ts';

export function reportMarkdown(report: LedgerReport): string {
  const { title, facts, sections } = documentOf(report);
  const parts = [
    `# ${safe(title)}`,
    facts.map(([label, text]) => `- ${safe(label)}: ${safe(text)}`).join('\n'),
    ...sections.flatMap(sectionParts),
  ];
  return `${parts.join('\n\n')}\n`;
}

function sectionParts({ title, blocks }: Section): readonly string[] {
  return [`## ${safe(title)}`, ...blocks.flatMap((block) => blockParts(block, title))];
}

/** `title`: of the section, not to be said twice. */
function blockParts(block: Block, title: string): readonly string[] {
  switch (block.kind) {
    case 'text':
      return [safe(block.text)];
    case 'verdict':
      return [`**${safe(block.title)}.** ${safe(block.text)}`];
    case 'figures':
      return [
        table(
          [{ title: 'What' }, { title: 'How many', numeric: true }],
          block.figures.map(({ label, value }) => [label, value]),
        ),
      ];
    case 'table':
      return [
        ...(block.caption === title ? [] : [`**${safe(block.caption)}**`]),
        table(block.columns, block.rows),
        ...(block.note === undefined ? [] : [safe(block.note)]),
      ];
  }
}

function table(columns: readonly Column[], rows: readonly (readonly Cell[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [
    line(columns.map(({ title }) => safe(title))),
    line(columns.map(({ numeric }) => (numeric === true ? '---:' : '---'))),
    ...rows.map((row) => line(row.map(cellText))),
  ].join('\n');
}

function cellText(cell: Cell): string {
  if (typeof cell === 'number') return String(cell);
  return safe(typeof cell === 'string' ? cell : cell.text);
}

const longest = 400;

function safe(text: string): string {
  return cut(printable(text), longest)
    .replace(/&/g, '&amp;')
    .replace(/[\\`*_[\]<>|~]/g, (mark) => `\\${mark}`)
    .replace(/^([#+-]|\d+[.)])(?= )/, (mark) => `\\${mark}`)
    .replaceAll('@', '&#64;')
    .replaceAll('://', ':&#47;&#47;')
    .replace(/\bwww\./gi, (mark) => `${mark.slice(0, 3)}&#46;`);
}
