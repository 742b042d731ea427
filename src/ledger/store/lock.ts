// One writer for a folder: a lock file that names its process. One whose process is gone is taken over.
// Threat: in a container every process is number 1, the one that was killed and the one that comes after it; so a lock
// also says when its process began, and holds a word that only this process knows.

import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { errorCode } from '../../base/cause.ts';
import type { Diagnostic } from '../../base/diagnostic.ts';
import { err, ok, type Result } from '../../base/result.ts';
import type { Disk } from './disk.ts';

type Holder = { readonly pid: number; readonly began: string; readonly word: string };

const word = randomUUID();

/** Rejects when the disk fails. */
export async function lock(
  disk: Disk,
  folder: string,
): Promise<Result<() => Promise<void>, Diagnostic>> {
  const path = `${folder}/lock`;
  const text = `${process.pid} ${await beginningOf(process.pid)} ${word}\n`;
  for (let tries = 0; tries < 2; tries++) {
    try {
      await disk.write(path, Buffer.from(text), true);
      return ok(() => disk.remove(path));
    } catch (cause) {
      if (errorCode(cause) !== 'EEXIST') throw cause;
      const holder = await holderOf(disk, path);
      if (await isAlive(holder)) {
        return locked(folder, `the ledger is in use by process ${holder.pid}`);
      }
      await disk.remove(path);
    }
  }
  return locked(folder, 'the ledger is being opened by another process');
}

/** For a folder that was ours, was removed, and is there again: nobody else may have come first. */
export async function lockAgain(disk: Disk, folder: string): Promise<void> {
  const path = `${folder}/lock`;
  if ((await disk.state(path)) !== undefined && isOurs(await holderOf(disk, path))) return;
  const taken = await lock(disk, folder);
  if (!taken.ok) throw new Error(taken.error.message);
}

async function holderOf(disk: Disk, path: string): Promise<Holder> {
  const text = await disk.read(path).catch(() => Buffer.alloc(0));
  const [pid = '', began = unknown, holders = ''] = text.toString().trim().split(' ');
  return { pid: Number(pid), began, word: holders };
}

function isOurs(holder: Holder): boolean {
  return holder.pid === process.pid && holder.word === word;
}

async function isAlive(holder: Holder): Promise<boolean> {
  const { pid, began } = holder;
  if (!Number.isSafeInteger(pid) || pid <= 0) return false;
  if (pid === process.pid) return isOurs(holder);
  try {
    process.kill(pid, 0);
  } catch (cause) {
    // EPERM: it is there, and not ours.
    if (errorCode(cause) !== 'EPERM') return false;
  }
  const now = await beginningOf(pid);
  return began === unknown || now === unknown || began === now;
}

const unknown = '-';

/** Ticks since the machine began, where /proc tells; the number of a process comes again, its beginning does not. */
async function beginningOf(pid: number): Promise<string> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  // The second field is a name in brackets, which may hold anything.
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? unknown;
}

function locked(file: string, message: string): Result<never, Diagnostic> {
  return err({ code: 'ledger-locked', message, file, line: 0, column: 0 });
}
