// Runs `sekisho ledger report`: reads and counts in bounded memory, then prints one document; CSV is printed as it is read.
import { isWithin } from '../../ledger/report/filter.ts';
import { makeReport } from '../../ledger/report/make.ts';
import { mergedRecords, openSources, type Source } from '../../ledger/report/records.ts';
import type { LedgerReport } from '../../ledger/report/report.ts';
import { csvHead, csvRow } from '../../report/ledger/csv.ts';
import { reportHtml } from '../../report/ledger/html.ts';
import { reportMarkdown } from '../../report/ledger/markdown.ts';
import { reportJson } from '../../report/ledger/report-json.ts';
import type { ExitCode, Io } from '../command.ts';
import { tellFaults } from '../faults.ts';
import { createBatches } from './batches.ts';
import { readKeys } from './keys.ts';
import { createOddities } from './oddities.ts';
import type { ReportSettings } from './report-settings.ts';

export async function runReport(settings: ReportSettings, io: Io): Promise<ExitCode> {
  const keys = settings.keys === null ? null : await readKeys(settings.keys);
  const { sources, faults } = await openSources(settings.paths);
  const all = [...(keys === null || keys.ok ? [] : keys.error), ...faults];
  if (all.length > 0 || (keys !== null && !keys.ok)) {
    await tellFaults(all, io);
    return 2;
  }
  if (settings.format === 'csv') return writeCsv(settings, sources, io);
  const { from, to, framework } = settings;
  const report = await makeReport({
    ...{ sources, from, to, framework, keys: keys?.value ?? null },
    ...{ madeAt: io.now(), madeBy: io.version },
  });
  await io.stdout.write(textOf(settings.format, report));
  await tellFaults(report.unread, io);
  if (report.unread.length > 0) return 2;
  return isWhole(report) ? 0 : 1;
}

function textOf(format: 'markdown' | 'json' | 'html', report: LedgerReport): string {
  switch (format) {
    case 'markdown':
      return reportMarkdown(report);
    case 'json':
      return reportJson(report);
    case 'html':
      return reportHtml(report);
  }
}

/** Nothing is missing by the numbers, and verification, where it was asked for, found no fault. */
function isWhole({ ledgers, verification }: LedgerReport): boolean {
  const broken = ledgers.some(
    ({ missing, damaged, outOfOrder }) => missing.count + damaged + outOfOrder > 0,
  );
  return !broken && (verification === null || verification.findings.length === 0);
}

async function writeCsv(
  settings: ReportSettings,
  sources: readonly Source[],
  io: Io,
): Promise<ExitCode> {
  const odd = createOddities();
  const out = createBatches(io.stdout);
  await out.write(csvHead());
  for await (const at of mergedRecords(sources, { tell: odd.tell })) {
    if (at.kind !== 'decision' || !isWithin(settings, at.time)) continue;
    const record = odd.recordOf(at);
    const row = record === undefined ? undefined : csvRow(at, record, settings.framework);
    if (row !== undefined) await out.write(row);
  }
  await out.flush();
  await tellFaults(odd.faults(), io);
  return odd.code();
}
