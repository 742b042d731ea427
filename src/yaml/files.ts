// Finds and reads YAML and JSON files under paths: with policy/load.ts the only I/O below the ledger.
// A folder may be a ConfigMap mount: its entries are symlinks into `..data`, itself a symlink, which is passed over.
import type { Dirent } from 'node:fs';
import { createReadStream } from 'node:fs';
import { readdir, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { byPlace, type Diagnostic } from '../base/diagnostic.ts';
import type { Result } from '../base/result.ts';
import { err, ok } from '../base/result.ts';
import { maxText } from './read.ts';

export type SourceFile = { readonly file: string; readonly text: string };
export type FileList = {
  readonly files: readonly string[];
  readonly faults: readonly Diagnostic[];
};

const manifest = /\.(?:ya?ml|json)$/;
/** Files and folders under one path. */
const maxEntries = 100_000;

/** Files under the paths, in the order of the paths and sorted within each; `-` is standard input. A file that is
 * named is taken whatever its ending; no file comes twice. Codes: file-unreadable, file-none. */
export async function listFiles(paths: readonly string[]): Promise<FileList> {
  const files = new Map<string, string>();
  const faults: Diagnostic[] = [];
  for (const path of paths) {
    const found = path === '-' ? single('-', '-') : await under(path);
    for (const [real, file] of found.files) if (!files.has(real)) files.set(real, file);
    faults.push(...found.faults);
  }
  return { files: [...files.values()], faults };
}

/** Files by their real path, by which they are known when several links lead to one. */
type Found = {
  readonly files: ReadonlyMap<string, string>;
  readonly faults: readonly Diagnostic[];
};

const single = (real: string, file: string): Found => ({
  files: new Map([[real, file]]),
  faults: [],
});

async function under(path: string): Promise<Found> {
  try {
    const real = await realpath(path);
    if (!(await stat(real)).isDirectory()) return single(real, path);
    const found = await walk(path, real);
    if (found.files.size > 0 || found.faults.length > 0) return found;
    const fault = whole(path, 'file-none', 'no .yaml, .yml or .json file is here');
    return { files: new Map(), faults: [fault] };
  } catch (cause) {
    return { files: new Map(), faults: [unreadable(path, cause)] };
  }
}

type Walk = {
  readonly todo: { readonly path: string; readonly real: string }[];
  /** Real paths, so that symlink loops end and no file comes twice. */
  readonly entered: Set<string>;
  readonly files: Map<string, string>;
  readonly faults: Diagnostic[];
};

async function walk(path: string, real: string): Promise<Found> {
  const state: Walk = {
    todo: [{ path, real }],
    entered: new Set([real]),
    files: new Map(),
    faults: [],
  };
  for (let next = state.todo.pop(); next !== undefined; next = state.todo.pop()) {
    try {
      const entries = await readdir(next.path, { withFileTypes: true });
      // In order, so that of two links to one file always the same is taken.
      entries.sort((a, b) => (a.name < b.name ? -1 : 1));
      for (const entry of entries) await visit(state, entry, next);
    } catch (cause) {
      state.faults.push(unreadable(next.path, cause));
    }
    if (state.entered.size + state.files.size > maxEntries) {
      const message = `more than ${maxEntries} files and folders are under this path`;
      return { files: new Map(), faults: [whole(path, 'file-unreadable', message)] };
    }
  }
  const files = new Map([...state.files].sort(([, a], [, b]) => (a < b ? -1 : 1)));
  return { files, faults: state.faults.sort(byPlace) };
}

async function visit(
  state: Walk,
  entry: Dirent,
  folder: { readonly path: string; readonly real: string },
): Promise<void> {
  if (entry.name.startsWith('.')) return;
  const path = join(folder.path, entry.name);
  try {
    const isLink = entry.isSymbolicLink();
    const real = isLink ? await realpath(path) : join(folder.real, entry.name);
    const found = isLink ? await stat(real) : entry;
    if (found.isDirectory()) {
      if (!state.entered.has(real)) state.todo.push({ path, real });
      state.entered.add(real);
    } else if (found.isFile() && manifest.test(entry.name) && !state.files.has(real)) {
      state.files.set(real, path);
    }
  } catch (cause) {
    // A link to nowhere, or in a circle, is nobody's manifest unless it says so by its name.
    if (manifest.test(entry.name)) state.faults.push(unreadable(path, cause));
  }
}

/** The text of a file (`-`: standard input, named `<stdin>`) without its byte order mark.
 * Codes: file-unreadable, yaml-too-large, yaml-syntax (not UTF-8). */
export async function readFile(file: string): Promise<Result<SourceFile, Diagnostic>> {
  const name = file === '-' ? '<stdin>' : file;
  try {
    const bytes = await bounded(file === '-' ? process.stdin : createReadStream(file));
    if (bytes === undefined) {
      return err(whole(name, 'yaml-too-large', `the file has more than ${maxText} bytes`));
    }
    return decode(name, bytes);
  } catch (cause) {
    return err(unreadable(name, cause));
  }
}

/** The size is counted while reading: that of a pipe or a growing file is not known before. */
async function bounded(stream: AsyncIterable<unknown>): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of stream) {
    const bytes = Buffer.from(chunk as Buffer);
    size += bytes.length;
    if (size > maxText) return undefined;
    chunks.push(bytes);
  }
  return Buffer.concat(chunks);
}

function decode(name: string, bytes: Buffer): Result<SourceFile, Diagnostic> {
  try {
    return ok({ file: name, text: new TextDecoder('utf-8', { fatal: true }).decode(bytes) });
  } catch (cause) {
    if (!(cause instanceof TypeError)) throw cause;
    return err({ ...whole(name, 'yaml-syntax', 'the file is not UTF-8'), fix: 'save it as UTF-8' });
  }
}

const causes: Readonly<Record<string, string>> = {
  ENOENT: 'it does not exist',
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EISDIR: 'it is a folder',
  ENOTDIR: 'a part of its path is not a folder',
  ELOOP: 'its symbolic links go in a circle',
};

function unreadable(file: string, cause: unknown): Diagnostic {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause);
  return whole(file, 'file-unreadable', causes[code] ?? code);
}

function whole(file: string, code: Diagnostic['code'], message: string): Diagnostic {
  return { code, message, file, line: 0, column: 0 };
}
