// What decisions are made by at one moment: the policy set, and the facts that the ports answer from.

import { ok } from '../base/result.ts';
import { type ClusterObjects, loadClusterObjects, portsOf } from '../cluster/objects.ts';
import type { Ports } from '../engine/ports.ts';
import { hashOf } from '../policy/hash.ts';
import { loadPolicySet } from '../policy/load.ts';
import type { PolicySet } from '../policy/model.ts';
import { defaultSettings } from '../policy/settings.ts';
import type { Facts, RunningCluster } from './cluster.ts';
import type { Sourced } from './journal.ts';
import type { Report } from './report.ts';
import { readRevision } from './revision.ts';
import { type Watch, watch } from './watch.ts';

export type Law = Sourced & {
  /** `now`: RFC 3339, the moment that the answers are given for. */
  readonly facts: (now: string) => Facts & Pick<Ports, 'images'>;
};

export type LawWatch = {
  /** The policy set alone; null while none has ever been loaded. */
  policies(): Sourced | null;
  /** null while the policies or the cluster objects have never been loaded. */
  current(): Law | null;
  poll(): Promise<void>;
};

export type LawOptions = {
  readonly policies: readonly string[];
  readonly clusterObjects: readonly string[];
  /** null: the objects in files are the cluster. */
  readonly cluster: RunningCluster | null;
  /** null: a file may tell it. */
  readonly revision: string | null;
  readonly images: NonNullable<Ports['images']>;
  readonly report: Report;
  /** RFC 3339 in UTC. */
  readonly now: () => string;
};

/** Loads both, and again whenever they change; what is broken is reported, and the last good one stays. */
export async function watchLaw(options: LawOptions): Promise<LawWatch> {
  const { policies, clusterObjects, cluster, images, report, now } = options;
  const sourced: Watch<Sourced> = await watch({
    paths: policies,
    beside: () => cluster?.exceptionsVersion() ?? '',
    load: async () => {
      const exceptions = cluster?.exceptions() ?? [];
      const loaded = await loadPolicySet(policies, { now: now(), exceptions });
      if (!loaded.ok) return loaded;
      const revision = options.revision ?? (await readRevision(policies));
      return ok({ policySet: loaded.value, revision });
    },
    report(result) {
      if (result.ok) cluster?.use(result.value.policySet);
      const { warnings, idle } = result.ok ? result.value.policySet : noPolicySet();
      report('policies', result, [...warnings, ...idle]);
    },
  });
  const objects: Watch<ClusterObjects> = await watch({
    paths: clusterObjects,
    load: () => loadClusterObjects(clusterObjects),
    report: (result) => report('cluster-objects', result),
  });
  return {
    policies: () => sourced.current(),
    current() {
      const [law, known] = [sourced.current(), objects.current()];
      if (law === null || known === null) return null;
      const facts = cluster?.facts ?? ((now: string) => portsOf(known, now, 'strict'));
      return { ...law, facts: (now) => ({ ...facts(now), images }) };
    },
    async poll() {
      await sourced.poll();
      await objects.poll();
    },
  };
}

/** Stands in for a policy set while none is loaded, in decisions that refuse for just that reason. */
export function noPolicySet(): PolicySet {
  const latest = { level: 'restricted', version: 'latest' } as const;
  return {
    hash: hashOf(''),
    text: '',
    policies: [],
    policiesFor: () => [],
    imagePolicies: [],
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
    idle: [],
  };
}
