// Manifests in: every object of a document to the attempt that applying it now would be, or why it cannot be one.
// Upstream: what kubectl and the API server's create handler make of a manifest before admission.
import type { Code } from '../base/codes.ts';
import type { Diagnostic } from '../base/diagnostic.ts';
import type { FieldPath } from '../base/field-path.ts';
import { formatPath } from '../base/field-path.ts';
import { get, isObject, type JsonObject, type JsonValue } from '../base/json.ts';
import { err, ok, type Result } from '../base/result.ts';
import { count, cut, printable, quote } from '../base/text.ts';
import { kubernetesVersion } from '../k8s/api-types.ts';
import { type GroupVersionKind, parseApiVersion } from '../k8s/gvk.ts';
import { type CustomKinds, type MappedResource, mapKind } from '../k8s/resources.ts';
import type { Attempt, Operation, UserInfo } from '../model/attempt.ts';
import type { SourceDocument } from '../yaml/document.ts';
import { listItems } from './list-items.ts';
import { metadataFaults } from './metadata.ts';
import { isNamespaceKind, placed, settled, stored } from './settle.ts';

export type ManifestOptions = {
  /** null: UPDATE where `old` has the object, CONNECT for the kinds that are only ever connected to, else CREATE. */
  readonly operation: Operation | null;
  /** Of objects that name none. */
  readonly namespace: string;
  readonly userInfo: UserInfo;
  /** RFC 3339 in UTC. */
  readonly now: string;
  readonly customKinds: CustomKinds;
  readonly old: OldObjects;
};

/** Objects as they were before, by `objectKey`. */
export type OldObjects = ReadonlyMap<string, JsonObject>;

export type ManifestAttempt = {
  readonly attempt: Attempt;
  readonly document: SourceDocument;
  /** Where the object stands in its document: [] or `items[3]`. A path in the object continues it. */
  readonly basePath: FieldPath;
  /** What was assumed, as sentences. */
  readonly notes: readonly string[];
};

export type Manifests = {
  readonly attempts: readonly ManifestAttempt[];
  readonly faults: readonly Diagnostic[];
};

/** In order of the documents. Codes: manifest-kind, manifest-malformed; an object with a fault is not among the attempts. */
export function attemptsOf(
  documents: readonly SourceDocument[],
  options: ManifestOptions,
): Manifests {
  const attempts: ManifestAttempt[] = [];
  const faults: Diagnostic[] = [];
  for (const document of documents) {
    for (const found of manifestObjects(document)) {
      if (found.ok) attempts.push(attemptOf(found.value, document, options));
      else for (const fault of found.error) faults.push(fault);
    }
  }
  return { attempts, faults };
}

/** An object that says what it is, with metadata of the right types. */
export type ManifestObject = {
  readonly kind: GroupVersionKind;
  readonly object: JsonObject;
  readonly path: FieldPath;
};

/** Each object of a document, or its faults. */
export function* manifestObjects(
  document: SourceDocument,
): Generator<Result<ManifestObject, readonly Diagnostic[]>> {
  for (const { value, path } of listItems(document.value)) {
    const faults: Diagnostic[] = [];
    const fault = (code: Code, at: FieldPath, message: string, fix?: string): void => {
      faults.push(diagnostic(document, code, [...path, ...at], message, fix));
    };
    const kind = readKind(value, fault);
    if (isObject(value)) {
      for (const wrong of metadataFaults(value)) {
        const message = `${formatPath(wrong.path)} must be ${wrong.wanted}`;
        fault('manifest-malformed', wrong.path, message, wrong.fix);
      }
    }
    if (kind === undefined || !isObject(value) || faults.length > 0) yield err(faults);
    else yield ok({ kind, object: value, path });
  }
}

type Fault = (code: Code, at: FieldPath, message: string, fix?: string) => void;

/** INVARIANT: undefined only when a fault was noted. */
function readKind(value: JsonValue, fault: Fault): GroupVersionKind | undefined {
  if (!isObject(value)) {
    fault('manifest-malformed', [], 'a manifest must be a mapping with apiVersion and kind');
    return undefined;
  }
  const [apiVersion, kind] = [get(value, 'apiVersion'), get(value, 'kind')];
  const missing = Object.entries({ apiVersion, kind }).filter(([, v]) => (v ?? '') === '');
  if (missing.length > 0) {
    const names = missing.map(([name]) => name).join(' and ');
    fault('manifest-kind', [], `${names} ${missing.length > 1 ? 'are' : 'is'} missing`);
    return undefined;
  }
  if (typeof apiVersion !== 'string') {
    fault('manifest-malformed', ['apiVersion'], 'apiVersion must be a string');
  }
  if (typeof kind !== 'string') fault('manifest-malformed', ['kind'], 'kind must be a string');
  if (typeof apiVersion !== 'string' || typeof kind !== 'string') return undefined;
  const parsed = parseApiVersion(apiVersion);
  if (!parsed.ok) {
    fault('manifest-malformed', ['apiVersion'], `${parsed.error}: it is ${quote(apiVersion)}`);
    return undefined;
  }
  return { ...parsed.value, kind };
}

