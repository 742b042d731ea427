// One writer for a folder: a lock file with its process id. One whose process is gone is taken over.
import type { Diagnostic } from '../../base/diagnostic.ts';
import { err, ok, type Result } from '../../base/result.ts';
import { type Disk, errorCode } from './disk.ts';

/** Rejects when the disk fails. */
export async function lock(
  disk: Disk,
  folder: string,
): Promise<Result<() => Promise<void>, Diagnostic>> {
  const path = `${folder}/lock`;
  for (let tries = 0; tries < 2; tries++) {
    try {
      await disk.write(path, Buffer.from(`${process.pid}\n`), true);
      return ok(() => disk.remove(path));
    } catch (cause) {
      if (errorCode(cause) !== 'EEXIST') throw cause;
      const holder = await holderOf(disk, path);
      if (isAlive(holder)) return locked(folder, `the ledger is in use by process ${holder}`);
      await disk.remove(path);
    }
  }
  return locked(folder, 'the ledger is being opened by another process');
}

/** For a folder that was ours, was removed, and is there again: nobody else may have come first. */
export async function lockAgain(disk: Disk, folder: string): Promise<void> {
  const path = `${folder}/lock`;
  if ((await disk.state(path)) !== undefined && (await holderOf(disk, path)) === process.pid)
    return;
  const taken = await lock(disk, folder);
  if (!taken.ok) throw new Error(taken.error.message);
}

async function holderOf(disk: Disk, path: string): Promise<number> {
  const text = await disk.read(path).catch(() => Buffer.alloc(0));
  return Number(text.toString().trim());
}

function isAlive(pid: number): boolean {
  if (!Number.isSafeInteger(pid) || pid <= 0) return false;
  if (pid === process.pid) return true;
  try {
    process.kill(pid, 0);
    return true;
  } catch (cause) {
    // EPERM: it is there, and not ours.
    return errorCode(cause) === 'EPERM';
  }
}

function locked(file: string, message: string): Result<never, Diagnostic> {
  return err({ code: 'ledger-locked', message, file, line: 0, column: 0 });
}
