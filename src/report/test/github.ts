// For GitHub Actions: an annotation on the line of every case that failed, and of every fault.
import { annotationLine, faultAnnotation } from '../annotation.ts';
import { type CaseEntry, type CaseFormat, differenceText } from './entry.ts';

export const github: CaseFormat = {
  name: 'github',
  summary: 'annotations for GitHub Actions, on the lines of the cases',
  create: () => ({
    begin: () => '',
    decision: (entry) => (entry.differences.length === 0 ? '' : annotationOf(entry)),
    end: ({ faults }) => faults.map(faultAnnotation).join(''),
  }),
};

function annotationOf({ name, place, differences }: CaseEntry): string {
  const lines = differences.map(differenceText);
  return annotationLine({ level: 'error', place, title: `failed: ${name}`, lines });
}