function diagnostic(
  document: SourceDocument,
  code: Code,
  path: FieldPath,
  message: string,
  fix: string | undefined,
): Diagnostic {
  const { line, column } = document.position(path);
  const excerpt = document.lineAt(line);
  const mend = fix === undefined ? {} : { fix };
  return { code, message, file: document.file, line, column, excerpt, ...mend };
}

function attemptOf(
  { kind, object, path }: ManifestObject,
  document: SourceDocument,
  options: ManifestOptions,
): ManifestAttempt {
  const mapped = mapKind(kind, options.customKinds);
  const place = placed(kind, mapped, object, options.namespace);
  const { name } = place;
  const namespace = isNamespaceKind(kind) ? name : place.namespace;
  const old = options.old.get(objectKey(kind, place.namespace, name));
  const operation = operationOf(options.operation, mapped, old);
  const sent = settled(place.object, operation, mapped, old);
  const { resource, subResource } = mapped;
  const notes = [
    ...(mapped.guessed ? [guess(kind, mapped)] : []),
    ...(operation === 'UPDATE' && old === undefined ? [noOld] : []),
    ...unknownNote(kind, sent.unknown),
  ];
  return {
    document,
    basePath: path,
    notes,
    attempt: {
      uid: '',
      origin: 'manifest',
      operation,
      kind,
      resource,
      subResource,
      requestKind: kind,
      requestResource: resource,
      requestSubResource: subResource,
      name,
      namespace,
      userInfo: options.userInfo,
      object: operation === 'DELETE' ? null : sent.object,
      oldObject: oldObjectOf(operation, sent.object, old),
      options: null,
      dryRun: false,
      now: options.now,
      deadline: null,
    },
  };
}

const noOld = 'no old object is given (--old), so oldObject is null';

function guess({ kind }: GroupVersionKind, { resource }: MappedResource): string {
  return `${quote(kind)} is no built-in kind and no definition of it is given: it is taken for a namespaced kind with the resource ${quote(resource.resource)}`;
}

const shownFields = 3;
const maxField = 100;

/** They are judged as they are written: a newer Kubernetes may know them. */
function unknownNote({ kind }: GroupVersionKind, unknown: readonly FieldPath[]): string[] {
  if (unknown.length === 0) return [];
  const fields = unknown.map((path) => cut(printable(formatPath(path)), maxField));
  const more = count(unknown.length - shownFields, 'other field');
  const names = fields.slice(0, shownFields).join(', ');
  const all = unknown.length > shownFields ? `${names} and ${more}` : names;
  const verb = unknown.length > 1 ? 'are no fields' : 'is no field';
  return [
    `${all} ${verb} of ${quote(kind)} in Kubernetes ${kubernetesVersion}, whose kubectl would refuse the manifest`,
  ];
}

function operationOf(
  wanted: Operation | null,
  { connect }: MappedResource,
  old: JsonObject | undefined,
): Operation {
  if (wanted !== null) return wanted;
  if (connect) return 'CONNECT';
  return old === undefined ? 'CREATE' : 'UPDATE';
}

function oldObjectOf(
  operation: Operation,
  object: JsonObject,
  old: JsonObject | undefined,
): JsonObject | null {
  if (operation === 'DELETE') return object;
  return operation === 'UPDATE' ? (old ?? null) : null;
}

/** What `--old` pairs by: group, kind, namespace and name. */
function objectKey({ group, kind }: GroupVersionKind, namespace: string, name: string): string {
  return JSON.stringify([group, kind, namespace, name]);
}

/** The objects of `--old`, settled as the new ones are. Of two with one key the later is taken. */
export function oldObjectsOf(
  objects: readonly ManifestObject[],
  { customKinds, namespace }: Pick<ManifestOptions, 'customKinds' | 'namespace'>,
): OldObjects {
  return new Map(
    objects.map(({ kind, object }) => {
      const place = placed(kind, mapKind(kind, customKinds), object, namespace);
      return [objectKey(kind, place.namespace, place.name), stored(place.object)];
    }),
  );
}
