// JSON Lines: a line for each decision as it is made, as in `json`; then `{"fault":…}` for each fault, and
// `{"summary":…}`, without which the report is not whole.

import { jsonText } from '../base/json-text.ts';
import { faultForJson } from './fault.ts';
import type { Format } from './report.ts';

export const jsonl: Format = {
  name: 'jsonl',
  summary: 'a line of JSON for each decision, each fault, and the summary',
  create: () => ({
    begin: () => '',
    decision: ({ checked }) => `${jsonText(checked)}\n`,
    end({ faults, summary }) {
      const lines = [...faults.map((fault) => ({ fault: faultForJson(fault) })), { summary }];
      return lines.map((line) => `${jsonText(line)}\n`).join('');
    },
  }),
};
