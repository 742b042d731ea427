// JSON Lines: a line for each case, as in `json`; then one for each fault, and the summary, without which it is not whole.
import { jsonText } from '../../base/json-text.ts';
import { faultForJson } from '../fault.ts';
import { type CaseFormat, caseForJson } from './entry.ts';

export const jsonl: CaseFormat = {
  name: 'jsonl',
  summary: 'a line of JSON for each case, each fault, and the summary',
  create: () => ({
    begin: () => '',
    decision: (entry) => `${jsonText(caseForJson(entry))}\n`,
    end({ faults, summary }) {
      const lines = [...faults.map((fault) => ({ fault: faultForJson(fault) })), { summary }];
      return lines.map((line) => `${jsonText(line)}\n`).join('');
    },
  }),
};
