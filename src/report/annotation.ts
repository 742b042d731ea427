// Workflow commands of GitHub Actions: a line that marks a place in a file. Upstream: toolkit, packages/core/src/command.ts.
import type { Diagnostic } from '../base/diagnostic.ts';
import { cut, printable } from '../base/text.ts';
import type { SourcePosition } from '../model/decision.ts';

export type Annotation = {
  readonly level: 'error' | 'warning' | 'notice';
  /** Line 0: the file as a whole. */
  readonly place: SourcePosition;
  readonly title: string;
  /** Shown one below the other. */
  readonly lines: readonly string[];
};

const maxTitle = 200;
const maxLine = 2000;

/** One line, with its end. INVARIANT: nothing in the annotation ends the line or the properties before their time. */
export function annotationLine({ level, place, title, lines }: Annotation): string {
  const { file, line, column } = place;
  const properties = [
    `file=${property(file)}`,
    ...(line > 0 ? [`line=${line}`, `col=${column}`] : []),
    `title=${property(cut(title, maxTitle))}`,
  ];
  const message = lines.map((each) => cut(printable(each), maxLine)).join('\n');
  return `::${level} ${properties.join(',')}::${data(message)}\n`;
}

export function faultAnnotation({ file, line, column, code, message, fix }: Diagnostic): string {
  return annotationLine({
    level: 'error',
    place: { file, line, column },
    title: code,
    lines: fix === undefined ? [message] : [message, `fix: ${fix}`],
  });
}

function data(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function property(text: string): string {
  return data(printable(text)).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
