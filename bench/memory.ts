// The resident memory of another process.
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';

/** MiB; undefined where neither /proc nor `ps` tells. */
export async function memoryOf(pid: number): Promise<number | undefined> {
  const kibibytes = (await fromProc(pid)) ?? (await fromPs(pid));
  return kibibytes === undefined ? undefined : kibibytes / 1024;
}

async function fromProc(pid: number): Promise<number | undefined> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  const found = /^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1];
  return found === undefined ? undefined : Number(found);
}

async function fromPs(pid: number): Promise<number | undefined> {
  const run = promisify(execFile);
  const { stdout } = await run('ps', ['-o', 'rss=', '-p', String(pid)]).catch(() => ({
    stdout: '',
  }));
  return stdout.trim() === '' ? undefined : Number(stdout.trim());
}
