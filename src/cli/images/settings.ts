// The flags of commands that ask registries.
import type { Diagnostic } from '../../base/diagnostic.ts';
import { quote } from '../../base/text.ts';
import { noRegistries, type RegistryFiles } from '../../config/registries.ts';
import { isHost } from '../../images/registry/endpoint.ts';
import type { Flags } from '../command.ts';
import { flagFault, listFlag, textFlag } from '../flags.ts';

export function registryFiles(flags: Flags): RegistryFiles {
  return {
    ...noRegistries,
    insecureRegistry: listFlag(flags, 'insecureRegistry'),
    registryConfig: textFlag(flags, 'registryConfig') ?? null,
  };
}

export function registryFaults(flags: Flags): readonly Diagnostic[] {
  return listFlag(flags, 'insecureRegistry')
    .filter((host) => !isHost(host))
    .map((host) => flagFault('--insecure-registry', `${quote(host)} is not HOST or HOST:PORT`));
}
