// Faults of policy documents as diagnostics: at the field that they are about, with its line and a fix.
import type { Code } from '../base/codes.ts';
import type { Diagnostic, Position } from '../base/diagnostic.ts';
import { type FieldPath, formatPath, toPointer } from '../base/field-path.ts';
import { cut, printable, quote } from '../base/text.ts';
import type { SourceDocument } from '../yaml/document.ts';

/** Where an object stands in its document: `base` is [] for the document itself, else an item of a List or a part. */
export type Place = { readonly document: SourceDocument; readonly base: FieldPath };

export type Fault = {
  /** Below the object; it may name a field that is not there. */
  readonly path: FieldPath;
  readonly message: string;
  /** `policy-field` when absent. */
  readonly code?: Code;
  readonly fix?: string | undefined;
  /** The key of the field instead of its value, or an offset (UTF-16 units) into the text of its value. */
  readonly at?: 'key' | number;
};

export type Report = (fault: Fault) => void;

export function diagnose({ document, base }: Place, fault: Fault): Diagnostic {
  const { line, column } = positionOf(document, [...base, ...fault.path], fault.at);
  return {
    code: fault.code ?? 'policy-field',
    message: oneLine(fault.message),
    file: document.file,
    line,
    column,
    excerpt: document.lineAt(line),
    ...(fault.fix === undefined ? {} : { fix: oneLine(fault.fix) }),
  };
}

const maxMessage = 1000;

/** Threat: keys and values of the document are in it, and it goes to terminals and logs. */
function oneLine(text: string): string {
  return printable(cut(text, maxMessage));
}

/** Collects into `found`. One fault a field: the first that is told wins, which is the schema's. */
export function reporter(place: Place, found: Diagnostic[]): Report {
  const told = new Set<string>();
  return (fault) => {
    const offset = typeof fault.at === 'number' ? fault.at : '';
    const key = `${toPointer(fault.path)}#${offset}`;
    if (told.has(key)) return;
    told.add(key);
    found.push(diagnose(place, fault));
  };
}

/** Gives what reports a name that it has met before; the empty one is nobody's. */
export function onceEach(report: Report): (path: FieldPath, name: string) => void {
  const before = new Set<string>();
  return (path, name) => {
    if (name !== '' && before.has(name)) {
      report({ path, message: `${formatPath(path)}: ${quote(name)} is there twice` });
    }
    before.add(name);
  };
}

function positionOf(document: SourceDocument, path: FieldPath, at: Fault['at']): Position {
  if (at === 'key') return keyPosition(document, path);
  return at === undefined ? document.position(path) : document.positionInScalar(path, at);
}

/** A value stands at most this many lines below its key (a comment may lie between), and this far behind it. */
const maxLines = 4;
const maxSpan = 256;

/** The key is looked for in the text, backwards from the value; where it is spelled otherwise, the value must do. */
function keyPosition(document: SourceDocument, path: FieldPath): Position {
  const value = document.position(path);
  const key = path.at(-1);
  if (typeof key !== 'string') return value;
  for (let line = value.line; line > Math.max(0, value.line - maxLines); line -= 1) {
    const text = document.lineAt(line);
    const end = line === value.line ? value.column - 1 : text.length;
    const column = keyColumn(text, key, end);
    if (column !== undefined) return { line, column };
  }
  return value;
}

function keyColumn(text: string, key: string, end: number): number | undefined {
  const start = Math.max(0, end - key.length - maxSpan);
  const near = text.slice(start, end + key.length + maxSpan);
  for (const spelling of [JSON.stringify(key), `'${key.replaceAll("'", "''")}'`, key]) {
    for (let at = near.lastIndexOf(spelling, end - start); at >= 0; ) {
      if (/^[ \t]*:/.test(near.slice(at + spelling.length))) return start + at + 1;
      at = at === 0 ? -1 : near.lastIndexOf(spelling, at - 1);
    }
  }
  return undefined;
}
