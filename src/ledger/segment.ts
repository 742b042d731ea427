// The segment on disk: found, locked, its torn tail set aside, and open for appending.
import { type FileHandle, mkdir, open, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Diagnostic } from '../base/diagnostic.ts';
import type { Result } from '../base/result.ts';
import { err, ok } from '../base/result.ts';
import { emptyHead, type Head, readLink } from './chain.ts';

export type Segment = {
  readonly handle: FileHandle;
  readonly head: Head;
  readonly release: () => Promise<void>;
};

const segmentName = /^\d{20}\.jsonl$/;
const firstSegment = '00000000000000000001.jsonl';

/** Opens the newest segment of a folder, or makes the first. One process at a time. */
export async function openSegment(folder: string): Promise<Result<Segment, Diagnostic>> {
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const locked = await lock(folder);
    if (!locked.ok) return locked;
    const names = (await readdir(folder)).filter((name) => segmentName.test(name)).sort();
    const path = join(folder, names.at(-1) ?? firstSegment);
    const head = names.length === 0 ? ok(emptyHead) : await recover(path);
    if (!head.ok) {
      await locked.value();
      return head;
    }
    const handle = await open(path, 'a', 0o600);
    await syncFolder(folder);
    return ok({ handle, head: head.value, release: locked.value });
  } catch (cause) {
    return fault(folder, 'file-unreadable', `the ledger cannot be opened: ${messageOf(cause)}`);
  }
}

/** A new file is durable only when its folder is. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  await handle.sync().finally(() => handle.close());
}

/** The head of a segment. What follows its last newline was never acknowledged: it is kept beside, and cut off. */
async function recover(path: string): Promise<Result<Head, Diagnostic>> {
  const bytes = await readFile(path);
  const end = bytes.lastIndexOf(0x0a) + 1;
  if (end < bytes.length) {
    await writeFile(`${path}.torn-${Date.now()}`, bytes.subarray(end), {
      mode: 0o600,
      flush: true,
    });
    const handle = await open(path, 'r+');
    await handle.truncate(end);
    await handle.sync().finally(() => handle.close());
  }
  if (end === 0) return ok(emptyHead);
  const start = bytes.lastIndexOf(0x0a, end - 2) + 1;
  const link = readLink(bytes.toString('utf8', start, end - 1));
  if (typeof link === 'string')
    return fault(path, 'ledger-broken', `the last record cannot be continued: ${link}`);
  return ok({ seq: link.seq, hash: link.hash, sum: link.sum });
}

/** A lock file with our process id; one whose process is gone is taken over. */
async function lock(folder: string): Promise<Result<() => Promise<void>, Diagnostic>> {
  const path = join(folder, 'lock');
  for (let tries = 0; tries < 2; tries++) {
    try {
      await writeFile(path, `${process.pid}\n`, { flag: 'wx', mode: 0o600 });
      return ok(() => rm(path, { force: true }));
    } catch (cause) {
      if (codeOf(cause) !== 'EEXIST') throw cause;
      const holder = Number((await readFile(path, 'utf8')).trim());
      if (isAlive(holder))
        return fault(folder, 'ledger-locked', `the ledger is in use by process ${holder}`);
      await rm(path, { force: true });
    }
  }
  return fault(folder, 'ledger-locked', 'the ledger is being opened by another process');
}

function isAlive(pid: number): boolean {
  if (!Number.isSafeInteger(pid) || pid <= 0) return false;
  if (pid === process.pid) return true;
  try {
    process.kill(pid, 0);
    return true;
  } catch (cause) {
    // EPERM: it is there, and not ours.
    return codeOf(cause) === 'EPERM';
  }
}

function codeOf(cause: unknown): string {
  return cause instanceof Error && 'code' in cause ? String(cause.code) : '';
}

export function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}

function fault(file: string, code: Diagnostic['code'], message: string): Result<never, Diagnostic> {
  return err({ code, message, file, line: 0, column: 0 });
}
