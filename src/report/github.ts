// For GitHub Actions: an annotation on the line of every denial, warning and fault, where the pull request shows it.
import { subjectOf } from '../review/refusal.ts';
import { type Annotation, annotationLine, faultAnnotation } from './annotation.ts';
import type { Entry } from './entry.ts';
import { type RemarkKind, remarksOf } from './remarks.ts';
import type { Format } from './report.ts';

/** What fails the run is an error. */
const levels: Readonly<Record<RemarkKind, Annotation['level']>> = {
  denied: 'error',
  warned: 'warning',
  unknown: 'error',
  unjudged: 'warning',
};

export const github: Format = {
  name: 'github',
  summary: 'annotations for GitHub Actions, on the lines that they are about',
  create: () => ({
    begin: () => '',
    decision: (entry) => annotationsOf(entry).map(annotationLine).join(''),
    end: ({ faults }) => faults.map(faultAnnotation).join(''),
  }),
};

function annotationsOf(entry: Entry): readonly Annotation[] {
  const subject = subjectOf(entry.checked);
  return remarksOf(entry).map(({ kind, rule, text, fix, place }) => ({
    level: levels[kind],
    place,
    title: rule,
    lines: [`${subject}: ${text}`, ...(fix === '' ? [] : [`fix: ${fix}`])],
  }));
}
