// JUnit's XML, as CI systems read it: a suite for each file, a case for each thing that was tried. Its counts stand
// before the cases, so a report is held back until its end. Upstream: the schema of Jenkins' xUnit plugin.
import type { Diagnostic } from '../base/diagnostic.ts';
import { element } from './xml.ts';

export type JunitProblem = {
  readonly kind: 'failure' | 'error';
  readonly type: string;
  /** One line. */
  readonly message: string;
  readonly text: string;
};

export type JunitCase = {
  readonly name: string;
  readonly file: string;
  /** From 1; 0: the file as a whole. */
  readonly line: number;
  readonly problem: JunitProblem | undefined;
  /** What else there is to say; "" for nothing. */
  readonly output: string;
};

/** `name`: of the whole run. Suites stand in the order of their first cases. */
export function junitDocument(name: string, cases: readonly JunitCase[]): string {
  const byFile = Map.groupBy(cases, ({ file }) => file);
  const suites = [...byFile].map(([file, own]) =>
    element('testsuite', { name: file, ...counts(own) }, { children: own.map(testcase) }),
  );
  const all = element('testsuites', { name, ...counts(cases) }, { children: suites });
  return `<?xml version="1.0" encoding="UTF-8"?>\n${all}`;
}

function counts(cases: readonly JunitCase[]): Readonly<Record<string, number>> {
  const of = (kind: JunitProblem['kind']): number =>
    cases.filter(({ problem }) => problem?.kind === kind).length;
  return { tests: cases.length, failures: of('failure'), errors: of('error'), skipped: 0 };
}

function testcase({ name, file, line, problem, output }: JunitCase): string {
  const where = line > 0 ? { file, line } : { file };
  const children = [
    ...(problem === undefined ? [] : [problemElement(problem)]),
    ...(output === '' ? [] : [element('system-out', {}, { text: output })]),
  ];
  return element('testcase', { name, classname: file, ...where }, { children });
}

function problemElement({ kind, type, message, text }: JunitProblem): string {
  return element(kind, { message, type }, { text });
}

/** A fault is a case of its own, that could not be run. */
export function faultCase({ file, line, column, code, message, fix }: Diagnostic): JunitCase {
  const place = line > 0 ? `${file}:${line}:${column}` : file;
  const text = [`${place}: ${code}: ${message}`, ...(fix === undefined ? [] : [`fix: ${fix}`])];
  const problem = { kind: 'error', type: code, message, text: text.join('\n') } as const;
  return { name: `${place}: ${code}`, file, line, problem, output: '' };
}
