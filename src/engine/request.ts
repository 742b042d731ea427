// The `request` and `namespaceObject` that expressions see.
// Upstream: CreateAdmissionRequest and CreateNamespaceObject in k8s.io/apiserver/pkg/admission/plugin/cel.
import { get, type JsonObject, type JsonValue, setOwn } from '../base/json.ts';
import type { Attempt } from '../model/attempt.ts';

/** Empty strings and lists are absent, as the API server's encoding leaves them out (omitempty). */
export function requestObject(attempt: Attempt): JsonObject {
  const { userInfo } = attempt;
  const written = present({
    kind: { ...attempt.kind },
    resource: { ...attempt.resource },
    subResource: attempt.subResource,
    requestKind: { ...attempt.requestKind },
    requestResource: { ...attempt.requestResource },
    requestSubResource: attempt.requestSubResource,
    name: attempt.name,
    namespace: attempt.namespace,
    operation: attempt.operation,
    userInfo: present({
      username: userInfo.username,
      uid: userInfo.uid,
      groups: userInfo.groups,
      extra: Object.keys(userInfo.extra).length === 0 ? '' : userInfo.extra,
    }),
    dryRun: attempt.dryRun,
  });
  // There even when it is null, as for a connection: the API server's conversion keeps the key.
  return { ...written, options: attempt.options };
}

/** Only metadata (without managedFields, labels and annotations kept), spec and status. */
export function namespaceObject(namespace: JsonObject | null): JsonObject | null {
  if (namespace === null) return null;
  const shown: Record<string, JsonValue> = {};
  for (const key of ['metadata', 'spec', 'status']) {
    const value = get(namespace, key);
    if (value !== undefined) shown[key] = key === 'metadata' ? withoutManagedFields(value) : value;
  }
  return shown;
}

function withoutManagedFields(metadata: JsonValue): JsonValue {
  if (get(metadata, 'managedFields') === undefined) return metadata;
  const { managedFields: _, ...rest } = metadata as JsonObject;
  return rest;
}

function present(fields: JsonObject): JsonObject {
  const kept: Record<string, JsonValue> = {};
  for (const [key, value] of Object.entries(fields)) {
    if (value !== '' && value !== null && !(Array.isArray(value) && value.length === 0)) {
      setOwn(kept, key, value);
    }
  }
  return kept;
}
