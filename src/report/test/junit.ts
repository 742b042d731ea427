// For CI systems: a test suite for each file, a test case for each case.
import { faultCase, type JunitCase, junitDocument } from '../junit-document.ts';
import { type CaseEntry, type CaseFormat, differenceText } from './entry.ts';

export const junit: CaseFormat = {
  name: 'junit',
  summary: 'JUnit XML; held back until the end',
  create() {
    const cases: JunitCase[] = [];
    return {
      begin: () => '',
      decision(entry) {
        cases.push(junitCase(entry));
        return '';
      },
      end: ({ faults }) => junitDocument('sekisho test', [...cases, ...faults.map(faultCase)]),
    };
  },
};

function junitCase({ name, place: { file, line }, differences }: CaseEntry): JunitCase {
  const [first] = differences;
  const text = differences.map(differenceText).join('\n');
  const problem =
    first === undefined
      ? undefined
      : ({ kind: 'failure', type: first.field, message: differenceText(first), text } as const);
  return { name, file, line, problem, output: '' };
}
