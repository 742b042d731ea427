// The bundle, or what else is on disk, as a policy set and as cases; what does not load ends the test with its faults.
import { join } from 'node:path';
import { formatDiagnostic } from '../../src/base/diagnostic.ts';
import { loadCases } from '../../src/cli/test/cases.ts';
import { loadPolicySet } from '../../src/policy/load.ts';
import type { PolicySet } from '../../src/policy/model.ts';
import type { PolicyCase } from '../../src/policy/policy-test.ts';
import { now } from '../fixtures/attempts.ts';
import { root } from '../gate.ts';

export const bundlePath = join(root, 'policies');

export async function policySetAt(...paths: readonly string[]): Promise<PolicySet> {
  const loaded = await loadPolicySet(paths, { now });
  if (!loaded.ok) throw new Error(loaded.error.map(formatDiagnostic).join('\n'));
  return loaded.value;
}

/** Of one folder of the bundle. */
export async function casesOf(folder: string): Promise<readonly PolicyCase[]> {
  const cases = await loadCases([join(bundlePath, folder)], { now, policies: null });
  if (!cases.ok) throw new Error(cases.error.map(formatDiagnostic).join('\n'));
  return cases.value;
}
