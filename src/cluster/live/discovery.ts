// From a kind to the path of its list: built-in kinds from our table, others as the API server tells.
// Upstream: APIResourceList, `kubectl api-resources`.
import { get, isArray } from '../../base/json.ts';
import { err, ok, type Result } from '../../base/result.ts';
import { quote } from '../../base/text.ts';
import { parseApiVersion } from '../../k8s/gvk.ts';
import { resourceFor } from '../../k8s/resources.ts';
import type { Api, ApiFault } from './api.ts';
import { textOf } from './object.ts';

export type KindName = { readonly apiVersion: string; readonly kind: string };
export type Found = { readonly resource: string; readonly namespaced: boolean };

const timeout = 10_000;

export async function findKind(
  api: Pick<Api, 'get'>,
  { apiVersion, kind }: KindName,
): Promise<Result<Found, ApiFault>> {
  const version = parseApiVersion(apiVersion);
  if (!version.ok) return err(unknown(version.error));
  const known = resourceFor(version.value.group, kind);
  if (known !== undefined) return ok(known);
  const told = await api.get(rootOf(apiVersion), timeout);
  if (!told.ok) return told;
  const resources = get(told.value, 'resources');
  const row = (isArray(resources) ? resources : []).find(
    (each) => get(each, 'kind') === kind && !textOf(each, 'name').includes('/'),
  );
  const name = textOf(row, 'name');
  if (name === '')
    return err(unknown(`the API server knows no kind ${quote(kind)} in ${apiVersion}`));
  return ok({ resource: name, namespaced: get(row, 'namespaced') === true });
}

/** `/api/v1`, `/apis/apps/v1`. */
export function rootOf(apiVersion: string): string {
  const steps = apiVersion.split('/').map(encodeURIComponent).join('/');
  return apiVersion.includes('/') ? `/apis/${steps}` : `/api/${steps}`;
}

/** `namespace` null: the whole cluster. */
export function listPath(apiVersion: string, { resource }: Found, namespace: string | null) {
  const inside = namespace === null ? '' : `/namespaces/${encodeURIComponent(namespace)}`;
  return `${rootOf(apiVersion)}${inside}/${encodeURIComponent(resource)}`;
}

function unknown(message: string): ApiFault {
  return { kind: 'missing', message, retryAfter: null };
}
