// Policy files to a PolicySet: whole, or every fault of every file. With yaml/files.ts the only I/O of these rooms.
import { byPlace, type Diagnostic } from '../base/diagnostic.ts';
import type { Result } from '../base/result.ts';
import { err, ok } from '../base/result.ts';
import type { SourceDocument } from '../yaml/document.ts';
import { listFiles, readFile } from '../yaml/files.ts';
import { readDocuments } from '../yaml/read.ts';
import { buildWithExceptions } from './cluster-exceptions.ts';
import { deepFreeze } from './freeze.ts';
import type { PolicySet } from './model.ts';

export type LoadOptions = {
  /** RFC 3339: what the ends of exceptions are held against. */
  readonly now: string;
  /** PolicyException objects of a cluster. */
  readonly exceptions?: readonly SourceDocument[];
};

/** Paths are files, folders, or `-` for standard input; later ones override earlier ones. Faults are sorted by place;
 * codes: file-*, yaml-*, policy-*, cel-*, policies-empty. */
export async function loadPolicySet(
  paths: readonly string[],
  { now, exceptions = [] }: LoadOptions,
): Promise<Result<PolicySet, readonly Diagnostic[]>> {
  const faults: Diagnostic[] = [];
  const idle: Diagnostic[] = [];
  const layers: (readonly SourceDocument[])[] = [];
  for (const path of paths) layers.push(await readLayer(path, faults, idle));
  const built = buildWithExceptions(layers, exceptions, { now });
  if (built.ok && faults.length === 0) return ok(deepFreeze({ ...built.value, idle }));
  const others = built.ok ? [] : built.error;
  return err(
    [...faults, ...others.flatMap((fault) => inPaths(fault, paths, { unread: faults, idle }))].sort(
      byPlace,
    ),
  );
}

async function readLayer(
  path: string,
  faults: Diagnostic[],
  idle: Diagnostic[],
): Promise<readonly SourceDocument[]> {
  const listed = await listFiles([path]);
  faults.push(...listed.faults);
  const documents: SourceDocument[] = [];
  for (const file of listed.files) {
    const source = await readFile(file);
    if (!source.ok) {
      faults.push(source.error);
      continue;
    }
    const read = readDocuments(source.value.text, source.value.file);
    faults.push(...read.faults);
    documents.push(...read.documents);
    if (read.documents.length + read.faults.length === 0) idle.push(nothingIn(file));
  }
  return documents;
}

function nothingIn(file: string): Diagnostic {
  const message = 'the file holds comments alone: nothing of it is in force';
  return { code: 'policy-idle', message, file, line: 1, column: 1 };
}

type Beside = { readonly unread: readonly Diagnostic[]; readonly idle: readonly Diagnostic[] };

/** That there is no policy is sure only when everything could be read; it is then said of the paths, and of the files that
 * would have held one. */
function inPaths(
  fault: Diagnostic,
  paths: readonly string[],
  { unread, idle }: Beside,
): readonly Diagnostic[] {
  if (fault.code !== 'policies-empty') return [fault];
  return unread.length > 0 ? [] : [{ ...fault, file: paths.join(', ') || fault.file }, ...idle];
}
