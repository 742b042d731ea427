// Charts as SVG inside the page: stacked columns over time, lying bars by name. Each has a title and a description for
// who hears the page, and the table beside it has every number.
import { cut } from '../../base/text.ts';
import type { Chart } from './document/blocks.ts';
import { escaped } from './html-text.ts';

/** Of the drawing; the page scales it. Bars stand beside a table, and are narrower so that their text stays readable. */
const widths = { columns: 720, bars: 460 } as const;

export function chartSvg(chart: Chart, id: string): string {
  const { kind, title, description } = chart;
  const { height, body } = kind === 'columns' ? columns(chart) : bars(chart);
  return [
    `<svg viewBox="0 0 ${widths[kind]} ${height}" role="img" aria-labelledby="${id}-t ${id}-d">`,
    `<title id="${id}-t">${escaped(title)}</title><desc id="${id}-d">${escaped(description)}</desc>`,
    legend(chart),
    body,
    '</svg>',
  ].join('\n');
}

type Drawn = { readonly height: number; readonly body: string };

function legend({ series }: Chart): string {
  let x = 0;
  return series
    .map(({ label, tone }) => {
      const at = x;
      x += 34 + label.length * 8;
      return `<rect class="s-${tone}" x="${at}" y="2" width="12" height="12" rx="2"/><text x="${at + 18}" y="12">${escaped(label)}</text>`;
    })
    .join('');
}

function columns({ series, items }: Chart): Drawn {
  const [width, left, top, plot, foot] = [widths.columns, 48, 34, 190, 26];
  const most = niceTop(Math.max(1, ...items.map(({ values }) => sum(values))));
  const step = (width - left) / Math.max(1, items.length);
  const scale = plot / most;
  const grid = ticks(most).map((value) => {
    const y = round(top + plot - value * scale);
    return `<line class="grid" x1="${left}" x2="${width}" y1="${y}" y2="${y}"/><text class="n" x="${left - 8}" y="${y + 4}">${value}</text>`;
  });
  const every = Math.ceil(items.length / 10);
  const drawn = items.map(({ label, values }, i) => {
    const x = left + i * step;
    let y = top + plot;
    const own = Math.min(step * 0.72, 56);
    const parts = values.map((value, s) => {
      const tall = value * scale;
      y -= tall;
      return rect(series[s]?.tone ?? 'plain', [x + (step - own) / 2, y, own, tall]);
    });
    const text = `<text class="c" x="${round(x + step / 2)}" y="${top + plot + 18}">${escaped(label.slice(label.length > 7 ? 5 : 0))}</text>`;
    return parts.join('') + (i % every === 0 ? text : '');
  });
  return { height: top + plot + foot, body: [...grid, ...drawn].join('\n') };
}

function bars({ series, items }: Chart): Drawn {
  const [width, left, top, row] = [widths.bars, 176, 30, 26];
  const most = Math.max(1, ...items.map(({ values }) => sum(values)));
  const scale = (width - left - 50) / most;
  const drawn = items.map(({ label, values }, i) => {
    const y = top + i * row;
    let x = left;
    const parts = values.map((value, s) => {
      const long = value * scale;
      const drawnPart = rect(series[s]?.tone ?? 'plain', [x, y, long, row - 8]);
      x += long;
      return drawnPart;
    });
    const name = `<text class="n" x="${left - 10}" y="${y + 14}">${escaped(cut(label, 24))}</text>`;
    return `${name}${parts.join('')}<text x="${round(x + 8)}" y="${y + 14}">${sum(values)}</text>`;
  });
  return { height: top + items.length * row + 4, body: drawn.join('\n') };
}

/** What is there stays visible, however small. */
function rect(tone: string, [x, y, wide, tall]: readonly [number, number, number, number]): string {
  if (wide <= 0 || tall <= 0) return '';
  return `<rect class="s-${tone}" x="${round(x)}" y="${round(y)}" width="${round(Math.max(wide, 1))}" height="${round(Math.max(tall, 1))}"/>`;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}

/** 1, 2, 5, 10, 20, 50, …, of which four to ten make the height. */
function niceStep(most: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(1, most / 4)));
  return (
    [1, 2, 5, 10].map((factor) => factor * power).find((step) => most / step <= 5) ?? power * 10
  );
}

function niceTop(most: number): number {
  const step = niceStep(most);
  return Math.ceil(most / step) * step;
}

function ticks(most: number): readonly number[] {
  const step = niceStep(most);
  return Array.from({ length: Math.floor(most / step) + 1 }, (_, i) => i * step);
}
