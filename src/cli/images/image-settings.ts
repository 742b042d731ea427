// The flags of `image` as one value, or every fault in them.
import type { Diagnostic } from '../../base/diagnostic.ts';
import { err, ok, type Result } from '../../base/result.ts';
import { quote } from '../../base/text.ts';
import type { RegistryFiles } from '../../config/registries.ts';
import { parseImage, unverifiable } from '../../k8s/image-reference.ts';
import type { Flags } from '../command.ts';
import { flagFault, listFlag, stdinFaults, textFlag } from '../flags.ts';
import { registryFaults, registryFiles } from './settings.ts';

export type ImageCommandSettings = {
  readonly image: string;
  readonly policies: readonly string[];
  readonly namespace: string;
  readonly clusterObjects: readonly string[];
  readonly registries: RegistryFiles;
  readonly json: boolean;
};

export function imageSettings(
  [image = '']: readonly string[],
  flags: Flags,
): Result<ImageCommandSettings, readonly Diagnostic[]> {
  const policies = listFlag(flags, 'policies');
  const clusterObjects = listFlag(flags, 'clusterObjects');
  const parsed = parseImage(image);
  const bad = parsed.ok ? unverifiable(parsed.value) : parsed.error;
  const faults = [
    ...(bad === undefined ? [] : [flagFault('<image>', `${quote(image)} ${bad}`)]),
    ...registryFaults(flags),
    ...stdinFaults([...policies, ...clusterObjects]),
  ];
  if (faults.length > 0) return err(faults);
  return ok({
    image,
    policies: policies.length > 0 ? policies : ['policies'],
    namespace: textFlag(flags, 'namespace') ?? 'default',
    clusterObjects,
    registries: registryFiles(flags),
    json: textFlag(flags, 'output') === 'json',
  });
}
