// Flags of `sekisho ledger report`, all faults at once.
import type { Diagnostic } from '../../base/diagnostic.ts';
import { err, ok, type Result } from '../../base/result.ts';
import { type FrameworkName, frameworkNames } from '../../ledger/report/catalogue.ts';
import type { Flags } from '../command.ts';
import { flagFault, textFlag } from '../flags.ts';
import { timeFlag } from './show-settings.ts';

export const reportFormats = ['markdown', 'json', 'csv', 'html'] as const;
export type ReportFormat = (typeof reportFormats)[number];

export type ReportSettings = {
  readonly paths: readonly string[];
  readonly from: number | null;
  readonly to: number | null;
  readonly framework: FrameworkName | null;
  readonly format: ReportFormat;
  /** null: nothing is verified. */
  readonly keys: string | null;
};

export function reportSettings(
  args: readonly string[],
  flags: Flags,
  now: string,
): Result<ReportSettings, readonly Diagnostic[]> {
  const faults: Diagnostic[] = [];
  const from = timeFlag(flags, 'from', now, faults);
  const to = timeFlag(flags, 'to', now, faults);
  if (from !== null && to !== null && from >= to) {
    faults.push(flagFault('--to', 'the period ends before it begins'));
  }
  const [output, framework] = ['output', 'framework'].map((name) => textFlag(flags, name));
  const keys = textFlag(flags, 'keys') ?? null;
  if (keys !== null && output === 'csv') {
    faults.push(
      flagFault(
        '--keys',
        'a table of decisions does not say what was proven',
        'leave it out, or use another format',
      ),
    );
  }
  if (faults.length > 0) return err(faults);
  return ok({
    ...{ paths: args, from, to, keys },
    framework: frameworkNames.find((each) => each === framework) ?? null,
    format: reportFormats.find((each) => each === output) ?? 'markdown',
  });
}
