// Which transparency logs of a trust root count: those at the address that an authority names, or all of them.
// Upstream: ctlog.url of sigstore/policy-controller, which is the one log that is asked there.
import { get, isArray, type JsonValue } from '../../base/json.ts';
import type { TrustRoot } from '../../images/model.ts';

/** The address that stands for the public Sigstore, with the shards that it opens from year to year. */
const publicRekor = 'https://rekor.sigstore.dev';

export function isPublicRekor(url: string): boolean {
  return url === '' || addressOf(url) === addressOf(publicRekor);
}

function addressOf(url: string): string {
  return (URL.parse(url)?.href ?? url).replace(/\/+$/, '');
}

function logsOf({ json }: TrustRoot): readonly JsonValue[] {
  const logs = get(json, 'tlogs');
  return isArray(logs) ? logs : [];
}

function urlOf(log: JsonValue): string {
  return String(get(log, 'baseUrl') ?? '');
}

/** The trust root with no other logs; undefined when it has none at the address. `url`: "" is any. */
export function withLogAt(root: TrustRoot, url: string): TrustRoot | undefined {
  const all = logsOf(root);
  const own = all.filter((log) => url === '' || addressOf(urlOf(log)) === addressOf(url));
  if (own.length === all.length) return root;
  if (own.length === 0) return undefined;
  return { name: `${root.name} (${url})`, json: { ...root.json, tlogs: own } };
}

export function logUrls(root: TrustRoot): readonly string[] {
  return logsOf(root).map(urlOf);
}
