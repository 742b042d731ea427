// Connections to registries: whom they believe, through which proxy, and that no looked-up address is a forbidden one.
// Upstream: undici Agent and ProxyAgent.
import { Agent, type Dispatcher, ProxyAgent } from 'undici';
import type { Hosts } from './endpoint.ts';
import { ForbiddenAddress } from './faults.ts';
import { forbiddenAddress, type Place } from './guard.ts';
import type { HostAddress, RegistryPorts } from './ports.ts';
import { proxyFor } from './proxy.ts';
import type { RegistrySettings } from './settings.ts';

export type Reach = {
  dispatcherFor(url: URL): Dispatcher;
  close(): Promise<void>;
};

const connectMs = 5_000;
/** Between two parts of an answer; the signal of the question is the real limit. */
const silenceMs = 30_000;

const limits = {
  allowH2: false,
  maxHeaderSize: 16 * 1024,
  headersTimeout: silenceMs,
  bodyTimeout: silenceMs,
  keepAliveTimeout: 10_000,
};

/** One agent for all hosts that nothing is said of, and one for each that something is. */
export function openReach(settings: RegistrySettings, hosts: Hosts, ports: RegistryPorts): Reach {
  const agents = new Map<string, Dispatcher>();
  return {
    dispatcherFor(url) {
      const named = hosts.settingsOf(url);
      const proxy = proxyFor(url, settings.proxy);
      const key = JSON.stringify([named?.host, proxy]);
      const known = agents.get(key);
      if (known !== undefined) return known;
      const trust = { rejectUnauthorized: true, ...(named?.ca ? { ca: named.ca } : {}) };
      const lookup = guardedLookup(ports.lookup, named === undefined ? hosts.apiServers : null);
      const made = proxy === null ? direct(lookup, trust) : proxied(proxy, trust);
      agents.set(key, made);
      return made;
    },
    async close() {
      await Promise.all([...agents.values()].map((agent) => agent.destroy()));
      agents.clear();
    },
  };
}

function direct(lookup: Lookup, trust: object): Dispatcher {
  return new Agent({ ...limits, connect: { ...trust, lookup, timeout: connectMs } });
}

function proxied(uri: string, trust: object): Dispatcher {
  return new ProxyAgent({ ...limits, uri, requestTls: trust, connectTimeout: connectMs });
}

type Found = string | { address: string; family: number }[];
type Lookup = (
  host: string,
  options: { readonly all?: boolean | undefined },
  told: (error: Error | null, address: Found, family?: number) => void,
) => void;

/** `apiServers` null: the settings name the host, and it may be where others may not. */
function guardedLookup(
  lookup: RegistryPorts['lookup'],
  apiServers: readonly Place[] | null,
): Lookup {
  return (host, { all }, told) => {
    lookup(host)
      .then((found) => checked(found, apiServers))
      .then(
        (addresses) => {
          const [first] = addresses;
          if (first === undefined) told(new Error(`there is no address of ${host}`), []);
          else if (all === true) told(null, addresses);
          else told(null, first.address, first.family);
        },
        (cause: Error) => told(cause, []),
      );
  };
}

/** One forbidden address forbids the name: which of them is tried is not ours to say. */
function checked(
  found: readonly HostAddress[],
  apiServers: readonly Place[] | null,
): { address: string; family: number }[] {
  for (const { address } of found) {
    const isApiServer = apiServers?.some(({ name }) => name === address);
    const why = isApiServer ? 'is the API server' : forbiddenAddress(address, apiServers === null);
    if (why !== undefined) throw new ForbiddenAddress(`has the address ${address}, which ${why}`);
  }
  return found.map((each) => ({ ...each }));
}
