// Flags of `sekisho ledger verify`, all faults at once.
import type { Diagnostic } from '../../base/diagnostic.ts';
import { err, ok, type Result } from '../../base/result.ts';
import type { Flags } from '../command.ts';
import { flagFault, listFlag, textFlag } from '../flags.ts';

export type VerifySettings = {
  readonly paths: readonly string[];
  readonly keys: string;
  readonly witnesses: readonly string[];
  readonly checkpoints: readonly string[];
  readonly json: boolean;
};

export function verifySettings(
  args: readonly string[],
  flags: Flags,
): Result<VerifySettings, readonly Diagnostic[]> {
  const keys = textFlag(flags, 'keys');
  if (keys === undefined || keys === '') {
    const fix = 'give the keys.json that was copied away when the ledger was made';
    return err([flagFault('--keys', 'no public keys are given, and nothing else is trusted', fix)]);
  }
  return ok({
    paths: args,
    keys,
    witnesses: listFlag(flags, 'witness'),
    checkpoints: listFlag(flags, 'checkpoint'),
    json: textFlag(flags, 'output') === 'json',
  });
}
