// A report as one JSON document: its data, for programs.
import { jsonText } from '../../base/json-text.ts';
import type { LedgerReport } from '../../ledger/report/report.ts';

export function reportJson(report: LedgerReport): string {
  return `${jsonText(report, 2)}\n`;
}
