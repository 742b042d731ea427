// An object as policies see it when the API server asks them: of the types that it knows, with defaults, after the
// admission plugins that change objects, and with what is made at creation.
// Upstream: the create handler of k8s.io/apiserver; proven against a server by test/e2e/defaults.e2e.ts.
import type { FieldPath } from '../../base/field-path.ts';
import { get, type JsonObject } from '../../base/json.ts';
import { readStruct, writeStruct } from '../api-object.ts';
import { hasDefaults } from '../api-types.ts';
import { coreDefaults } from './core.ts';
import { create } from './created.ts';
import { networkingDefaults, rbacDefaults } from './networking.ts';
import { podDefaults } from './pod.ts';
import { filler } from './table.ts';
import { volumeDefaults } from './volumes.ts';
import { workloadDefaults } from './workloads.ts';

export type Sent = {
  readonly object: JsonObject;
  /** Fields that the type does not have: kept, though the API server drops them. */
  readonly unknown: readonly FieldPath[];
};

const fill = filler([
  ...[podDefaults, volumeDefaults, coreDefaults],
  ...[workloadDefaults, networkingDefaults, rbacDefaults],
]);

/** `create`: the object is new, or takes the place of `old`, which went through here too; else only types and defaults
 * count, as for a subresource. Kinds without a table are left as they are. */
export function asServed(
  object: JsonObject,
  how: { readonly create: boolean; readonly old?: JsonObject | undefined },
): Sent {
  const [apiVersion, kind] = [get(object, 'apiVersion'), get(object, 'kind')];
  if (
    typeof apiVersion !== 'string' ||
    typeof kind !== 'string' ||
    !hasDefaults(apiVersion, kind)
  ) {
    return { object, unknown: [] };
  }
  const unknown: FieldPath[] = [];
  const draft = readStruct(kind, object, (path) => unknown.push(path));
  fill(kind, draft);
  if (how.create) create(kind, draft, how.old);
  return { object: writeStruct(kind, draft), unknown };
}
