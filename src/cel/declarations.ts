// The names that an expression may use, and their static types.
// Upstream: BuildRequestType and BuildNamespaceType in k8s.io/apiserver/pkg/admission/plugin/cel/compile.go.
import type { Frame, Run } from './frame.ts';
import type { Scope } from './program.ts';
import { bool, dyn, int, listOf, mapOf, string, type Type, type } from './type.ts';
import { TypeValue, type Value } from './value.ts';

const gvk = type('kubernetes.GroupVersionKind');
const gvr = type('kubernetes.GroupVersionResource');
const userInfo = type('kubernetes.UserInfo');
const request = type('kubernetes.AdmissionRequest');
const namespace = type('kubernetes.Namespace');
const metadata = type('kubernetes.NamespaceMetadata');
const spec = type('kubernetes.NamespaceSpec');
const status = type('kubernetes.NamespaceStatus');
const time = type('google.protobuf.Timestamp');
const texts = mapOf(string, string);

/** Types with declared fields: any other field of theirs is a fault at load. */
const structs: ReadonlyMap<string, Readonly<Record<string, Type>>> = new Map([
  [gvk.name, { group: string, version: string, kind: string }],
  [gvr.name, { group: string, version: string, resource: string }],
  [
    userInfo.name,
    { username: string, uid: string, groups: listOf(string), extra: mapOf(string, listOf(string)) },
  ],
  [
    request.name,
    {
      kind: gvk,
      resource: gvr,
      subResource: string,
      requestKind: gvk,
      requestResource: gvr,
      requestSubResource: string,
      name: string,
      namespace: string,
      operation: string,
      userInfo,
      dryRun: bool,
      options: dyn,
    },
  ],
  [namespace.name, { metadata, spec, status }],
  [
    metadata.name,
    {
      name: string,
      generateName: string,
      namespace: string,
      labels: texts,
      annotations: texts,
      UID: string,
      creationTimestamp: time,
      deletionGracePeriodSeconds: int,
      deletionTimestamp: time,
      generation: int,
      resourceVersion: string,
      finalizers: listOf(string),
    },
  ],
  [spec.name, { finalizers: listOf(string) }],
  [status.name, { phase: string }],
]);

/** The type of a declared field; undefined when the type has no such field, null when its fields are not declared. */
export function fieldType(of: Type, field: string): Type | undefined | null {
  const fields = structs.get(of.name);
  if (fields === undefined) return null;
  return Object.hasOwn(fields, field) ? fields[field] : undefined;
}

const typeNames: Readonly<Record<string, string>> = {
  bool: 'bool',
  int: 'int',
  uint: 'uint',
  double: 'double',
  string: 'string',
  bytes: 'bytes',
  list: 'list',
  map: 'map',
  null_type: 'null_type',
  type: 'type',
};

export type Declared = { readonly type: Type; readonly run: Run };

const root =
  (read: (frame: Frame) => Value): Run =>
  (frame) => {
    frame.left--;
    return read(frame);
  };

/** What a bare name means; undefined when it is not declared. */
export function declared(name: string, scope: Scope): Declared | undefined {
  switch (name) {
    case 'object':
      return { type: dyn, run: root((f) => f.activation.roots.object) };
    case 'oldObject':
      return { type: dyn, run: root((f) => f.activation.roots.oldObject) };
    case 'request':
      return { type: request, run: root((f) => f.activation.roots.request) };
    case 'namespaceObject':
      return { type: namespace, run: root((f) => f.activation.roots.namespaceObject) };
    case 'params':
      if (!scope.params) return undefined;
      return { type: dyn, run: root((f) => f.activation.roots.params ?? null) };
    default:
      return typeValue(name);
  }
}

function typeValue(name: string): Declared | undefined {
  if (!Object.hasOwn(typeNames, name)) return undefined;
  const value = new TypeValue(name);
  return { type: type('type'), run: () => value };
}
