// PolicyTest files to cases, with the objects of the files that they name; or all that is wrong with any of them.
import { byPlace, type Diagnostic } from '../../base/diagnostic.ts';
import { isObject } from '../../base/json.ts';
import { err, ok, type Result } from '../../base/result.ts';
import {
  type PolicyCase,
  type PolicyTestOptions,
  readPolicyTests,
} from '../../policy/policy-test.ts';
import { type ObjectFile, objectFilesOf } from '../../policy/policy-test-objects.ts';
import type { SourceDocument } from '../../yaml/document.ts';
import { listFiles, readFile } from '../../yaml/files.ts';
import { readDocuments } from '../../yaml/read.ts';

export type CaseOptions = Pick<PolicyTestOptions, 'now' | 'policies'>;

/** Every case under the paths, in order; empty when there is none. Other documents are passed over. */
export async function loadCases(
  paths: readonly string[],
  options: CaseOptions,
): Promise<Result<readonly PolicyCase[], readonly Diagnostic[]>> {
  const listed = await listFiles(paths);
  const faults: Diagnostic[] = [...listed.faults];
  const documents: SourceDocument[] = [];
  for (const file of listed.files) {
    const read = await readAll(file, faults);
    for (const document of read ?? []) documents.push(document);
  }
  const files = new Map<string, ObjectFile>();
  for (const file of objectFilesOf(documents)) files.set(file, await objectFile(file, faults));
  const cases = readPolicyTests(documents, { ...options, files });
  if (cases.ok && faults.length === 0) return ok(cases.value);
  return err([...faults, ...(cases.ok ? [] : cases.error)].sort(byPlace));
}

/** undefined: the file cannot be read, which is a fault already. */
async function readAll(
  file: string,
  faults: Diagnostic[],
): Promise<readonly SourceDocument[] | undefined> {
  const source = await readFile(file);
  if (!source.ok) {
    faults.push(source.error);
    return undefined;
  }
  const read = readDocuments(source.value.text, source.value.file);
  for (const fault of read.faults) faults.push(fault);
  return read.documents;
}

async function objectFile(file: string, faults: Diagnostic[]): Promise<ObjectFile> {
  const source = await readFile(file);
  if (!source.ok) return { kind: 'unusable', message: source.error.message };
  const { documents, faults: own } = readDocuments(source.value.text, source.value.file);
  for (const fault of own) faults.push(fault);
  if (own.length > 0) return { kind: 'told' };
  const [first] = documents;
  if (documents.length !== 1 || first === undefined) {
    return { kind: 'unusable', message: `it holds ${documents.length} documents, not one` };
  }
  if (!isObject(first.value)) return { kind: 'unusable', message: 'it is no mapping' };
  return { kind: 'object', object: first.value };
}
