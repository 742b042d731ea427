// Which proxy a URL is asked through, as the runtimes of containers decide it.
// Upstream: golang.org/x/net/http/httpproxy (NO_PROXY: names with what is below them, addresses, networks, `*`).
import { containsIp, parseAddress, parseCidr } from '../../k8s/ip-address.ts';
import { portOf } from './guard.ts';
import type { ProxySettings } from './settings.ts';

export function proxyFor(url: URL, { https, http, except }: ProxySettings): string | null {
  const proxy = url.protocol === 'http:' ? http : https;
  if (proxy === null || except.some((each) => isExcepted(url, each))) return null;
  return proxy;
}

function isExcepted(url: URL, entry: string): boolean {
  const name = url.hostname.replace(/^\[|\]$/g, '').toLowerCase();
  if (entry === '*') return true;
  const address = parseAddress(name);
  if (address.ok) {
    const network = parseCidr(entry);
    if (network.ok) return containsIp(network.value, address.value);
  }
  const { host, port } = split(entry.trim().toLowerCase());
  if (host === '' || (port !== '' && port !== portOf(url))) return false;
  if (host.startsWith('*.')) return name.endsWith(host.slice(1));
  return name === host || name.endsWith(host.startsWith('.') ? host : `.${host}`);
}

/** `host:port`, `[::1]:port`, or an address with colons of its own. */
function split(entry: string): { host: string; port: string } {
  const [, bracketed, name, port = ''] = /^(?:\[([^\]]*)\]|([^:]*))(?::(\d+))?$/.exec(entry) ?? [];
  return { host: bracketed ?? name ?? entry, port };
}
