// Files that are read again when they change: whole or not at all. The last good value stays in force.
// Polled, not notified: events are lost on some mounts, and a ConfigMap swaps a symlink far above the file.
import { realpath, stat } from 'node:fs/promises';
import type { Diagnostic } from '../base/diagnostic.ts';
import type { Result } from '../base/result.ts';
import { listFiles } from '../yaml/files.ts';

export type WatchOptions<T> = {
  readonly paths: readonly string[];
  /** What else it is loaded from: another text when that has changed. */
  readonly beside?: () => string;
  readonly load: () => Promise<Result<T, readonly Diagnostic[]>>;
  /** Told what came of each attempt. */
  readonly report: (result: Result<T, readonly Diagnostic[]>) => void;
};

export type Watch<T> = {
  /** The last good value; null when there has been none. */
  current(): T | null;
  /** Looks once; loads when the files differ from those of the last load and have come to rest. */
  poll(): Promise<void>;
};

/** Loads at once, whatever comes of it. */
export async function watch<T>(options: WatchOptions<T>): Promise<Watch<T>> {
  let current: T | null = null;
  let loadedFrom = '';
  let seen = '';

  const look = async (): Promise<string> =>
    `${await fingerprint(options.paths)}\n\n${options.beside?.() ?? ''}`;

  const attempt = async (before: string): Promise<void> => {
    const result = await options.load();
    // What changed while it was read may be half of each: look again at the next poll.
    seen = await look();
    if (seen !== before) return;
    loadedFrom = before;
    if (result.ok) current = result.value;
    options.report(result);
  };

  await attempt(await look());
  return {
    current: () => current,
    async poll() {
      const now = await look();
      if (now === loadedFrom) return;
      if (now === seen) await attempt(now);
      else seen = now;
    },
  };
}

/** Names, places, sizes and times of all files below the paths. A path that is missing is part of it. */
export async function fingerprint(paths: readonly string[]): Promise<string> {
  const { files, faults } = await listFiles(paths);
  const missing = faults.map(({ file, code }) => `${file}\0${code}`);
  return [...missing, ...(await Promise.all(files.map(lookAt)))].join('\n');
}

async function lookAt(file: string): Promise<string> {
  try {
    const [real, found] = await Promise.all([realpath(file), stat(file, { bigint: true })]);
    return `${file}\0${real}\0${found.ino} ${found.size} ${found.mtimeNs}`;
  } catch (error) {
    return `${file}\0${error instanceof Error && 'code' in error ? error.code : 'unreadable'}`;
  }
}
