// Image verification for one run of a command. Loaded only when it is asked for.
import type { Diagnostic } from '../../base/diagnostic.ts';
import { ok, type Result } from '../../base/result.ts';
import { proxiesWanted } from '../../config/environment.ts';
import { type RegistryFiles, readRegistries } from '../../config/registries.ts';
import type { PolicySet } from '../../policy/model.ts';
import { type Images, openImages } from '../../server/images.ts';

/** Faults of the flags alone: those of the policies are told by whoever loaded them. */
export async function openCliImages(
  files: RegistryFiles,
  policySet: Result<PolicySet, readonly Diagnostic[]>,
  now: () => string,
): Promise<Result<Images, readonly Diagnostic[]>> {
  const registries = await readRegistries(files, proxiesWanted(), []);
  if (!registries.ok) return registries;
  const policies = policySet.ok ? policySet.value.imagePolicies : [];
  return ok(
    openImages({ registries: registries.value, pullObjects: null, policies: () => policies, now }),
  );
}
