// For people: every case that failed, under its place, with what was expected and what came; one line that sums up.
import { count, cut, printable, quote } from '../../base/text.ts';
import { type Paint, paints } from '../paint.ts';
import { type CaseEntry, type CaseFormat, type CaseSummary, differenceText } from './entry.ts';

const maxLine = 2000;

export const text: CaseFormat = {
  name: 'text',
  summary: 'failed cases and a summary, for people',
  create({ color, quiet }) {
    const paint = paints(color);
    return {
      begin: () => '',
      decision: (entry) => (entry.differences.length === 0 ? '' : failed(entry, paint)),
      end: (closing) =>
        quiet || closing.summary.cases === 0 ? '' : `${sumUp(closing.summary, paint)}\n`,
    };
  },
};

function failed({ name, place, differences }: CaseEntry, paint: Paint): string {
  const { file, line, column } = place;
  const lines = [
    `${safe(`${file}:${line}:${column}`)}: ${paint.bad('failed')}: ${safe(quote(name))}`,
    ...differences.map((each) => `    ${safe(differenceText(each))}`),
  ];
  return lines.map((each) => `${each}\n`).join('');
}

/** Threat: names and messages come from whoever wrote the file. */
function safe(given: string): string {
  return cut(printable(given), maxLine);
}

function sumUp({ cases, passed, failed: bad }: CaseSummary, paint: Paint): string {
  const failures = bad > 0 ? `, ${paint.bad(`${bad} failed`)}` : '';
  return `${count(cases, 'case')}: ${passed} passed${failures}`;
}
