// For CI systems: a test suite for each file, a test case for each manifest, with the refusal that kubectl would show.
import type { RuleResult } from '../model/decision.ts';
import { refusal, subjectOf } from '../review/refusal.ts';
import type { Entry } from './entry.ts';
import { faultCase, type JunitCase, type JunitProblem, junitDocument } from './junit-document.ts';
import { type Remark, remarksOf } from './remarks.ts';
import type { Format } from './report.ts';

export const junit: Format = {
  name: 'junit',
  summary: 'JUnit XML, a test case for each manifest; held back until the end',
  create() {
    const cases: JunitCase[] = [];
    return {
      begin: () => '',
      decision(entry) {
        cases.push(caseOf(entry));
        return '';
      },
      end: ({ faults }) => junitDocument('sekisho check', [...cases, ...faults.map(faultCase)]),
    };
  },
};

function caseOf(entry: Entry): JunitCase {
  const { checked, place } = entry;
  const remarks = remarksOf(entry);
  const problem = problemOf(entry, remarks);
  const told = checked.allowed ? 'unknown' : 'denied';
  const others = remarks.filter(({ kind }) => kind !== told);
  return {
    name: `${subjectOf(checked)} (line ${place.line})`,
    file: checked.source.file,
    line: place.line,
    problem,
    output: [...others.map(shown), ...(checked.source.notes ?? [])].join('\n'),
  };
}

function problemOf({ checked }: Entry, remarks: readonly Remark[]): JunitProblem | undefined {
  if (!checked.allowed) {
    const rules = rulesOf(checked.results.filter(({ actions }) => actions.includes('deny')));
    const text = refusal(checked);
    const [message = ''] = text.split('\n');
    const places = remarks.filter(({ kind }) => kind === 'denied').map(shown);
    return { kind: 'failure', type: rules, message, text: [text, ...places].join('\n') };
  }
  const unknown = remarks.filter(({ kind }) => kind === 'unknown');
  const [first] = unknown;
  if (first === undefined) return undefined;
  const message = `${first.rule} could not be decided: ${first.text}`;
  return { kind: 'error', type: 'unknown', message, text: unknown.map(shown).join('\n') };
}

function rulesOf(results: readonly RuleResult[]): string {
  return [...new Set(results.map(({ rule }) => rule))].join(' ');
}

function shown({ rule, text, place: { file, line, column } }: Remark): string {
  return `${file}:${line}:${column}: ${rule}: ${text}`;
}
