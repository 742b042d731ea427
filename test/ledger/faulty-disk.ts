// A real folder behind a disk that does what a test tells it: fail, stand still, or lose what was never synced.
import { truncateSync } from 'node:fs';
import { type AppendFile, type Disk, nodeDisk } from '../../src/ledger/store/disk.ts';

type Operation = keyof Disk | 'append' | 'datasync';

export type FaultyDisk = Disk & {
  /** From now on these operations fail, on paths that hold the text. */
  break(operations: readonly Operation[], code: string, on?: string): void;
  mend(): void;
  /** Syncs wait until the function that is given back is called. */
  stall(): () => void;
  /** The process is gone: nothing that it does from now on happens, or ends. What was not synced is lost too, if asked. */
  crash(losing: 'nothing' | 'unsynced'): void;
  /** How often each operation was done. */
  readonly counts: ReadonlyMap<Operation, number>;
};

export function faultyDisk(): FaultyDisk {
  const counts = new Map<Operation, number>();
  const synced = new Map<string, number>();
  let broken: { operations: readonly Operation[]; code: string; on: string } | undefined;
  let stalled: Promise<void> = Promise.resolve();
  let gone = false;
  const open = new Set<AppendFile>();

  async function does<T>(operation: Operation, path: string, act: () => Promise<T>): Promise<T> {
    if (gone) return new Promise<never>(() => {});
    counts.set(operation, (counts.get(operation) ?? 0) + 1);
    if (operation === 'datasync') await stalled;
    if (broken?.operations.includes(operation) && path.includes(broken.on)) {
      throw Object.assign(new Error(`${broken.code}: ${operation}`), { code: broken.code });
    }
    const done = await act();
    return gone ? new Promise<never>(() => {}) : done;
  }

  function watched(path: string, file: AppendFile): AppendFile {
    let length = 0;
    synced.set(path, 0);
    open.add(file);
    return {
      id: file.id,
      append: (bytes) =>
        does('append', path, async () => {
          await file.append(bytes);
          length += bytes.length;
        }),
      datasync: () =>
        does('datasync', path, async () => {
          await file.datasync();
          synced.set(path, length);
        }),
      close: async () => {
        if (open.delete(file)) await file.close();
      },
    };
  }

  return {
    makeFolder: (path) => does('makeFolder', path, () => nodeDisk.makeFolder(path)),
    list: (path) => does('list', path, () => nodeDisk.list(path)),
    state: (path) => does('state', path, () => nodeDisk.state(path)),
    read: (path) => does('read', path, () => nodeDisk.read(path)),
    create: (path) => does('create', path, async () => watched(path, await nodeDisk.create(path))),
    write: (path, bytes, exclusive) =>
      does('write', path, () => nodeDisk.write(path, bytes, exclusive)),
    extend: (path, bytes) => does('extend', path, () => nodeDisk.extend(path, bytes)),
    overwrite: (path, bytes) => does('overwrite', path, () => nodeDisk.overwrite(path, bytes)),
    truncate: (path, bytes) => does('truncate', path, () => nodeDisk.truncate(path, bytes)),
    sync: (path) => does('sync', path, () => nodeDisk.sync(path)),
    rename: (from, to) => does('rename', from, () => nodeDisk.rename(from, to)),
    remove: (path) => does('remove', path, () => nodeDisk.remove(path)),
    syncFolder: (path) => does('syncFolder', path, () => nodeDisk.syncFolder(path)),
    reader: nodeDisk.reader,
    writer: nodeDisk.writer,
    break(operations, code, on = '') {
      broken = { operations, code, on };
    },
    mend() {
      broken = undefined;
    },
    stall() {
      const { promise, resolve } = Promise.withResolvers<void>();
      stalled = promise;
      return resolve;
    },
    crash(losing) {
      gone = true;
      for (const file of open) void file.close();
      open.clear();
      if (losing === 'nothing') return;
      for (const [path, length] of synced) cutTo(path, length);
    },
    counts,
  };
}

/** A file that was compressed meanwhile is there no more. */
function cutTo(path: string, length: number): void {
  try {
    truncateSync(path, length);
  } catch {}
}
