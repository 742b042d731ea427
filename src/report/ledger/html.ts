// A report as one HTML page that needs nothing else: no script, no font, no image from elsewhere, and a policy that forbids
// them. Threat: names and messages are from whoever asked; every text is escaped, in attributes too.
import { cut, printable } from '../../base/text.ts';
import type { LedgerReport } from '../../ledger/report/report.ts';
import type { Block, Cell, Column, Section } from './document/blocks.ts';
import { documentOf } from './document/document.ts';
import { chartSvg } from './html-chart.ts';
import { style } from './html-style.ts';
import { escaped } from './html-text.ts';

const policy = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

export function reportHtml(report: LedgerReport): string {
  const { title, facts, sections } = documentOf(report);
  const rows = facts.map(
    ([label, text]) => `<div><dt>${safe(label)}</dt><dd>${safe(text)}</dd></div>`,
  );
  const links = sections.map(
    ({ id, title: name }) => `<li><a href="#${id}">${safe(name)}</a></li>`,
  );
  return [
    '<!doctype html>',
    '<html lang="en">',
    '<head>',
    '<meta charset="utf-8">',
    `<meta http-equiv="Content-Security-Policy" content="${escaped(policy)}">`,
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    `<title>${safe(title)}</title>`,
    `<style>${style}</style>`,
    '</head>',
    '<body>',
    '<header>',
    `<h1>${safe(title)}</h1>`,
    `<dl class="facts">${rows.join('')}</dl>`,
    `<nav aria-label="Sections"><ol>${links.join('')}</ol></nav>`,
    '</header>',
    `<main>${sections.map(sectionHtml).join('')}</main>`,
    '</body>',
    '</html>',
    '',
  ].join('\n');
}

function sectionHtml({ id, title, blocks }: Section): string {
  const inside = blocks.map((block, i) => blockHtml(block, `${id}-${i}`, title)).join('\n');
  return `\n<section id="${id}">\n<h2>${safe(title)}</h2>\n${inside}\n</section>`;
}

/** `title`: of the section; a caption that repeats it is heard, not seen. */
function blockHtml(block: Block, id: string, title: string): string {
  switch (block.kind) {
    case 'text':
      return `<p>${safe(block.text)}</p>`;
    case 'verdict':
      return `<p class="verdict ${block.tone}"><strong>${safe(block.title)}</strong> ${safe(block.text)}</p>`;
    case 'figures': {
      const figures = block.figures.map(
        ({ label, value, tone = 'plain' }) =>
          `<div class="${tone}"><dd>${grouped(value)}</dd><dt>${safe(label)}</dt></div>`,
      );
      return `<dl class="figures">${figures.join('')}</dl>`;
    }
    case 'table':
      return tableBlock(block, id, block.caption === title ? ' class="heard"' : '');
  }
}

function tableBlock(
  block: Extract<Block, { kind: 'table' }>,
  id: string,
  captionKind: string,
): string {
  const { caption, columns, rows, note, chart } = block;
  const captioned = `<caption${captionKind}>${safe(caption)}</caption>`;
  const table = tableHtml(captioned, columns, rows);
  const noted = note === undefined ? '' : `<p class="note">${safe(note)}</p>`;
  if (chart === undefined) return table + noted;
  const kind = chart.kind === 'columns' ? 'above' : 'beside';
  return `<div class="${kind}"><figure>${chartSvg(chart, id)}</figure><div>${table}${noted}</div></div>`;
}

/** Tables of so many rows are not broken by a page. */
const mostTogether = 8;

function tableHtml(
  caption: string,
  columns: readonly Column[],
  rows: readonly (readonly Cell[])[],
): string {
  const kinds = columns.map(({ numeric }) => (numeric === true ? ' class="n"' : ''));
  const head = columns.map(({ title }, i) => `<th scope="col"${kinds[i]}>${safe(title)}</th>`);
  const body = rows.map((row) => {
    const cells = row.map((cell, i) => cellHtml(cell, kinds[i] ?? '', i === 0));
    return `<tr>${cells.join('')}</tr>`;
  });
  return [
    `<table${rows.length <= mostTogether ? ' class="short"' : ''}>${caption}`,
    `<thead><tr>${head.join('')}</tr></thead>`,
    `<tbody>${body.join('\n')}</tbody></table>`,
  ].join('\n');
}

function cellHtml(cell: Cell, kind: string, isHead: boolean): string {
  const name = isHead ? 'th scope="row"' : 'td';
  const inside = typeof cell === 'number' ? grouped(cell) : insideOf(cell);
  return `<${name}${kind}>${inside}</${isHead ? 'th' : 'td'}>`;
}

function insideOf(cell: Exclude<Cell, number>): string {
  if (typeof cell === 'string') return timed(cell);
  const { text, code = false, tone = 'plain' } = cell;
  const inner = code ? `<code>${safe(text)}</code>` : safe(text);
  return tone === 'plain' ? inner : `<span class="${tone}">${inner}</span>`;
}

/** A time breaks between its date and its hour only. */
function timed(text: string): string {
  const time = /(\d{4}-\d{2}-\d{2}) (\d{2}:\d{2}:\d{2})/g;
  return safe(text).replace(time, '<span class="t">$1</span> <span class="t">$2</span>');
}

/** `12 345`, with a narrow space that does not break. */
function grouped(value: number): string {
  return String(value).replace(/\B(?=(\d{3})+(?!\d))/g, '\u202f');
}

const longest = 600;

function safe(text: string): string {
  return escaped(cut(printable(text), longest));
}
