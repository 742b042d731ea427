// The machine as the registry client needs it: the clock, chance, sleep, and the names that the system resolves.
import { lookup } from 'node:dns/promises';
import { setTimeout as after } from 'node:timers/promises';
import type { HostAddress, RegistryPorts } from '../images/registry/ports.ts';

export function registryPorts(allowed: RegistryPorts['allowed']): RegistryPorts {
  return {
    now: () => performance.now(),
    random: () => Math.random(),
    sleep: (ms, signal) => after(ms, undefined, { signal }),
    lookup: async (host) => (await lookup(host, { all: true })).map(addressOf),
    allowed,
  };
}

function addressOf({ address, family }: { address: string; family: number }): HostAddress {
  return { address, family: family === 6 ? 6 : 4 };
}
