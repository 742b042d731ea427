// Where a repository is really asked: at the registry's mirror and its own host, by which scheme, and under which settings.
import { ok, type Result } from '../../base/result.ts';
import type { ImageFault } from '../model.ts';
import { notAllowed } from './faults.ts';
import { forbiddenUrl, type Guarded, placesIn, portOf } from './guard.ts';
import type { Repository } from './registry.ts';
import { type HostSettings, hostSettings, type RegistrySettings } from './settings.ts';

/** The table of hosts: by the name in the settings, or as a URL leads there. */
export type Hosts = Guarded & {
  /** Settings of the host that a URL leads to; undefined when the settings do not name it. */
  settingsOf(url: URL): HostSettings | undefined;
  named(host: string): HostSettings | undefined;
};

export function hostTable({ hosts, apiServers }: RegistrySettings): Hosts {
  const mirrors = hosts.flatMap(({ mirror }) => (mirror === null ? [] : [hostOf(mirror)]));
  const unsaid = mirrors.filter((each) => !hosts.some(({ host }) => host === each));
  const all = [...hosts, ...unsaid.map(hostSettings)];
  const byName = new Map(all.map((each) => [each.host.toLowerCase(), each]));
  const byPlace = new Map(all.map((each) => [placeOf(rootOf(each)), each]));
  return {
    apiServers: placesIn(apiServers),
    named: (host) => byName.get(host.toLowerCase()),
    settingsOf: (url) => byPlace.get(placeOf(url)),
    isNamed: (url) => byPlace.has(placeOf(url)),
  };
}

function hostOf(mirror: string): string {
  return mirror.split('/')[0] ?? '';
}

/** Docker Hub is asked at another host than its name says. */
const hub = { name: 'docker.io', host: 'registry-1.docker.io' };

function rootOf({ host, insecure }: HostSettings): URL | null {
  return URL.parse(`${insecure ? 'http' : 'https'}://${host === hub.name ? hub.host : host}/`);
}

function placeOf(url: URL | null): string {
  if (url === null) return '';
  return `${url.hostname}:${portOf(url)}`;
}

export type Endpoint = {
  /** For messages: the host that is asked. */
  readonly host: string;
  /** What credentials are looked up for. */
  readonly repository: Repository;
  /** `https://registry.example.com/v2/shop/web/`. */
  readonly base: URL;
  readonly tokenHosts: readonly string[];
};

const hostForm = /^(?:[a-zA-Z0-9.-]+|\[[a-fA-F0-9:.]+\])(?::[0-9]{1,5})?$/;
const pathForm = /^[a-z0-9]+(?:[._-]+[a-z0-9]+)*(?:\/[a-z0-9]+(?:[._-]+[a-z0-9]+)*)*$/;

/** `host` or `host:port`, as it may stand before the first slash of a reference. */
export function isHost(text: string): boolean {
  return hostForm.test(text) && URL.canParse(`https://${text}/`);
}

/** Where a repository is asked, in this order and at least at one place, once policies and the guard let it be. */
export function endpointsOf(
  repository: Repository,
  hosts: Hosts,
  allowed: (registry: string) => boolean,
): Result<readonly Endpoint[], ImageFault> {
  const { registry, path } = repository;
  if (!allowed(registry)) return notAllowed(registry, 'is named by no policy');
  const { mirror, mirrorOnly } = hosts.named(registry) ?? hostSettings(registry);
  const own = endpointOf(repository, hosts);
  if (mirror === null) return own.ok ? ok([own.value]) : own;
  const first = endpointOf(mirrored(mirror, path), hosts);
  if (!first.ok) return first;
  // A name that only the mirror knows need not be a host.
  return ok(mirrorOnly || !own.ok ? [first.value] : [first.value, own.value]);
}

function endpointOf(asked: Repository, hosts: Hosts): Result<Endpoint, ImageFault> {
  const settings = hosts.named(asked.registry) ?? hostSettings(asked.registry);
  const root = isHost(asked.registry) ? rootOf(settings) : null;
  if (root === null || !pathForm.test(asked.path)) {
    return notAllowed(`${asked.registry}/${asked.path}`, 'is no name of a repository');
  }
  const why = forbiddenUrl(root, hosts);
  if (why !== undefined) return notAllowed(asked.registry, why);
  const base = new URL(`v2/${asked.path}/`, root);
  return ok({ host: root.host, repository: asked, base, tokenHosts: tokenHostsOf(settings) });
}

function mirrored(mirror: string, path: string): Repository {
  const registry = hostOf(mirror);
  const below = mirror.slice(registry.length).replace(/^\/+|\/+$/g, '');
  return { registry, path: below === '' ? path : `${below}/${path}` };
}

/** Registries that are known to have their tokens given out by another host of theirs. */
const knownTokenHosts: Readonly<Record<string, readonly string[]>> = {
  'docker.io': ['auth.docker.io'],
  'registry.gitlab.com': ['gitlab.com'],
};

function tokenHostsOf({ host, tokenHosts }: HostSettings): readonly string[] {
  const known = Object.hasOwn(knownTokenHosts, host) ? knownTokenHosts[host] : undefined;
  return [...tokenHosts, ...(known ?? [])];
}
