// The cluster as it is now: what the policy set needs of it is watched, and nothing else. Namespaces always; the kinds of
// params that policies name; PolicyExceptions; and the webhook configurations that lead to us. Secrets are never watched.
import type { JsonObject } from '../../base/json.ts';
import { err } from '../../base/result.ts';
import { quote } from '../../base/text.ts';
import type { Ports } from '../../engine/ports.ts';
import type { PullObjects } from '../../images/access.ts';
import type { PolicySet } from '../../policy/model.ts';
import { defaultMaxAge } from './aged.ts';
import type { Api } from './api.ts';
import { authorizerPort } from './authorizer.ts';
import { type Clock, systemClock } from './clock.ts';
import type { KindName } from './discovery.ts';
import { httpApi } from './http-api.ts';
import type { Whereabouts } from './kubeconfig.ts';
import { createLiveReads } from './live-reads.ts';
import { namespacePort } from './namespaces.ts';
import { everyNamespace, watchParams } from './params.ts';
import { inventoryPort } from './pods.ts';
import { pullObjects } from './pull-objects.ts';
import { type ReflectorState, startReflector } from './reflector.ts';

/** One watched list, for metrics and the log. */
export type WatchedState = { readonly what: string; readonly state: ReflectorState };

export type LiveCluster = {
  readonly ports: Required<Pick<Ports, 'namespace' | 'params' | 'authorizer' | 'inventory'>>;
  readonly pullObjects: PullObjects;
  /** Watches what this policy set needs, and no more what it does not. */
  use(policySet: Pick<PolicySet, 'policies' | 'settings'>): void;
  /** Whether every list was had once, or cannot be had; then what is missing is missed by the rules that need it. */
  ready(): boolean;
  states(): readonly WatchedState[];
  liveReads(): { readonly made: number; readonly failed: number };
  /** PolicyExceptions of the namespaces that the settings list; none while they are too old to be relied on. */
  exceptions(): readonly JsonObject[];
  /** ValidatingWebhookConfigurations; null while they are not known. */
  configurations(): readonly JsonObject[] | null;
  stop(): void;
};

/** What tests replace. */
export type LiveOptions = {
  readonly api?: Api;
  readonly clock?: Clock;
  /** Milliseconds. */
  readonly maxAge?: number;
};

const configurationsPath = '/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations';

export function openLiveCluster(where: Whereabouts, options: LiveOptions = {}): LiveCluster {
  const { clock = systemClock, maxAge = defaultMaxAge } = options;
  const api = options.api ?? httpApi(where);
  const reads = createLiveReads();
  const watched = (path: string) =>
    startReflector({ api, clock, maxAge, path: async () => ({ ok: true, value: path }) });
  const namespaces = watched('/api/v1/namespaces');
  const configurations = watched(configurationsPath);
  const source = { api, reads, clock, maxAge };
  const params = keyed((key) => watchParams(paramKeyOf(key).kind, paramKeyOf(key).places, source));
  const exceptions = keyed((path) => watched(path));

  const states = (): readonly WatchedState[] => [
    { what: 'namespaces', state: namespaces.state() },
    { what: 'validatingwebhookconfigurations', state: configurations.state() },
    ...[...params.all()].flatMap(([key, kind]) =>
      kind.states().map((state) => ({ what: nameOf(paramKeyOf(key).kind), state })),
    ),
    ...[...exceptions.all().values()].map((one) => ({
      what: 'policyexceptions.sekisho.dev',
      state: one.state(),
    })),
  ];
  return {
    ports: {
      namespace: namespacePort({ reflector: namespaces, reads, api, clock, maxAge }),
      authorizer: authorizerPort(api, clock),
      inventory: inventoryPort({ reads, api, clock }),
      async params(question) {
        const name = nameOf(question);
        const found = [...params.all()].find(([key]) => nameOf(paramKeyOf(key).kind) === name);
        if (found !== undefined) return found[1].ask(question);
        const message = `params of kind ${quote(question.kind)} are not watched`;
        return err({ code: 'params-unavailable', message });
      },
    },
    pullObjects: pullObjects({ api, reads }),
    use({ policies, settings }) {
      const places = settings.params.namespaces;
      params.keep(kindsOf(policies).map((kind) => JSON.stringify([kind, places])));
      exceptions.keep(exceptionPaths(settings.exceptions.namespaces));
    },
    // That the configurations can be read is no condition: see the settings.
    ready: () =>
      states().every(({ what, state }) =>
        what === 'namespaces'
          ? state.synced
          : state.settled || what === 'validatingwebhookconfigurations',
      ),
    states,
    liveReads: reads.counts,
    exceptions: () =>
      [...exceptions.all().values()].flatMap((one) => {
        const { age, objects } = one.state();
        return age !== null && age <= maxAge ? [...objects.values()] : [];
      }),
    configurations() {
      const { synced, age, objects } = configurations.state();
      return synced && age !== null && age <= maxAge ? [...objects.values()] : null;
    },
    stop() {
      namespaces.stop();
      configurations.stop();
      params.keep([]);
      exceptions.keep([]);
      api.close();
    },
  };
}

/** What runs by its key: `keep` starts what is new and stops what is gone. */
function keyed<T extends { stop(): void }>(start: (key: string) => T) {
  const running = new Map<string, T>();
  return {
    all: (): ReadonlyMap<string, T> => running,
    keep(keys: readonly string[]): void {
      for (const [key, one] of running) {
        if (keys.includes(key)) continue;
        one.stop();
        running.delete(key);
      }
      for (const key of keys) if (!running.has(key)) running.set(key, start(key));
    },
  };
}

type ParamKey = { readonly kind: KindName; readonly places: readonly string[] };

function paramKeyOf(key: string): ParamKey {
  const [kind, places]: [KindName, string[]] = JSON.parse(key);
  return { kind, places };
}

function kindsOf(policies: PolicySet['policies']): readonly KindName[] {
  const named = policies
    .filter(({ bindings }) => bindings.some(({ paramRef }) => paramRef !== null))
    .flatMap(({ paramKind }) => paramKind ?? []);
  const byName = new Map(
    named.map(({ apiVersion, kind }) => [`${apiVersion} ${kind}`, { apiVersion, kind }]),
  );
  return [...byName.values()];
}

function nameOf({ apiVersion, kind }: KindName): string {
  return `${apiVersion} ${kind}`;
}

function exceptionPaths(namespaces: readonly string[]): readonly string[] {
  const root = '/apis/sekisho.dev/v1alpha1';
  if (namespaces.includes(everyNamespace)) return [`${root}/policyexceptions`];
  return namespaces.map(
    (name) => `${root}/namespaces/${encodeURIComponent(name)}/policyexceptions`,
  );
}
