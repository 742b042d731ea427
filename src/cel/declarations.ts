// The names that an expression may use, and their static types.
// Upstream: BuildRequestType and BuildNamespaceType in k8s.io/apiserver/pkg/admission/plugin/cel/compile.go.
import type { Authorizer } from './authorizer.ts';
import { constantNode, type Frame, type Node } from './frame.ts';
import { imageStructs } from './image-types.ts';
import { authorizerValue, requestResourceValue } from './library/authorizer.ts';
import { rootNames, type Scope } from './program.ts';
import {
  bool,
  dyn,
  int,
  listOf,
  mapOf,
  optionalOf,
  parseType,
  string,
  type Type,
  type,
} from './type.ts';
import { CelError, Opaque, TypeValue, Unknown, type Value } from './value.ts';

const gvk = type('kubernetes.GroupVersionKind');
const gvr = type('kubernetes.GroupVersionResource');
const userInfo = type('kubernetes.UserInfo');
const request = type('kubernetes.AdmissionRequest');
const namespace = type('kubernetes.Namespace');
const metadata = type('kubernetes.NamespaceMetadata');
const spec = type('kubernetes.NamespaceSpec');
const status = type('kubernetes.NamespaceStatus');
const condition = type('kubernetes.NamespaceCondition');
const time = type('google.protobuf.Timestamp');
const variables = type('kubernetes.variables');
const texts = mapOf(string, string);

/** Types with declared fields: any other field of theirs is a fault at load. */
const structs: ReadonlyMap<string, Readonly<Record<string, Type>>> = new Map([
  ...imageStructs,
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
  [variables.name, {}],
  [spec.name, { finalizers: listOf(string) }],
  [status.name, { conditions: listOf(condition), phase: string }],
  [
    condition.name,
    { status: string, type: string, lastTransitionTime: time, message: string, reason: string },
  ],
]);

/** The type of a declared field; undefined when the type has no such field, null when its fields are not declared. */
export function fieldType(of: Type, field: string): Type | undefined | null {
  const fields = structs.get(of.name);
  if (fields === undefined) return null;
  return Object.hasOwn(fields, field) ? fields[field] : undefined;
}

/** Types that are values, by their name; what stands in them is left open. */
const typeNames: ReadonlyMap<string, Type> = new Map(
  [
    ...['bool', 'int', 'uint', 'double', 'string', 'bytes', 'null_type'].map(type),
    ...[time, type('google.protobuf.Duration'), type('net.IP'), type('net.CIDR')],
    ...[listOf(dyn), mapOf(dyn, dyn), optionalOf(dyn)],
  ].map((each) => [each.name, each]),
);

function root(type: Type, read: (frame: Frame) => Value): Node {
  return {
    type,
    attribute: 1,
    run: (frame) => {
      frame.left--;
      return read(frame);
    },
  };
}

/** What a name means that no comprehension declares; undefined when nothing does. */
export function declared(name: string, scope: Scope): Node | undefined {
  return (isLeftOut(name, scope) ? undefined : ofScope(name, scope)) ?? typeValue(name);
}

function isLeftOut(name: string, { roots }: Scope): boolean {
  return roots !== undefined && rootNames.some((each) => each === name && !roots.includes(each));
}

function ofScope(name: string, scope: Scope): Node | undefined {
  switch (name) {
    case 'object':
      return root(dyn, (f) => f.activation.roots.object);
    case 'oldObject':
      return root(dyn, (f) => f.activation.roots.oldObject);
    case 'request':
      return root(request, (f) => f.activation.roots.request);
    case 'namespaceObject':
      return root(namespace, (f) => f.activation.roots.namespaceObject);
    case 'params':
      return scope.params ? root(dyn, (f) => f.activation.roots.params ?? null) : undefined;
    case 'variables':
      return scope.variables === undefined ? undefined : root(variables, asOne);
    case 'authorizer':
      return scope.authorizer ? authorized('Authorizer', authorizerValue) : undefined;
    case 'authorizer.requestResource':
      return scope.authorizer ? authorized('ResourceCheck', requestResourceValue) : undefined;
    default:
      return extra(name, scope);
  }
}

/** All variables as one value, which is equal to itself: reading one of them is not done through it. */
function asOne({ activation }: Frame): Value {
  return new Opaque(variables.name, activation, (other) => other === activation);
}

function authorized(name: string, value: (authorizer: Authorizer) => Value): Node {
  return root(type(`kubernetes.authorization.${name}`), ({ activation: { roots } }) =>
    roots.authorizer === undefined ? new Unknown(['authorizer']) : value(roots.authorizer),
  );
}

function extra(name: string, { extra = [] }: Scope): Node | undefined {
  const found = extra.find((each) => each.name === name);
  if (found === undefined) return undefined;
  const missing = new CelError(`no such attribute(s): ${name}`);
  return root(parseType(found.type ?? 'dyn'), ({ activation }) => {
    const values = activation.roots.extra ?? {};
    return Object.hasOwn(values, name) ? values[name] : missing;
  });
}

function typeValue(name: string): Node | undefined {
  if (name === 'type') return constantNode({ name, args: [type(name)] }, new TypeValue(name));
  const known = typeNames.get(name);
  if (known === undefined) return undefined;
  return constantNode({ name: 'type', args: [known] }, new TypeValue(name));
}
