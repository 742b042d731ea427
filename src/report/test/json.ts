// One JSON document: every case with what was decided, the faults, and the counts.
import { jsonText } from '../../base/json-text.ts';
import { faultForJson } from '../fault.ts';
import { type CaseFormat, caseForJson } from './entry.ts';

export const json: CaseFormat = {
  name: 'json',
  summary: 'one JSON document: cases, faults, summary',
  create() {
    let separator = '';
    return {
      begin: () => '{\n  "cases": [',
      decision(entry) {
        const text = `${separator}\n    ${jsonText(caseForJson(entry), 2, 4)}`;
        separator = ',';
        return text;
      },
      end({ faults, summary }) {
        const close = separator === '' ? ']' : '\n  ]';
        const tail = `"faults": ${jsonText(faults.map(faultForJson), 2, 2)},\n  "summary": ${jsonText(summary, 2, 2)}`;
        return `${close},\n  ${tail}\n}\n`;
      },
    };
  },
};
