// What the ledger asks of a disk: a port, so that tests can make one that fails, stalls, or forgets what was not synced.
// Everything that is written has mode 0600, and folders 0700: records tell who did what.

import {
  close as closeFile,
  createReadStream,
  createWriteStream,
  fdatasync,
  fstat,
  open as openFile,
  write as writeFile,
} from 'node:fs';
import {
  type FileHandle,
  mkdir,
  open,
  readdir,
  readFile,
  rename,
  rm,
  stat,
} from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { errorCode } from '../../base/cause.ts';

/** `id`: of the file itself, whatever it is called. */
export type FileState = { readonly bytes: number; readonly id: string };

/** A file that is only ever made longer. */
export type AppendFile = {
  /** Which file it is, to tell whether its path still leads to it. */
  readonly id: string;
  /** All of it, in one write where the system lets it. */
  append(bytes: Uint8Array): Promise<void>;
  datasync(): Promise<void>;
  close(): Promise<void>;
};

/** Each rejects with the system's error. */
export type Disk = {
  makeFolder(path: string): Promise<void>;
  /** Names, in no order. */
  list(folder: string): Promise<readonly string[]>;
  /** undefined: it is not there. */
  state(path: string): Promise<FileState | undefined>;
  read(path: string): Promise<Buffer>;
  /** Rejects with EEXIST when the path is taken. */
  create(path: string): Promise<AppendFile>;
  /** A new file, synced; what was there is replaced, so only for files that are renamed afterwards, and the lock (`exclusive`). */
  write(path: string, bytes: Uint8Array, exclusive?: boolean): Promise<void>;
  /** Makes a file longer, or makes it; synced. */
  extend(path: string, bytes: Uint8Array): Promise<void>;
  /** Overwrites the beginning of a file in its place, synced. */
  overwrite(path: string, bytes: Uint8Array): Promise<void>;
  /** Cuts a file to its first `bytes` bytes, synced. */
  truncate(path: string, bytes: number): Promise<void>;
  /** Syncs what was written by `writer`. */
  sync(path: string): Promise<void>;
  rename(from: string, to: string): Promise<void>;
  /** What is not there is no fault. */
  remove(path: string): Promise<void>;
  /** A new, renamed or removed file is durably so only when its folder is synced. */
  syncFolder(path: string): Promise<void>;
  reader(path: string, from?: number, to?: number): Readable;
  writer(path: string): Writable;
};

export const fileMode = 0o600;

export const nodeDisk: Disk = {
  async makeFolder(path) {
    const first = await mkdir(path, { recursive: true, mode: 0o700 });
    if (first === undefined) return;
    for (let made = resolve(path); made.length >= resolve(first).length; made = dirname(made)) {
      await syncIfPossible(dirname(made));
    }
  },
  list: (folder) => readdir(folder),
  async state(path) {
    try {
      const { size, ino, dev } = await stat(path);
      return { bytes: size, id: `${dev}:${ino}` };
    } catch (cause) {
      if (errorCode(cause) === 'ENOENT' || errorCode(cause) === 'ENOTDIR') return undefined;
      throw cause;
    }
  },
  read: (path) => readFile(path),
  create: (path) => createAppendFile(path),
  write: (path, bytes, exclusive = false) =>
    using(open(path, exclusive ? 'wx' : 'w', fileMode), async (handle) => {
      await handle.writeFile(bytes);
      await handle.sync();
    }),
  extend: (path, bytes) =>
    using(open(path, 'a', fileMode), async (handle) => {
      await handle.appendFile(bytes);
      await handle.sync();
    }),
  overwrite: (path, bytes) =>
    using(open(path, 'r+'), async (handle) => {
      await handle.write(bytes, 0, bytes.length, 0);
      await handle.sync();
    }),
  truncate: (path, bytes) =>
    using(open(path, 'r+'), async (handle) => {
      await handle.truncate(bytes);
      await handle.sync();
    }),
  sync: (path) => using(open(path, 'r+'), (handle) => handle.sync()),
  rename: (from, to) => rename(from, to),
  remove: (path) => rm(path, { force: true }),
  syncFolder: (path) => using(open(path, 'r'), (handle) => handle.sync()),
  reader: (path, from, to) =>
    createReadStream(path, {
      highWaterMark: 1024 * 1024,
      ...(from === undefined ? {} : { start: from }),
      ...(to === undefined ? {} : { end: to - 1 }),
    }),
  writer: (path) => createWriteStream(path, { mode: fileMode }),
};

/** A folder above ours may not be ours to read. */
async function syncIfPossible(folder: string): Promise<void> {
  await nodeDisk.syncFolder(folder).catch((cause: unknown) => {
    if (errorCode(cause) !== 'EACCES') throw cause;
  });
}

/** Written for each batch: with callbacks, which cost a third of what file handles do. */
async function createAppendFile(path: string): Promise<AppendFile> {
  const fd = await called<number>((done) => openFile(path, 'ax', fileMode, done));
  const { dev, ino } = await called<{ dev: number; ino: number }>((done) => fstat(fd, done));
  return {
    id: `${dev}:${ino}`,
    async append(bytes) {
      for (let rest = bytes; rest.length > 0; ) {
        const written = await called<number>((done) => writeFile(fd, rest, done));
        rest = rest.subarray(written);
      }
    },
    datasync: () => called((done) => fdatasync(fd, done)),
    close: () => called((done) => closeFile(fd, done)),
  };
}

type Done<T> = (error: Error | null, value?: T) => void;

function called<T = void>(act: (done: Done<T>) => void): Promise<T> {
  return new Promise((resolve, reject) => {
    act((error, value) => (error ? reject(error) : resolve(value as T)));
  });
}

async function using(
  opening: Promise<FileHandle>,
  act: (handle: FileHandle) => Promise<void>,
): Promise<void> {
  const handle = await opening;
  try {
    await act(handle);
  } finally {
    await handle.close();
  }
}

/** The file is there whole under its name or not at all, whenever the machine stops. */
export async function replaceFile(
  disk: Disk,
  { folder, name, bytes, beforeRename }: Replacement,
): Promise<void> {
  const path = `${folder}/${name}`;
  await disk.write(`${path}.tmp`, bytes);
  await beforeRename();
  await disk.rename(`${path}.tmp`, path);
  await disk.syncFolder(folder);
}

export type Replacement = {
  readonly folder: string;
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly beforeRename: () => Promise<void>;
};
