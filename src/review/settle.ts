// Written objects as the API server would send them: placed and named, of the types that it knows, with defaults, and
// with what it makes at creation. `check`, its old objects and the cases of policies all come through here.
import type { JsonObject } from '../base/json.ts';
import { asServed, type Sent } from '../k8s/defaults/api-server.ts';
import { type Placed, settleMetadata, withNamespaceLabel } from '../k8s/defaults.ts';
import type { GroupVersionKind } from '../k8s/gvk.ts';
import type { MappedResource } from '../k8s/resources.ts';
import type { Operation } from '../model/attempt.ts';

/** With its name and namespace, and without metadata where the kind has none. */
export function placed(
  kind: GroupVersionKind,
  { namespaced, connect }: MappedResource,
  object: JsonObject,
  namespace: string,
): Placed {
  const settled = settleMetadata(object, { namespaced, namespace });
  if (connect) {
    const { metadata: _, ...rest } = object;
    return { ...settled, object: rest };
  }
  const isNamespace = isNamespaceKind(kind);
  return { ...settled, object: isNamespace ? withNamespaceLabel(settled.object) : settled.object };
}

/** What is sent: a new object, or with `old` (settled itself) one in its place. */
export function settled(
  object: JsonObject,
  operation: Operation,
  { subResource }: MappedResource,
  old: JsonObject | undefined,
): Sent {
  if (operation === 'DELETE') return { object: stored(object), unknown: [] };
  return asServed(object, { create: subResource === '', old });
}

/** An object that is there already: what was made at its creation is kept where it is written. */
export function stored(object: JsonObject): JsonObject {
  return asServed(object, { create: true, old: object }).object;
}

export function isNamespaceKind({ group, kind }: GroupVersionKind): boolean {
  return group === '' && kind === 'Namespace';
}
