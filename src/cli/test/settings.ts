// The flags of `test` as one value, or every fault in them.
import type { Diagnostic } from '../../base/diagnostic.ts';
import { err, ok, type Result } from '../../base/result.ts';
import type { CaseClosing, CaseEntry } from '../../report/test/entry.ts';
import { caseFormats } from '../../report/test/format.ts';
import type { Flags } from '../command.ts';
import { listFlag, stdinFaults, switchFlag, textFlag } from '../flags.ts';
import { parseOutputs, type Wanted } from '../outputs.ts';

export type TestSettings = {
  readonly paths: readonly string[];
  readonly policies: readonly string[];
  /** undefined: every case. */
  readonly filter: string | undefined;
  readonly outputs: readonly Wanted<CaseEntry, CaseClosing>[];
  readonly quiet: boolean;
};

const here = ['policies'];

export function testSettings(
  paths: readonly string[],
  flags: Flags,
): Result<TestSettings, readonly Diagnostic[]> {
  const policies = listFlag(flags, 'policies');
  const outputs = parseOutputs(listFlag(flags, 'output'), caseFormats);
  const faults = [...stdinFaults([...paths, ...policies]), ...(outputs.ok ? [] : outputs.error)];
  if (faults.length > 0 || !outputs.ok) return err(faults);
  return ok({
    paths: paths.length > 0 ? paths : here,
    policies: policies.length > 0 ? policies : here,
    filter: textFlag(flags, 'filter'),
    outputs: outputs.value,
    quiet: switchFlag(flags, 'quiet'),
  });
}
