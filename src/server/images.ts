// Image verification as the server and the command line have it: the registry client, the worker and the cache behind the
// port of the engine. All of it is made when the first policy needs it.
import { setTimeout as after } from 'node:timers/promises';
import { ok } from '../base/result.ts';
import { registryPorts } from '../config/registry-ports.ts';
import { neededAuthorities } from '../engine/images/policy.ts';
import type { Ports } from '../engine/ports.ts';
import { createAccesses, type PullObjects } from '../images/access.ts';
import { mayName } from '../images/allowed.ts';
import type { EvidenceClock } from '../images/evidence.ts';
import { createLookup, type Lookup, noAccess } from '../images/lookup.ts';
import type { RegistrySettings } from '../images/registry/settings.ts';
import type { ImagePolicy } from '../policy/model.ts';
import { createImageMetrics, type ImageMetrics } from './image-metrics.ts';

export type Images = {
  readonly port: NonNullable<Ports['images']>;
  /** Makes everything ready, so that the first request need not wait for it. */
  warm(): Promise<void>;
  /** In the exposition; "" until the first policy needed it. */
  metrics(): string;
  close(): Promise<void>;
};

export type ImagesOptions = {
  readonly registries: RegistrySettings;
  /** Where pull secrets are read; null: they are not. */
  readonly pullObjects: PullObjects | null;
  /** Of the policy set in force. */
  readonly policies: () => readonly ImagePolicy[];
  /** RFC 3339. */
  readonly now: () => string;
};

/** Milliseconds that the worker may spend on one image. */
const longestVerification = 5_000;

export function openImages(options: ImagesOptions): Images {
  const metrics = createImageMetrics();
  let opened: Promise<Opened> | undefined;
  const open = (): Promise<Opened> => {
    opened ??= openAll(options, metrics);
    return opened;
  };
  return {
    async port(question, bounds) {
      const began = performance.now();
      const { lookup } = await open();
      const result = await lookup(question, bounds);
      metrics.answered(result, (performance.now() - began) / 1000);
      return result;
    },
    async warm() {
      if (options.policies().flatMap(neededAuthorities).length > 0) await (await open()).warm();
    },
    metrics: () => (opened === undefined ? '' : `${metrics.lines().join('\n')}\n`),
    close: async () => (await opened)?.close(),
  };
}

type Opened = {
  readonly lookup: Lookup;
  warm(): Promise<void>;
  close(): Promise<void>;
};

async function openAll(
  { registries, pullObjects, policies, now }: ImagesOptions,
  metrics: ImageMetrics,
): Promise<Opened> {
  // Who has no image policies need not load them.
  const { openRegistry } = await import('../images/registry/client.ts');
  const { openVerifier } = await import('../images/worker/verifier.ts');
  const allowed = (registry: string): boolean => policies().some((each) => names(each, registry));
  const registry = openRegistry(registries, registryPorts(allowed));
  const verifier = openVerifier({ limit: () => AbortSignal.timeout(longestVerification) });
  const clock = clockOf(now);
  const lookup = createLookup({
    registry: metrics.counted(registry),
    verifier,
    clock,
    access:
      pullObjects === null ? async () => ok(noAccess) : createAccesses(pullObjects, clock.now),
    told: metrics.evidence,
  });
  return {
    lookup,
    warm: async () => void (await verifier.verify([], AbortSignal.timeout(longestVerification))),
    async close() {
      await verifier.close();
      await registry.close();
    },
  };
}

function names(policy: ImagePolicy, registry: string): boolean {
  const needed = neededAuthorities(policy);
  if (needed.length === 0) return false;
  const sources = needed.flatMap(({ authority }) => authority.sources);
  return (
    policy.globs.some((glob) => mayName(glob, registry)) ||
    sources.some(({ repository }) => repository.startsWith(`${registry}/`))
  );
}

function clockOf(now: () => string): EvidenceClock {
  return {
    now: () => performance.now(),
    time: now,
    sleep: (ms, signal) => after(ms, undefined, { signal, ref: false }).catch(() => undefined),
    limit: (ms) => AbortSignal.timeout(ms),
  };
}
