// A fault in what a user wrote: where, what, and how to mend it. Readers collect all of them.
// Printed as FILE:LINE:COLUMN: code: message, the excerpt with a caret, and the fix.
import type { Code } from './codes.ts';
import { compareText } from './text.ts';

/** `line` and `column` count from 1; column counts UTF-16 units, as editors do. */
export type Position = { readonly line: number; readonly column: number };

export type Diagnostic = {
  readonly code: Code;
  readonly message: string;
  readonly file: string;
  /** 0 when the fault is the file as a whole (it cannot be read). */
  readonly line: number;
  readonly column: number;
  /** The whole source line at `line`, without its line break. */
  readonly excerpt?: string;
  readonly fix?: string;
};

const maxExcerpt = 160;

/** One diagnostic as text, without a final newline and without colour. */
export function formatDiagnostic(d: Diagnostic): string {
  const place = d.line > 0 ? `${d.file}:${d.line}:${d.column}` : d.file;
  const lines = [`${place}: ${d.code}: ${d.message}`];
  if (d.excerpt !== undefined && d.line > 0) lines.push(...caret(d.excerpt, d.column));
  if (d.fix !== undefined) lines.push(`    fix: ${d.fix}`);
  return lines.join('\n');
}

function caret(excerpt: string, column: number): string[] {
  const start = Math.max(0, column - 1 - maxExcerpt / 2);
  // Control characters would move the caret, or the terminal.
  const shown = excerpt.slice(start, start + maxExcerpt).replace(/\p{Cc}/gu, ' ');
  return [`    ${shown}`, `    ${' '.repeat(column - 1 - start)}^`];
}

/** Source order: by file, line, column. */
export function byPlace(a: Diagnostic, b: Diagnostic): number {
  return compareText(a.file, b.file) || a.line - b.line || a.column - b.column;
}
