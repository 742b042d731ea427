// The registry client with a world of our own: names that resolve as a test says, chance and sleep that cost no time.
import { lookup } from 'node:dns/promises';
import type { Test } from 'tap';
import { type OpenRegistry, openRegistry } from '../../src/images/registry/client.ts';
import type { HostAddress, RegistryPorts } from '../../src/images/registry/ports.ts';
import type { Asking, CredentialEntry, Credentials } from '../../src/images/registry/registry.ts';
import {
  defaultRegistrySettings,
  type HostSettings,
  hostSettings,
  type RegistrySettings,
} from '../../src/images/registry/settings.ts';
import type { FakeRegistry } from './fake-registry/server.ts';

export type World = {
  readonly settings?: Partial<RegistrySettings>;
  readonly ports?: Partial<RegistryPorts>;
};

export type Client = OpenRegistry & { readonly slept: number[] };

export function client(t: Test, { settings, ports }: World = {}): Client {
  const slept: number[] = [];
  const world: RegistryPorts = {
    now: () => 0,
    random: () => 0.5,
    sleep: async (ms) => void slept.push(ms),
    lookup: async (host) => (await lookup(host, { all: true })) as HostAddress[],
    allowed: () => true,
    ...ports,
  };
  const opened = openRegistry({ ...defaultRegistrySettings, ...settings }, world);
  t.teardown(() => opened.close());
  return { ...opened, slept };
}

/** Settings under which a fake registry may be asked. */
export function known(registry: FakeRegistry, more: Partial<HostSettings> = {}): HostSettings {
  const ca = registry.ca === '' ? null : registry.ca;
  return { ...hostSettings(registry.host), insecure: ca === null, ca, ...more };
}

export function asking(credentials: Credentials | null = null, ms = 10_000): Asking {
  return { credentials, signal: AbortSignal.timeout(ms) };
}

export function credentials(...entries: readonly CredentialEntry[]): Credentials {
  return { id: JSON.stringify(entries), entries };
}

export function password(where: string, username: string, secret: string): CredentialEntry {
  return { where, login: { kind: 'password', username, password: secret } };
}
