// What Pod Security, image policies, and policies that also judge pod templates, must be asked about.
// Upstream: the webhook manifests of k8s.io/pod-security-admission, which name three resources; a subresource of pods that
// is new carries a Pod too, so all of them are asked for here, and those that do not matter are kept out by a condition.
import type { WorkloadKind } from '../../k8s/pod-template.ts';
import type { WebhookRule } from './rules.ts';

const writes = ['CREATE', 'UPDATE'] as const;

export function podSecurityRules(workloads: readonly WorkloadKind[]): readonly WebhookRule[] {
  return [rule('', ['namespaces'], ['v1']), ...imageRules(workloads)];
}

/** What image policies must be asked about: whatever holds the names of images. */
export function imageRules(workloads: readonly WorkloadKind[]): readonly WebhookRule[] {
  return [rule('', ['pods/*'], ['v1']), ...templateRules(workloads)];
}

/** Workloads in the version of the built-in ones; custom resources in any. */
export function templateRules(workloads: readonly WorkloadKind[]): readonly WebhookRule[] {
  return workloads.map(({ group, resource }) =>
    builtInGroups.has(group) ? rule(group, [resource], ['v1']) : rule(group, [resource], ['*']),
  );
}

export const builtInGroups: ReadonlySet<string> = new Set(['', 'apps', 'batch']);

function rule(group: string, resources: string[], apiVersions: string[]): WebhookRule {
  return { apiGroups: [group], apiVersions, operations: [...writes], resources, scope: '*' };
}
