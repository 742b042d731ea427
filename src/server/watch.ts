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

type Looked = { readonly files: string; readonly beside: string };

/** Polls for which what stands beside the files may change before it is read as it is. */
const mostChanges = 5;

/** Loads at once, whatever comes of it. */
export async function watch<T>(options: WatchOptions<T>): Promise<Watch<T>> {
  let current: T | null = null;
  let loadedFrom: Looked | undefined;
  let seen: Looked | undefined;
  let changes = 0;

  const look = async (): Promise<Looked> => {
    const files = await fingerprint(options.paths);
    return { files, beside: options.beside?.() ?? '' };
  };

  const attempt = async (before: Looked): Promise<void> => {
    const result = await options.load();
    seen = await look();
    changes = 0;
    // Files that changed while they were read may be half of each: look again at the next poll.
    if (seen.files !== before.files) return;
    loadedFrom = before;
    if (result.ok) current = result.value;
    options.report(result);
  };

  await attempt(await look());
  return {
    current: () => current,
    async poll() {
      const now = await look();
      if (isSame(now, loadedFrom)) return;
      const atRest = isSame(now, seen);
      // Threat: whoever changes what stands beside the files without end must not keep them from being read. It is whole at
      // any time, and waits only so that not every change costs a load.
      const enough = now.files === seen?.files && ++changes >= mostChanges;
      if (atRest || enough) await attempt(now);
      else seen = now;
    },
  };
}

function isSame(one: Looked, other: Looked | undefined): boolean {
  return one.files === other?.files && one.beside === other.beside;
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
