// Runs `sekisho ledger verify`: the files that were named, the verification, its report and its exit code.

import { readFile } from 'node:fs/promises';
import { messageOf } from '../../base/cause.ts';
import type { Diagnostic } from '../../base/diagnostic.ts';
import { err, ok, type Result } from '../../base/result.ts';
import type { Beside } from '../../ledger/verify/sources.ts';
import { verifyWithWitness } from '../../ledger/verify/witnessed.ts';
import { isProven, verifyJson, verifyText } from '../../report/ledger/verify.ts';
import type { ExitCode, Io } from '../command.ts';
import { tellFaults } from '../faults.ts';
import { createProgress } from '../progress.ts';
import { readKeys } from './keys.ts';
import type { VerifySettings } from './verify-settings.ts';

export async function runVerify(
  settings: VerifySettings,
  color: boolean,
  io: Io,
): Promise<ExitCode> {
  const keys = await readKeys(settings.keys);
  const checkpoints = await Promise.all(settings.checkpoints.map(readText));
  const faults = [keys, ...checkpoints].flatMap((each) => (each.ok ? [] : each.error));
  if (!keys.ok || faults.length > 0) {
    await tellFaults(faults, io);
    return 2;
  }
  const progress = createProgress(io.stderr, io.elapsed, verified);
  const verification = await verifyWithWitness(settings.paths, keys.value, {
    checkpoints: checkpoints.flatMap((each) => (each.ok ? [each.value] : [])),
    witnesses: settings.witnesses,
    progress: progress.step,
  });
  await progress.clear();
  await tellFaults(verification.unread, io);
  await io.stdout.write(settings.json ? verifyJson(verification) : verifyText(verification, color));
  if (verification.unread.length > 0) return 2;
  return isProven(verification) ? 0 : 1;
}

async function readText(file: string): Promise<Result<Beside, readonly Diagnostic[]>> {
  try {
    return ok({ file, text: await readFile(file, 'utf8') });
  } catch (cause) {
    const message = messageOf(cause);
    return err([{ code: 'file-unreadable', message, file, line: 0, column: 0 }]);
  }
}

/** Of bytes. */
function verified(bytes: number, ms: number): string {
  const mebi = bytes / 1048576;
  return `verified ${mebi.toFixed(0)} MiB, ${(mebi / (ms / 1000)).toFixed(0)} MiB/s`;
}
