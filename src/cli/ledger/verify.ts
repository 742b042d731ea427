// Runs `sekisho ledger verify`: the files that were named, the verification, its report and its exit code.

import { readFile } from 'node:fs/promises';
import { messageOf } from '../../base/cause.ts';
import type { Diagnostic } from '../../base/diagnostic.ts';
import { err, ok, type Result } from '../../base/result.ts';
import { parseKeyList, type RootKey } from '../../ledger/format/keys.ts';
import type { Beside } from '../../ledger/verify/sources.ts';
import { verifyWithWitness } from '../../ledger/verify/witnessed.ts';
import { isProven, verifyJson, verifyText } from '../../report/ledger/verify.ts';
import type { ExitCode, Io } from '../command.ts';
import { tellFaults } from '../faults.ts';
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
  const progress = createByteProgress(io);
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

async function readKeys(file: string): Promise<Result<readonly RootKey[], readonly Diagnostic[]>> {
  const text = await readText(file);
  if (!text.ok) return text;
  const list = parseKeyList(text.value.text);
  if (list.ok) return ok(list.value.keys);
  return err(
    list.error.map((message) => ({
      code: 'key-list',
      message: `not a list of public keys: ${message}`,
      file,
      line: 0,
      column: 0,
    })),
  );
}

async function readText(file: string): Promise<Result<Beside, readonly Diagnostic[]>> {
  try {
    return ok({ file, text: await readFile(file, 'utf8') });
  } catch (cause) {
    const message = messageOf(cause);
    return err([{ code: 'file-unreadable', message, file, line: 0, column: 0 }]);
  }
}

/** Milliseconds between two lines. */
const every = 200;

/** How far it is, on a terminal only. */
function createByteProgress({ stderr, elapsed }: Io) {
  const began = elapsed();
  let [bytes, last, shown] = [0, began, false];
  return {
    async step(more: number): Promise<void> {
      bytes += more;
      const now = elapsed();
      if (!stderr.isTerminal || now - last < every || now - began < 1000) return;
      last = now;
      shown = true;
      const speed = bytes / 1048576 / ((now - began) / 1000);
      const text = `verified ${(bytes / 1048576).toFixed(0)} MiB, ${speed.toFixed(0)} MiB/s`;
      await stderr.write(`\r\u001b[K${text}`);
    },
    async clear(): Promise<void> {
      if (shown) await stderr.write('\r\u001b[K');
      shown = false;
    },
  };
}
