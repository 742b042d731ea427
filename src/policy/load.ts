// Policy files to a PolicySet: whole, or every fault of every file. With yaml/files.ts the only I/O of these rooms.
import { byPlace, type Diagnostic } from '../base/diagnostic.ts';
import type { Result } from '../base/result.ts';
import { err } from '../base/result.ts';
import type { SourceDocument } from '../yaml/document.ts';
import { listFiles, readFile } from '../yaml/files.ts';
import { readDocuments } from '../yaml/read.ts';
import { buildPolicySet } from './build.ts';
import type { PolicySet } from './model.ts';

/** Files, folders, or `-` for standard input; later paths override earlier ones. */
export async function loadPolicySet(
  paths: readonly string[],
): Promise<Result<PolicySet, readonly Diagnostic[]>> {
  const layers: SourceDocument[][] = [];
  const faults: Diagnostic[] = [];
  for (const path of paths) layers.push(await readLayer(path, faults));
  const built = buildPolicySet(layers);
  if (faults.length === 0) return built;
  // What could not be read may be what the other documents refer to: only its faults are sure.
  const own = built.ok ? [] : built.error.filter((fault) => fault.code !== 'policies-empty');
  return err([...faults, ...own].sort(byPlace));
}

async function readLayer(path: string, faults: Diagnostic[]): Promise<SourceDocument[]> {
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
    documents.push(...read.documents);
    faults.push(...read.faults);
  }
  return documents;
}
