// One JSON document: the interface that other programs build on (design, section 4). Its members never change meaning.

import { jsonText } from '../base/json-text.ts';
import { faultForJson } from './fault.ts';
import type { Format } from './report.ts';

export const json: Format = {
  name: 'json',
  summary: 'one JSON document: decisions, faults, summary',
  create() {
    let separator = '';
    return {
      begin: () => '{\n  "decisions": [',
      decision({ checked }) {
        const text = `${separator}\n    ${jsonText(checked, 2, 4)}`;
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
