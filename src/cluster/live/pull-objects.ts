// Secrets and ServiceAccounts, each read by its name when an image needs it: never listed, never watched, never kept here.
import type { JsonObject } from '../../base/json.ts';
import { err, ok, type Result } from '../../base/result.ts';
import { cut, quote } from '../../base/text.ts';
import type { ObjectName, PullObjects } from '../../images/access.ts';
import type { ImageFault } from '../../images/model.ts';
import type { Aged } from './aged.ts';
import type { ApiFault } from './api.ts';
import { liveTimeout } from './live-reads.ts';

type Source = Pick<Aged, 'api' | 'reads'>;
type Kind = { readonly kind: string; readonly resource: string };

const secrets: Kind = { kind: 'Secret', resource: 'secrets' };
const serviceAccounts: Kind = { kind: 'ServiceAccount', resource: 'serviceaccounts' };

export function pullObjects(source: Source): PullObjects {
  return {
    secret: (name, within) => read(source, secrets, name, within),
    serviceAccount: (name, within) => read(source, serviceAccounts, name, within),
  };
}

async function read(
  { api, reads }: Source,
  kind: Kind,
  name: ObjectName,
  within: number | null,
): Promise<Result<JsonObject | null, ImageFault>> {
  if (!isName(name.namespace) || !isName(name.name)) return ok(null);
  const path = `/api/v1/namespaces/${name.namespace}/${kind.resource}/${name.name}`;
  // A timeout is a whole number.
  const timeout = Math.max(1, Math.floor(Math.min(liveTimeout, within ?? liveTimeout)));
  const answer = await reads.read(path, () => api.get(path, timeout));
  if (answer.ok) return answer;
  return answer.error.kind === 'missing' ? ok(null) : err(faultOf(kind, name, answer.error));
}

/** Threat: names in templates are not validated, and `..` or `.` would make the path another one. */
function isName(text: string): boolean {
  return text.length <= 253 && /^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/.test(text);
}

function faultOf(
  { kind, resource }: Kind,
  { namespace, name }: ObjectName,
  { kind: cause, message }: ApiFault,
): ImageFault {
  const what = `${kind} ${cut(quote(`${namespace}/${name}`), 300)}`;
  const fix = `grant get on ${resource} in that namespace, or set pullSecrets off`;
  return {
    code: 'registry-credentials',
    message:
      cause === 'forbidden' ? `may not read ${what}: ${fix}` : `cannot read ${what}: ${message}`,
  };
}
