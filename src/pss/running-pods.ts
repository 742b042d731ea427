// The pods of a namespace held against a level that it is to enforce: which first, what is counted, what is warned about.
// Upstream: EvaluatePodsInNamespace in k8s.io/pod-security-admission/admission; texts are its own.
import { get, getIn, isArray, type JsonObject, type JsonValue } from '../base/json.ts';
import { readPod } from '../k8s/pod.ts';
import { registry } from './admission.ts';
import { formatLevelVersion } from './levels.ts';
import type { LevelVersion } from './types.ts';

/** Pods that break the same controls. */
export type BrokenPods = {
  /** The names of the controls, in-tree. */
  readonly reasons: string;
  /** The first of their names. */
  readonly first: string;
  readonly pods: number;
};

/** `total`: pods that are not exempt. `checked`: as many as there was time for. */
export type Tally = {
  readonly total: number;
  readonly checked: number;
  readonly broken: readonly BrokenPods[];
};

/** Without those of exempt runtime classes; one pod of each controller comes before its other ones. */
export function prioritised(
  pods: readonly JsonObject[],
  runtimeClasses: readonly string[],
): readonly JsonObject[] {
  const seen = new Set<JsonValue>();
  const [first, more]: [JsonObject[], JsonObject[]] = [[], []];
  for (const pod of pods) {
    const runtimeClass = getIn(pod, ['spec', 'runtimeClassName']);
    if (typeof runtimeClass === 'string' && runtimeClasses.includes(runtimeClass)) continue;
    const controller = controllerOf(pod);
    const isMore = controller !== undefined && seen.has(controller);
    (isMore ? more : first).push(pod);
    if (controller !== undefined) seen.add(controller);
  }
  return [...first, ...more];
}

function controllerOf(pod: JsonObject): JsonValue | undefined {
  const owners = getIn(pod, ['metadata', 'ownerReferences']);
  if (!isArray(owners)) return undefined;
  return get(
    owners.find((owner) => get(owner, 'controller') === true),
    'uid',
  );
}

export type Tallying = {
  add(pod: JsonObject): void;
  /** `total`: how many there are; those that were added are checked. */
  tally(total: number): Tally;
};

export function tallyFor(enforce: LevelVersion): Tallying {
  const broken = new Map<string, BrokenPods>();
  let checked = 0;
  return {
    add(pod) {
      checked += 1;
      const reasons = reasonsOf(pod, enforce);
      if (reasons === '') return;
      const name = String(getIn(pod, ['metadata', 'name']) ?? '');
      const { first, pods } = broken.get(reasons) ?? { first: name, pods: 0 };
      broken.set(reasons, { reasons, first: name < first ? name : first, pods: pods + 1 });
    },
    tally: (total) => ({ total, checked, broken: [...broken.values()] }),
  };
}

function reasonsOf(pod: JsonObject, enforce: LevelVersion): string {
  const read = readPod(pod);
  if (!read.ok) return `cannot be read: ${read.error}`;
  return registry
    .evaluate(enforce, read.value)
    .flatMap(({ result }) => (result.kind === 'fail' ? [result.reason] : []))
    .join(', ');
}

/** The same tally gives the same warnings. */
export function runningWarnings(
  namespace: string,
  enforce: LevelVersion,
  { total, checked, broken }: Tally,
): readonly string[] {
  const level = formatLevelVersion(enforce);
  const part = `new PodSecurity enforce level only checked against the first ${checked} of ${total} existing pods`;
  const head = `existing pods in namespace ${JSON.stringify(namespace)} violate the new PodSecurity enforce level ${JSON.stringify(level)}`;
  return [
    ...(checked < total ? [part] : []),
    ...(broken.length > 0 ? [head] : []),
    ...broken.map(brokenText).sort(),
  ];
}

function brokenText({ reasons, first, pods }: BrokenPods): string {
  const others = pods - 1;
  const more = others === 0 ? '' : ` (and ${others} other ${others === 1 ? 'pod' : 'pods'})`;
  return `${first}${more}: ${reasons}`;
}

/** What is said when they cannot be listed. */
export const notListed = 'failed to list pods while checking new PodSecurity enforce level';
