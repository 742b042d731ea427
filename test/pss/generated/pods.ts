// Generated pods: a minimal pod that a level accepts in a version, changed in one to four places by fast-check.
import fc from 'fast-check';
import { isArray, isObject, type JsonObject, type JsonValue } from '../../../src/base/json.ts';
import type { Level, LevelVersion } from '../../../src/pss/types.ts';
import {
  containerRows,
  idleContainerRows,
  idlePodRows,
  podRows,
  prefixed,
  type Sets,
  volumeSources,
} from './fields.ts';

export type Case = {
  readonly level: Exclude<Level, 'privileged'>;
  readonly version: number;
  readonly pod: JsonObject;
};

/** `ephemeral`: with a container that no pod can be created with. */
export type Options = { readonly newest: number; readonly ephemeral: boolean };

/** What restricted requires, from which version on. Upstream: minimal_pods.go of its tests, where it is held the same. */
export function minimalPod({ level, version }: LevelVersion, ephemeral = false): JsonObject {
  const from = (since: number): boolean =>
    level === 'restricted' && (version === 'latest' || version >= since);
  const own = {
    ...(from(8) ? { allowPrivilegeEscalation: false } : {}),
    ...(from(22) ? { capabilities: { drop: ['ALL'] } } : {}),
  };
  const container = (name: string, more: JsonObject = {}): JsonObject => ({
    ...{ name, image: 'registry.example.com/web' },
    ...(from(8) ? { securityContext: { ...own } } : {}),
    ...more,
  });
  const seccompProfile = { type: 'RuntimeDefault' };
  const ofPod = {
    ...(from(0) ? { runAsNonRoot: true } : {}),
    ...(from(19) ? { seccompProfile } : {}),
  };
  return {
    metadata: { name: 'web' },
    spec: {
      ...(from(0) ? { securityContext: ofPod } : {}),
      initContainers: [container('init'), container('proxy', { restartPolicy: 'Always' })],
      containers: [container('web'), container('side')],
      ...(ephemeral ? { ephemeralContainers: [container('debug')] } : {}),
    },
  };
}

const places = [
  'containers.0',
  'containers.1',
  'initContainers.0',
  'initContainers.1',
  'ephemeralContainers.0',
] as const;

const volumesOf = (sources: readonly string[]): Sets => ({
  'spec.volumes': sources.map((key, i) => ({ name: `v${i}`, [key]: volumeSources[key] ?? {} })),
});

const volumes = fc
  .subarray(Object.keys(volumeSources), { minLength: 1, maxLength: 4 })
  .map(volumesOf);

/** One change of a pod, and at which of its containers. */
function mutation(ephemeral: boolean): fc.Arbitrary<Sets> {
  const place = fc.constantFrom(...(ephemeral ? places : places.slice(0, -1)));
  const inContainer = (rows: readonly Sets[]): fc.Arbitrary<Sets> =>
    fc.tuple(place, fc.constantFrom(...rows)).map(([at, sets]) => prefixed(`spec.${at}.`, sets));
  return fc.oneof(
    { weight: 10, arbitrary: inContainer(containerRows) },
    { weight: 8, arbitrary: fc.constantFrom(...podRows) },
    { weight: 2, arbitrary: volumes },
    { weight: 1, arbitrary: inContainer(idleContainerRows) },
    { weight: 1, arbitrary: fc.constantFrom(...idlePodRows) },
  );
}

export function cases({ newest, ephemeral }: Options): fc.Arbitrary<Case> {
  return fc
    .record({
      level: fc.constantFrom('baseline' as const, 'restricted' as const),
      version: fc.integer({ min: 0, max: newest }),
      changes: fc.array(mutation(ephemeral), { minLength: 1, maxLength: 4 }),
    })
    .map(({ level, version, changes }) => ({
      ...{ level, version },
      pod: changes.reduce(changed, minimalPod({ level, version }, ephemeral)),
    }));
}

export function sample(options: Options, count: number, seed: number): readonly Case[] {
  return fc.sample(cases(options), { numRuns: count, seed });
}

/** Every change alone, at every container. */
export function singles(held: Omit<Case, 'pod'>): readonly Case[] {
  const rows = [
    ...places.flatMap((at) => containerRows.map((sets) => prefixed(`spec.${at}.`, sets))),
    ...podRows,
    ...Object.keys(volumeSources).map((key) => volumesOf([key])),
  ];
  return rows.map((sets) => ({ ...held, pod: changed(minimalPod(held, true), sets) }));
}

export function changed(pod: JsonObject, sets: Sets): JsonObject {
  return Object.entries(sets).reduce((now, [path, value]) => {
    const after = written(now, path.split('.'), value);
    return isObject(after) ? after : now;
  }, pod);
}

/** Undefined: to be taken away. */
function written(
  owner: JsonValue | undefined,
  [step, ...rest]: readonly string[],
  value: JsonValue | undefined,
): JsonValue | undefined {
  if (step === undefined) return value;
  if (isArray(owner)) {
    return owner.map((item, i) =>
      String(i) === step ? (written(item, rest, value) ?? null) : item,
    );
  }
  const { [step]: before, ...others } = isObject(owner) ? owner : {};
  const after = written(before, rest, value);
  return after === undefined ? others : { ...others, [step]: after };
}
