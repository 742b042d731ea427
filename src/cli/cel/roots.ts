// The names that an expression sees, from files: the objects as they are written, and the request that would send them.
import type { Diagnostic } from '../../base/diagnostic.ts';
import { isObject, type JsonObject } from '../../base/json.ts';
import { err, ok, type Result } from '../../base/result.ts';
import type { Roots } from '../../cel/program.ts';
import { namespaceObject, requestObject } from '../../engine/request.ts';
import type { Operation } from '../../model/attempt.ts';
import { attemptsOf } from '../../review/manifest.ts';
import type { SourceDocument } from '../../yaml/document.ts';
import { readFile } from '../../yaml/files.ts';
import { readDocuments } from '../../yaml/read.ts';
import { type RootFiles, type RootFlag, rootFlags } from './settings.ts';

type Documents = { readonly [flag in RootFlag]?: SourceDocument };

/** `now`: RFC 3339 in UTC. */
export async function rootsOf(
  files: RootFiles,
  now: string,
): Promise<Result<Roots, readonly Diagnostic[]>> {
  const documents: { [flag in RootFlag]?: SourceDocument } = {};
  const faults: Diagnostic[] = [];
  for (const flag of Object.keys(rootFlags) as RootFlag[]) {
    const file = files[flag];
    if (file === undefined) continue;
    const read = await readObject(file);
    if (read.ok) documents[flag] = read.value;
    else faults.push(...read.error);
  }
  return faults.length > 0 ? err(faults) : ok(rootsIn(documents, now));
}

async function readObject(file: string): Promise<Result<SourceDocument, readonly Diagnostic[]>> {
  const source = await readFile(file);
  if (!source.ok) return err([source.error]);
  const { documents, faults } = readDocuments(source.value.text, source.value.file);
  if (faults.length > 0) return err(faults);
  const [document, ...more] = documents;
  if (document !== undefined && more.length === 0 && isObject(document.value)) return ok(document);
  const message = `the file must hold one object, and it holds ${documents.length === 1 ? 'another value' : documents.length}`;
  return err([
    { code: 'manifest-malformed', message, file: source.value.file, line: 0, column: 0 },
  ]);
}

function rootsIn(documents: Documents, now: string): Roots {
  const { object, old, params } = documents;
  const namespace = objectOf(documents.namespaceObject);
  return {
    object: objectOf(object),
    oldObject: objectOf(old),
    request: requestOf(documents, now),
    namespaceObject: namespaceObject(namespace),
    ...(params === undefined ? {} : { params: objectOf(params) }),
  };
}

function objectOf(document: SourceDocument | undefined): JsonObject | null {
  return document !== undefined && isObject(document.value) ? document.value : null;
}

/** What says no apiVersion and kind is no manifest: of its request only the operation is known. */
function requestOf({ object, old }: Documents, now: string): JsonObject {
  const operation = operationOf(object, old);
  const document = object ?? old;
  if (document === undefined) return { operation };
  const { attempts } = attemptsOf([document], {
    operation,
    namespace: 'default',
    userInfo: { username: '', uid: '', groups: [], extra: {} },
    now,
    customKinds: new Map(),
    old: new Map(),
  });
  const [only, ...more] = attempts;
  return only === undefined || more.length > 0 ? { operation } : requestObject(only.attempt);
}

function operationOf(object: unknown, old: unknown): Operation {
  if (old === undefined) return 'CREATE';
  return object === undefined ? 'DELETE' : 'UPDATE';
}
