// docs/bench.md: a section for each benchmark, which its `--write` puts in place of the one before.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { root } from '../test/gate.ts';

const file = join(root, 'docs/bench.md');

export const machine = `Node ${process.version}, ${availableParallelism()} cores, ${process.platform} ${process.arch}.`;

/** `body` is Markdown without headings. */
export function writeSection(title: string, body: string): void {
  const page = existsSync(file) ? readFileSync(file, 'utf8') : '# Benchmark\n';
  const [head = '', ...sections] = page.split(/^(?=## )/m);
  const made = `## ${title}\n\n${body.trim()}\n`;
  const at = sections.findIndex((section) => section.startsWith(`## ${title}\n`));
  const all = at < 0 ? [...sections, made] : sections.with(at, made);
  writeFileSync(
    file,
    [head, ...all]
      .map((part) => part.trim())
      .join('\n\n')
      .concat('\n'),
  );
}

/** A line of a table. */
export function tableRow(cells: readonly (string | number)[]): string {
  return `| ${cells.join(' | ')} |`;
}
