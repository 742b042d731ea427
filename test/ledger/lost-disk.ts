// A disk in memory that loses power: what was not synced is kept as far as chance will have it, and so are names that were
// made, changed or removed without a sync of their folder. What it shows before is all of it, as a real system does.
import { Readable, Writable } from 'node:stream';
import type { AppendFile, Disk } from '../../src/ledger/store/disk.ts';

/** Bytes as they are shown, and as they are surely on the disk. */
type File = { readonly id: string; shown: Buffer; synced: Buffer };
type Names = Map<string, File>;

export type LostDisk = Disk & {
  /** The power goes: nothing that is asked of it happens any more, or ends. A new disk, as the machine finds it. */
  lose(): LostDisk;
  /** As they are shown now: paths with their bytes. */
  files(): ReadonlyMap<string, Buffer>;
  /** Steps that change something: writes, syncs, renames, removals. */
  steps(): number;
  /** The power goes at this step, half way through it. */
  loseAt(step: number, then: () => void): void;
};

export type Chance = () => number;

/** `syncs`: false is a disk that says of records that they are synced, and has done nothing. */
export function lostDisk(
  chance: Chance,
  from: ReadonlyMap<string, Buffer> = new Map(),
  { syncs = true } = {},
): LostDisk {
  let ids = 0;
  const fresh = (bytes: Buffer, synced: Buffer): File => {
    ids += 1;
    return { id: `${ids}`, shown: bytes, synced };
  };
  const shown: Names = new Map([...from].map(([path, bytes]) => [path, fresh(bytes, bytes)]));
  /** Names by folder, as they were at the last sync of it, and how they changed since. */
  const synced: Names = new Map(shown);
  const since: { readonly folder: string; readonly apply: (names: Names) => void }[] = [];
  let gone = false;
  let steps = 0;
  let last: { readonly step: number; readonly then: () => void } | undefined;

  const never = <T>(): Promise<T> => new Promise<T>(() => {});

  async function ask<T>(act: () => T): Promise<T> {
    if (gone) return never();
    await Promise.resolve();
    return gone ? never() : act();
  }

  /** Half of the steps at which the power goes have been done. */
  async function step<T>(act: () => T): Promise<T> {
    if (gone) return never();
    steps += 1;
    await new Promise((resolve) => setImmediate(resolve));
    if (gone) return never();
    if (steps < (last?.step ?? Number.POSITIVE_INFINITY)) return act();
    if (chance() < 0.5) act();
    gone = true;
    last?.then();
    return never();
  }

  function change(path: string, apply: (names: Names) => void): void {
    apply(shown);
    since.push({ folder: folderOf(path), apply });
  }

  function fileAt(path: string): File {
    const file = shown.get(path);
    if (file === undefined) throw failure('ENOENT', path);
    return file;
  }

  function made(path: string): File {
    const file = fresh(Buffer.alloc(0), Buffer.alloc(0));
    change(path, (names) => void names.set(path, file));
    return file;
  }

  const sync = (file: File): void => {
    file.synced = file.shown;
  };

  const opened = (file: File): AppendFile => ({
    id: file.id,
    append: (bytes) =>
      step(() => {
        file.shown = Buffer.concat([file.shown, bytes]);
      }),
    datasync: () => step(() => (syncs ? sync(file) : undefined)),
    close: async () => {},
  });

  /** In two steps: the power may go between what is written and its sync. */
  async function rewritten(path: string, act: (file: File) => void): Promise<void> {
    await step(() => act(shown.get(path) ?? made(path)));
    await step(() => sync(fileAt(path)));
  }

  return {
    makeFolder: () => ask(() => {}),
    list: (folder) =>
      ask(() =>
        [...shown.keys()]
          .filter((path) => folderOf(path) === folder)
          .map((path) => path.slice(folder.length + 1)),
      ),
    state: (path) =>
      ask(() => {
        const file = shown.get(path);
        return file && { bytes: file.shown.length, id: file.id };
      }),
    read: (path) => ask(() => Buffer.from(fileAt(path).shown)),
    create: (path) =>
      step(() => {
        if (shown.has(path)) throw failure('EEXIST', path);
        return opened(made(path));
      }),
    async write(path, bytes, exclusive = false) {
      if (exclusive && shown.has(path)) throw failure('EEXIST', path);
      await rewritten(path, (file) => {
        file.shown = Buffer.from(bytes);
      });
    },
    extend: (path, bytes) =>
      rewritten(path, (file) => {
        file.shown = Buffer.concat([file.shown, bytes]);
      }),
    overwrite: (path, bytes) =>
      rewritten(path, (file) => {
        file.shown = Buffer.concat([bytes, file.shown.subarray(bytes.length)]);
      }),
    truncate: (path, bytes) =>
      rewritten(path, (file) => {
        file.shown = file.shown.subarray(0, bytes);
      }),
    sync: (path) => step(() => sync(fileAt(path))),
    rename: (path, to) =>
      step(() => {
        const file = fileAt(path);
        change(to, (names) => {
          names.delete(path);
          names.set(to, file);
        });
      }),
    remove: (path) => step(() => change(path, (names) => void names.delete(path))),
    syncFolder: (folder) =>
      step(() => {
        for (const each of since.splice(0)) {
          if (each.folder === folder) each.apply(synced);
          else since.push(each);
        }
      }),
    reader: (path, start = 0, end) =>
      Readable.from(piecesOf(() => ask(() => fileAt(path).shown.subarray(start, end)))),
    writer(path) {
      return new Writable({
        construct(done) {
          step(() => {
            (shown.get(path) ?? made(path)).shown = Buffer.alloc(0);
          }).then(() => done(), done);
        },
        write(bytes: Buffer, _encoding, done) {
          step(() => {
            const file = fileAt(path);
            file.shown = Buffer.concat([file.shown, bytes]);
          }).then(() => done(), done);
        },
      });
    },
    lose() {
      gone = true;
      const names: Names = new Map(synced);
      // A journal keeps the order of names: a beginning of what was not synced is there.
      for (const { apply } of since.slice(0, Math.floor(chance() * (since.length + 1))))
        apply(names);
      const left = new Map<string, Buffer>();
      // The process that held it is gone, which one process that plays several cannot show.
      for (const path of names.keys()) if (path.endsWith('/lock')) names.delete(path);
      for (const [path, file] of names) left.set(path, remains(file, chance));
      return lostDisk(chance, left);
    },
    files: () => new Map([...shown].map(([path, { shown: bytes }]) => [path, bytes])),
    steps: () => steps,
    loseAt(at, then) {
      last = { step: at, then };
    },
  };
}

async function* piecesOf(bytes: () => Promise<Buffer>): AsyncGenerator<Buffer> {
  const all = await bytes();
  if (all.length > 0) yield Buffer.from(all);
}

const page = 4096;

/** What only became longer keeps its synced beginning, and of the rest whole pages may be missing, which then are read
 * as zeros: they go to the disk in any order. Anything else is the old or the new. */
function remains({ shown, synced }: File, chance: Chance): Buffer {
  const grew = shown.length > synced.length && shown.subarray(0, synced.length).equals(synced);
  if (!grew) return chance() < 0.5 ? shown : synced;
  const kept = synced.length + Math.floor(chance() * (shown.length - synced.length + 1));
  const bytes = Buffer.from(shown.subarray(0, kept));
  for (let at = synced.length; at < bytes.length; at += page - (at % page)) {
    const end = at + page - (at % page);
    // Of one byte it would be a change of one bit like another; that is one chance in four thousand.
    if (end - at > 1 && chance() < 0.2) bytes.fill(0, at, Math.min(bytes.length, end));
  }
  return bytes;
}

function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/'));
}

function failure(code: string, path: string): Error {
  return Object.assign(new Error(`${code}: ${path}`), { code });
}
