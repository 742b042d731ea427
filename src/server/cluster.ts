// The live cluster in the server: what the ports answer from, whether it is known well enough to be ready, and what the
// operator hears of it. Without a cluster and without files that describe one the server is never ready, and says so.
import type { Logger } from 'pino';
import { canonicalJson } from '../base/json.ts';
import { exceptionDocuments } from '../cluster/live/exception-documents.ts';
import { type LiveCluster, type LiveOptions, openLiveCluster } from '../cluster/live/live.ts';
import { clusterOf, portsOf } from '../cluster/objects.ts';
import { isInPod } from '../config/environment.ts';
import type { Settings } from '../config/settings.ts';
import type { Ports } from '../engine/ports.ts';
import type { PullObjects } from '../images/access.ts';
import { withoutServerFields } from '../policy/hash.ts';
import type { PolicySet } from '../policy/model.ts';
import type { Gap } from '../policy/registration/gaps.ts';
import { gapsOf } from '../policy/registration/gaps.ts';
import type { SourceDocument } from '../yaml/document.ts';
import { clusterMetrics } from './cluster-metrics.ts';

export type Facts = Pick<Ports, 'namespace' | 'params' | 'authorizer' | 'inventory'>;

export type RunningCluster = {
  /** `now`: RFC 3339, the moment that answers are given for when they are not older. */
  facts(now: string): Facts;
  /** null: there is none to be read. */
  readonly pullObjects: PullObjects | null;
  /** The policy set in force: what it needs is watched. */
  use(policySet: PolicySet): void;
  exceptions(): readonly SourceDocument[];
  /** Another text when the exceptions are others. */
  exceptionsVersion(): string;
  /** Why the server should get no requests; null when it may. */
  notReady(): string | null;
  /** Looks at what has changed, and tells it. */
  poll(): Promise<void>;
  metrics(): string;
  stop(): void;
};

export type ClusterOptions = {
  readonly log: Logger;
  /** What tests replace. */
  readonly live?: LiveOptions;
};

type Wanted = Pick<Settings, 'kubeconfig' | 'clusterObjects' | 'strict'>;

/** null: files describe the cluster. */
export function openCluster(
  { kubeconfig, clusterObjects, strict }: Wanted,
  { log, live = {} }: ClusterOptions,
): RunningCluster | null {
  if (clusterObjects.length > 0) return null;
  if (kubeconfig === null && live.api === undefined && !isInPod()) return noCluster(log);
  return watchedCluster(openLiveCluster({ kubeconfig }, live), strict, log);
}

const missing =
  'no cluster: give --kubeconfig, run in a pod with a service account, or describe one with --cluster-objects';

function noCluster(log: Logger): RunningCluster {
  log.error(missing);
  return {
    facts: (now) => portsOf(clusterOf([]), now, 'strict'),
    pullObjects: null,
    use: () => {},
    exceptions: () => [],
    exceptionsVersion: () => '',
    notReady: () => missing,
    poll: async () => {},
    metrics: () => '',
    stop: () => {},
  };
}

function watchedCluster(live: LiveCluster, strict: boolean, log: Logger): RunningCluster {
  let policySet: PolicySet | undefined;
  let everReady = false;
  const gaps = gapWatch(live, log);
  const faults = faultLog(live, log);
  return {
    facts: () => live.ports,
    pullObjects: live.pullObjects,
    use(next) {
      policySet = next;
      live.use(next);
      warnOfPlaces(next, log);
    },
    exceptions: () => exceptionDocuments(live.exceptions()),
    exceptionsVersion: () =>
      live
        .exceptions()
        .map((object) => canonicalJson(withoutServerFields(object)))
        .sort()
        .join('\n'),
    notReady() {
      everReady ||= live.ready();
      if (!everReady) return `the cluster is not known yet${causeIn(live)}`;
      if (!strict) return null;
      const found = gaps.look(policySet);
      if (found === null) return 'webhook configurations of the cluster are not known';
      return found.length === 0 ? null : 'webhook configurations leave out what policies match';
    },
    async poll() {
      faults.look();
      gaps.look(policySet);
    },
    metrics: () => clusterMetrics(live.states(), live.liveReads(), gaps.look(policySet)),
    stop: () => live.stop(),
  };
}

function causeIn(live: LiveCluster): string {
  const waiting = live.states().find(({ state }) => !state.synced && state.fault !== null);
  return waiting === undefined ? '' : `: ${waiting.what}: ${waiting.state.fault?.message}`;
}

/** Each fault once, until another one or none takes its place. */
function faultLog(live: LiveCluster, log: Logger): { look(): void } {
  const told = new Map<string, string>();
  return {
    look() {
      for (const [i, { what, state }] of live.states().entries()) {
        const key = `${i} ${what}`;
        const message = state.fault?.message;
        if (message === told.get(key)) continue;
        if (message === undefined) {
          told.delete(key);
          log.info({ what }, 'watched again');
        } else {
          told.set(key, message);
          log.warn({ what, cause: message }, 'not watched: it is tried again');
        }
      }
    },
  };
}

/** Gaps of the policy set and configurations of the moment, told when they change; null: nothing can be said. */
function gapWatch(live: LiveCluster, log: Logger) {
  let seen: readonly unknown[] = [];
  let gaps: readonly Gap[] | null = null;
  let told = '';
  return {
    look(policySet: PolicySet | undefined): readonly Gap[] | null {
      const configurations = live.configurations();
      const version = live.states().find(({ what }) => what.startsWith('validating'))
        ?.state.version;
      const now = [policySet, configurations === null, version];
      if (now.every((each, i) => each === seen[i])) return gaps;
      seen = now;
      gaps =
        policySet === undefined || configurations === null
          ? null
          : gapsOf(policySet, configurations);
      const text = gaps?.map(({ message }) => message).join('\n') ?? told;
      if (text === told) return gaps;
      told = text;
      for (const { kind, policy, message } of gaps ?? []) log.warn({ gap: kind, policy }, message);
      if (text === '') log.info('the API server asks about all that policies match');
      return gaps;
    },
  };
}

/** A binding that looks where nothing is read would never find its params. */
function warnOfPlaces({ policies, settings }: PolicySet, log: Logger): void {
  const listed = settings.params.namespaces;
  if (listed.includes('*')) return;
  for (const { name, bindings } of policies) {
    for (const { name: binding, paramRef } of bindings) {
      const namespace = paramRef?.namespace ?? null;
      if (namespace === null || listed.includes(namespace)) continue;
      const text = 'params are not read from the cluster there: PolicySettings do not list it';
      log.warn({ policy: name, binding, namespace }, text);
    }
  }
}
