// What the operator says of registries: how a host is reached and trusted, what is logged in with, and through what.
// None of it can change what a policy asks for.
import type { Credentials } from './registry.ts';

export type HostSettings = {
  /** As in a reference: `docker.io`, `registry.example.com:5000`; also a host that redirects or token endpoints name. */
  readonly host: string;
  /** Plain HTTP, for this host only. */
  readonly insecure: boolean;
  /** PEM; the only authorities that are believed for this host. null: the machine's. */
  readonly ca: string | null;
  /** `mirror.example.com/docker`: is asked before the host, under this path. null: the host is asked. */
  readonly mirror: string | null;
  /** The host is not asked for what its mirror does not give. */
  readonly mirrorOnly: boolean;
  /** Hosts beside its own that its credentials may be sent to for a token. */
  readonly tokenHosts: readonly string[];
};

/** URLs as HTTPS_PROXY and HTTP_PROXY have them, and NO_PROXY's list; null: none. */
export type ProxySettings = {
  readonly https: string | null;
  readonly http: string | null;
  readonly except: readonly string[];
};

export type RegistrySettings = {
  /** A host that is named here may be on loopback or link-local; each at most once. */
  readonly hosts: readonly HostSettings[];
  /** Of a docker config.json; a pod's own come first. */
  readonly credentials: Credentials | null;
  readonly proxy: ProxySettings;
  /** Requests at a time to one registry. */
  readonly concurrency: number;
  /** Milliseconds that a mirror may take to answer, before the host itself is asked. */
  readonly mirrorMs: number;
  /** `host` or `host:port` of the API server, as it is reached from here: never asked. */
  readonly apiServers: readonly string[];
};

export const noProxy: ProxySettings = { https: null, http: null, except: [] };

export const defaultRegistrySettings: RegistrySettings = {
  hosts: [],
  credentials: null,
  proxy: noProxy,
  concurrency: 8,
  mirrorMs: 5_000,
  apiServers: [],
};

export function hostSettings(host: string): HostSettings {
  return { host, insecure: false, ca: null, mirror: null, mirrorOnly: false, tokenHosts: [] };
}
