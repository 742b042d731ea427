// Policy texts in which § marks each place where a fault must be told, and nothing else may be told.
import { test } from 'tap';
import type { Code } from '../../src/base/codes.ts';
import type { Diagnostic } from '../../src/base/diagnostic.ts';
import { built } from './texts.ts';

export type Case = readonly [title: string, code: Code, text: string, fix?: RegExp];

export const told = (d: Diagnostic): string => `${d.file}:${d.line}:${d.column}: ${d.code}`;

/** The text without its marks, and what must be told at them. */
export function marked(text: string, file: string, code: Code): { text: string; wanted: string[] } {
  const wanted: string[] = [];
  const lines = text.split('\n').map((line, i) => {
    const parts = line.split('§');
    let column = 1;
    for (const part of parts.slice(0, -1)) {
      column += part.length;
      wanted.push(`${file}:${i + 1}:${column}: ${code}`);
    }
    return parts.join('');
  });
  return { text: lines.join('\n'), wanted };
}

export function check(group: string, cases: readonly Case[]): void {
  for (const [title, code, source, fix] of cases) {
    test(`${group}: ${title}`, async (t) => {
      const { text, wanted } = marked(source, 'a.yaml', code);
      t.not(wanted.length, 0, 'the case marks a place');
      const result = built(text);
      const found = result.ok ? [] : result.error;
      t.same(found.map(told), wanted);
      t.same(result.ok, false);
      if (fix !== undefined) t.match(found[0]?.fix, fix);
      for (const each of found) t.equal(each.excerpt, text.split('\n')[each.line - 1]);
    });
  }
}
