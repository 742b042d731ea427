// A case as the attempt that it is: what the API server would send when this object is created, changed, deleted or
// connected to. What it would never send is a fault of the case: proven on it, a rule would be proven on nothing.
import { formatPath } from '../base/field-path.ts';
import { get, isObject, type JsonObject } from '../base/json.ts';
import { quote } from '../base/text.ts';
import { parseTimestamp } from '../cel/library/time-text.ts';
import { Timestamp } from '../cel/value.ts';
import { settleMetadata } from '../k8s/defaults.ts';
import { formatApiVersion, type GroupVersionKind, parseApiVersion } from '../k8s/gvk.ts';
import { type MappedResource, mapKind } from '../k8s/resources.ts';
import type { Attempt, Operation, UserInfo } from '../model/attempt.ts';
import { inconsistency } from '../review/consistency.ts';
import { metadataFaults } from '../review/metadata.ts';
import { isNamespaceKind, placed, settled, stored } from '../review/settle.ts';
import type { Report } from './faults.ts';
import type { CaseObjects } from './policy-test-objects.ts';
import type { WrittenCase } from './written.ts';

export type CaseContext = {
  /** Paths are those of the case. */
  readonly report: Report;
  /** RFC 3339: for cases that name no time. */
  readonly now: string;
};

/** undefined when a fault was reported. */
export function attemptOf(
  written: WrittenCase,
  objects: CaseObjects,
  { report, now }: CaseContext,
): Attempt | undefined {
  const kind = kindOf(objects, report);
  const mapped = kind === undefined ? undefined : resourceOf(kind, written, objects, report);
  const at = timeOf(written, now, report);
  if (kind === undefined || mapped === undefined || at === undefined) return undefined;
  const operation = operationOf(written, mapped);
  const namespace = namespaceOf(written, objects, kind, mapped, report);
  const place = (object: JsonObject): JsonObject =>
    placed(kind, mapped, inNamespace(object, mapped, namespace), namespace).object;
  const oldObject = objects.oldObject === null ? null : stored(place(objects.oldObject));
  const object =
    objects.object === null
      ? null
      : settled(place(objects.object), operation, mapped, oldObject ?? undefined).object;
  const { resource, subResource } = mapped;
  const name = nameOf(objects.object ?? objects.oldObject) || (written.objectName ?? '');
  const attempt: Attempt = {
    uid: '',
    origin: 'case',
    operation,
    kind,
    resource,
    subResource,
    requestKind: kind,
    requestResource: resource,
    requestSubResource: subResource,
    name,
    namespace: isNamespaceKind(kind) ? name : namespace,
    userInfo: userOf(written),
    object,
    oldObject,
    options: null,
    dryRun: written.dryRun ?? false,
    now: at,
    deadline: null,
  };
  const wrong = inconsistency(attempt);
  if (wrong === undefined) return attempt;
  report({ path: [], message: `the API server would never send this: ${wrong}` });
  return undefined;
}

function kindOf(
  { object, oldObject, path }: CaseObjects,
  report: Report,
): GroupVersionKind | undefined {
  const own = object ?? oldObject ?? {};
  const [apiVersion, kind] = [get(own, 'apiVersion'), get(own, 'kind')];
  if (typeof apiVersion !== 'string' || typeof kind !== 'string' || kind === '') {
    report({ path, message: 'the object of the case needs apiVersion and kind, as texts' });
    return undefined;
  }
  for (const wrong of metadataFaults(own)) {
    report({ path, message: `${formatPath(wrong.path)} of the object must be ${wrong.wanted}` });
  }
  const parsed = parseApiVersion(apiVersion);
  if (parsed.ok) return { ...parsed.value, kind };
  report({ path, message: `${parsed.error}: it is ${quote(apiVersion)}` });
  return undefined;
}

