// What decisions are made by at one moment: the policy set, and the facts that the ports answer from.
import { createHash } from 'node:crypto';
import { type Digest, parseDigest } from '../base/brand.ts';
import { type ClusterObjects, loadClusterObjects, portsOf } from '../cluster/objects.ts';
import type { Ports } from '../engine/ports.ts';
import { loadPolicySet } from '../policy/load.ts';
import type { PolicySet } from '../policy/model.ts';
import { defaultSettings } from '../policy/settings.ts';
import type { Report } from './report.ts';
import { type Watch, watch } from './watch.ts';

export type Facts = Pick<Ports, 'namespace' | 'params'>;

export type Law = {
  readonly policySet: PolicySet;
  /** `now`: RFC 3339, the moment that the answers are given for. */
  readonly facts: (now: string) => Facts;
};

export type LawWatch = {
  /** null while the policies or the cluster objects have never been loaded. */
  current(): Law | null;
  poll(): Promise<void>;
};

export type LawOptions = {
  readonly policies: readonly string[];
  readonly clusterObjects: readonly string[];
  readonly report: Report;
  /** RFC 3339 in UTC. */
  readonly now: () => string;
};

/** Loads both, and again whenever they change; what is broken is reported, and the last good one stays. */
export async function watchLaw(options: LawOptions): Promise<LawWatch> {
  const { policies, clusterObjects, report, now } = options;
  const policySet: Watch<PolicySet> = await watch({
    paths: policies,
    load: () => loadPolicySet(policies, { now: now() }),
    report: (result) => report('policies', result, result.ok ? result.value.warnings : []),
  });
  const objects: Watch<ClusterObjects> = await watch({
    paths: clusterObjects,
    load: () => loadClusterObjects(clusterObjects),
    report: (result) => report('cluster-objects', result),
  });
  return {
    current() {
      const [set, known] = [policySet.current(), objects.current()];
      if (set === null || known === null) return null;
      return { policySet: set, facts: (now) => portsOf(known, now, 'strict') };
    },
    async poll() {
      await policySet.poll();
      await objects.poll();
    },
  };
}

/** Stands in for a policy set while none is loaded, in decisions that refuse for just that reason. */
export function noPolicySet(): PolicySet {
  const latest = { level: 'restricted', version: 'latest' } as const;
  return {
    hash: digestOfNothing(),
    policies: [],
    policiesFor: () => [],
    params: [],
    podSecurity: {
      defaults: { enforce: latest, audit: latest, warn: latest },
      exemptions: { usernames: [], namespaces: [], runtimeClasses: [] },
      ...defaultSettings.podSecurity,
    },
    settings: defaultSettings.settings,
    exceptions: [],
    files: [],
    warnings: [],
  };
}

function digestOfNothing(): Digest {
  const digest = parseDigest(`sha256:${createHash('sha256').digest('hex')}`);
  if (digest === undefined) throw new Error('sha256 is not a digest');
  return digest;
}
