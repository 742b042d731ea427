// Which objects a ClusterImagePolicy is about.
// Upstream: MatchResource in pkg/apis/policy/v1beta1/clusterimagepolicy_types.go of sigstore/policy-controller.
import { formatPath } from '../../base/field-path.ts';
import { quote } from '../../base/text.ts';
import type { WorkloadKind } from '../../k8s/pod-template.ts';
import type { Report } from '../faults.ts';
import { compileSelector } from '../match-resources.ts';
import type { ImagePolicy } from '../model.ts';
import { builtInGroups } from '../registration/pod-rules.ts';
import { suggest } from '../suggest.ts';
import type { WrittenImageMatch } from './written.ts';

export function compileMatch(
  { group = '', version = '', resource = '', selector }: WrittenImageMatch,
  index: number,
  report: Report,
): ImagePolicy['match'][number] {
  const path = ['spec', 'match', index];
  const fault = versionFault(group, version);
  if (fault !== undefined) {
    const at = [...path, 'version'];
    const message = `${formatPath(at)} ${fault}: nothing would match`;
    report({ path: at, message, fix: 'write v1, or "*" for any' });
  }
  return {
    group,
    version,
    resource,
    selector:
      selector === undefined ? null : compileSelector(selector, [...path, 'selector'], report),
  };
}

/** Built-in workloads are asked about in one version. */
function versionFault(group: string, version: string): string | undefined {
  if (version === '') return 'is missing';
  const isAsked = !builtInGroups.has(group) || ['v1', '*'].includes(version);
  return isAsked ? undefined : `${quote(version)} is none that is asked about`;
}

const pods = { group: '', resource: 'pods' };

/** Threat: what is matched and never looked at is a policy that refuses nothing. `workloads`: with those of the settings. */
export function checkMatches(
  { match }: Pick<ImagePolicy, 'match'>,
  workloads: readonly WorkloadKind[],
  report: Report,
): void {
  const known = [pods, ...workloads.filter(({ part }) => part === undefined)];
  for (const [i, { group, resource }] of match.entries()) {
    if (known.some((each) => each.group === group && each.resource === resource)) continue;
    const path = ['spec', 'match', i, 'resource'];
    const message = `${formatPath(path)} ${quote(resource)} of the group ${quote(group)} holds no images here`;
    const listed = known.map((each) =>
      each.group === '' ? each.resource : `${each.resource} (${each.group})`,
    );
    const near = suggest(
      resource,
      known.map((each) => each.resource),
    );
    const fix = `the resources are ${listed.join(', ')}; PolicySettings add others (podTemplates)`;
    report({ path, message, fix: near ?? fix });
  }
}