function resourceOf(
  kind: GroupVersionKind,
  { resource: given, subResource, operation }: WrittenCase,
  { path }: CaseObjects,
  report: Report,
): MappedResource | undefined {
  const mapped = mapKind(kind, new Map());
  if (given !== undefined) {
    const { group = '', version = '', resource = '', scope } = given;
    return {
      resource: { group, version, resource },
      subResource: subResource ?? mapped.subResource,
      namespaced: scope === undefined ? mapped.namespaced : scope !== 'Cluster',
      connect: operation === 'CONNECT',
      guessed: false,
    };
  }
  const name = `${quote(kind.kind)} (${formatApiVersion(kind)})`;
  if (mapped.guessed) {
    const { group, version, resource } = mapped.resource;
    const fix = `name it, if this is it: resource: {group: ${quote(group)}, version: ${version}, resource: ${resource}}`;
    report({ path, message: `${name} does not tell its resource: it is no built-in kind`, fix });
    return undefined;
  }
  const own = mapped.subResource;
  if (own !== '' && subResource !== undefined && subResource !== own) {
    const message = `${name} is sent to ${mapped.resource.resource}/${own}, not to ${quote(subResource)}`;
    report({ path: ['subResource'], message, fix: `set it to ${own}, or leave it out` });
    return undefined;
  }
  if (operation !== undefined && (operation === 'CONNECT') !== mapped.connect) {
    const message = mapped.connect
      ? `${name} comes with CONNECT, not with ${operation}`
      : `CONNECT comes with an object such as PodExecOptions, not with ${name}`;
    report({ path: ['operation'], message });
    return undefined;
  }
  return { ...mapped, subResource: subResource ?? own };
}

function operationOf({ operation }: WrittenCase, { connect }: MappedResource): Operation {
  // INVARIANT: the schema has closed the words.
  return (operation as Operation | undefined) ?? (connect ? 'CONNECT' : 'CREATE');
}

/** "" for cluster-scoped kinds. */
function namespaceOf(
  { namespace }: WrittenCase,
  { object, oldObject, fromBase, path }: CaseObjects,
  kind: GroupVersionKind,
  { namespaced }: MappedResource,
  report: Report,
): string {
  if (!namespaced) {
    if (namespace !== undefined) {
      const fix = isNamespaceKind(kind) ? 'put its labels into the object' : 'leave it out';
      report({ path: ['namespace'], message: `${kind.kind} is in no namespace`, fix });
    }
    return '';
  }
  const own = textOf(get(object ?? oldObject, 'metadata'), 'namespace');
  const given = namespace?.name;
  if (given !== undefined && own !== '' && own !== given && !fromBase) {
    const message = `the object is in the namespace ${quote(own)}, but the case in ${quote(given)}`;
    report({ path, message });
  }
  return given ?? (own === '' ? 'default' : own);
}

/** The namespace of the case wins over the one that the object names. */
function inNamespace(
  object: JsonObject,
  { namespaced }: MappedResource,
  namespace: string,
): JsonObject {
  const metadata = get(object, 'metadata');
  return namespaced && isObject(metadata)
    ? { ...object, metadata: { ...metadata, namespace } }
    : object;
}

function userOf({ user = {} }: WrittenCase): UserInfo {
  const { username = 'alice', uid = '', groups = ['system:authenticated'], extra = {} } = user;
  return { username, uid, groups, extra };
}

function timeOf({ time }: WrittenCase, now: string, report: Report): string | undefined {
  if (time === undefined) return now;
  const read = parseTimestamp(time);
  if (read instanceof Timestamp) return new Date(Number(read.nanos / 1_000_000n)).toISOString();
  const message = `time must be an RFC 3339 time, not ${quote(time)}`;
  report({ path: ['time'], message, fix: 'for example 2027-01-31T18:00:00Z' });
  return undefined;
}

function nameOf(object: JsonObject | null): string {
  return settleMetadata(object ?? {}, { namespaced: false, namespace: '' }).name;
}

function textOf(value: unknown, key: string): string {
  const found = get(value, key);
  return typeof found === 'string' ? found : '';
}
