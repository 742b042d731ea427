// What image policies cost inside one process: the engine, the cache and the registry client here, the registry in another
// process. CPU time where the machine's other work must not count, delays of the event loop where it is what counts.
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { ok } from '../../src/base/result.ts';
import { admit } from '../../src/engine/admit.ts';
import type { Ports } from '../../src/engine/ports.ts';
import { defaultRegistrySettings, hostSettings } from '../../src/images/registry/settings.ts';
import type { Decision } from '../../src/model/decision.ts';
import type { PolicySet } from '../../src/policy/model.ts';
import { type Images, openImages } from '../../src/server/images.ts';
import { turnSince } from '../../src/server/turn.ts';
import { pod, policies, policy } from '../../test/engine/image-scene.ts';
import { attemptOf } from '../../test/fixtures/attempts.ts';
import { imageOf, issuer, subject } from '../../test/images/corpus/corpus.ts';
import { own } from '../../test/policy/image-texts.ts';

const privileged = `
apiVersion: pod-security.admission.config.k8s.io/v1
kind: PodSecurityConfiguration
defaults: {enforce: privileged}
`;
const keyless = `{name: release, keyless: {trustRootRef: own, identities: [{issuer: "${issuer}", subject: "${subject}"}]}}`;
const laws = {
  none: policies(privileged),
  keyed: policies(privileged, policy()),
  keyless: policies(privileged, policy({ authorities: keyless }), own),
} as const;

type Gate = { readonly decide: (image: string) => Promise<Decision>; readonly images: Images };

function gate(host: string, law: PolicySet): Gate {
  const hosts = [{ ...hostSettings(host), insecure: true }];
  const now = (): string => new Date().toISOString();
  const images = openImages({
    registries: { ...defaultRegistrySettings, hosts },
    pullObjects: null,
    policies: () => law.imagePolicies,
    now,
  });
  const at = now();
  return {
    images,
    decide(image) {
      const ports: Ports = {
        namespace: async (name) => ok({ value: { metadata: { name } }, at }),
        params: async () => ok({ value: [], at }),
        images: images.port,
        turn: turnSince(performance.now()),
      };
      const object = pod(`${host}/${image}`);
      return admit(law, attemptOf({ object, now: now(), deadline: 20_000 }), ports);
    },
  };
}

function allowed({ allowed, results }: Decision): void {
  if (!allowed)
    throw new Error(JSON.stringify(results.filter(({ actions }) => actions.length > 0)));
}

const named = (repository: string, n: number): string =>
  `${repository}-${n}@${imageOf(repository)}`;

export type Warm = { readonly withPolicy: number; readonly without: number };

/** Milliseconds of CPU for one decision about an image that is known, and for the same without image policies. */
export async function warm(host: string, decisions: number): Promise<Warm> {
  const [keyed, none] = [gate(host, laws.keyed), gate(host, laws.none)];
  const image = named('p256/bundle', 0);
  const cost = async ({ decide }: Gate): Promise<number> => {
    for (let n = 0; n < 1_000; n++) allowed(await decide(image));
    const before = process.cpuUsage();
    for (let n = 0; n < decisions; n++) await decide(image);
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1_000 / decisions;
  };
  const found = { withPolicy: await cost(keyed), without: await cost(none) };
  await keyed.images.close();
  await none.images.close();
  return found;
}

export type Together = {
  readonly verifications: number;
  readonly requests: number;
  readonly ms: number;
};

/** So many Pods of one image that nobody has asked for before. */
export async function together(host: string, pods: number): Promise<Together> {
  const { decide, images } = gate(host, laws.keyed);
  await images.warm();
  const began = performance.now();
  const decisions = await Promise.all(
    Array.from({ length: pods }, () => decide(named('p256/bundle', 1))),
  );
  const ms = performance.now() - began;
  decisions.forEach(allowed);
  const metrics = images.metrics();
  await images.close();
  const verifications = sum(metrics, /^sekisho_image_evidence_total\{event="miss"\} (\d+)$/gm);
  return {
    verifications,
    requests: sum(metrics, /^sekisho_registry_requests_total\{.*\} (\d+)$/gm),
    ms,
  };
}

export type Cold = {
  readonly ms: number;
  readonly p99: number;
  readonly longest: number;
  /** Of the same process, when it has nothing to do. */
  readonly idle: number;
};

/** So many images that nobody has asked for before, each signed without a key, all at once. `turn` makes them others. */
export async function cold(host: string, count: number, turn: number): Promise<Cold> {
  const { decide, images } = gate(host, laws.keyless);
  await images.warm();
  const idle = await delays(() => new Promise((resolve) => setTimeout(resolve, 1_000)));
  const asked = Array.from({ length: count }, (_, n) => named('keyless/bundle', turn * count + n));
  const busy = await delays(async () => {
    const decisions = await Promise.all(asked.map(decide));
    decisions.forEach(allowed);
  });
  await images.close();
  return { ...busy, idle: idle.p99 };
}

/** Milliseconds by which timers were late meanwhile. */
async function delays(act: () => Promise<unknown>) {
  const histogram = monitorEventLoopDelay({ resolution: 1 });
  const began = performance.now();
  histogram.enable();
  await act();
  histogram.disable();
  const ms = performance.now() - began;
  return { ms, p99: histogram.percentile(99) / 1e6, longest: histogram.max / 1e6 };
}

function sum(text: string, pattern: RegExp): number {
  return [...text.matchAll(pattern)].reduce((total, [, value]) => total + Number(value), 0);
}
