// All controls by level and version, checked and inflated once: evaluating is a look-up and a plain loop.
// Upstream: registry.go of k8s.io/pod-security-admission/policy.
import type { Pod } from '../k8s/pod.ts';
import type { Control, VersionedCheck } from './control.ts';
import type { ControlResult, LevelVersion } from './types.ts';

export type Evaluated = { readonly id: string; readonly result: ControlResult };

export type Registry = {
  /** The newest minor that any control knows; newer versions are judged as this one. */
  readonly newest: number;
  /** In-tree order: baseline controls by id, then restricted ones by id. Privileged has none. */
  evaluate(level: LevelVersion, pod: Pod): readonly Evaluated[];
};

type InForce = VersionedCheck & { readonly id: string };

/** Throws when the list itself is wrong: that is our own bug. */
export function createRegistry(controls: readonly Control[]): Registry {
  verify(controls);
  const newest = Math.max(...controls.flatMap((c) => c.versions.map((v) => v.since)));
  const ordered = [...controls].sort((a, b) => rank(a) - rank(b) || (a.id < b.id ? -1 : 1));
  const tables = [...new Array(newest + 1).keys()].map((minor) => tableOf(ordered, minor));
  return {
    newest,
    evaluate({ level, version }, pod) {
      if (level === 'privileged') return [];
      const table = tables[version === 'latest' ? newest : Math.min(version, newest)];
      const checks = table?.[level] ?? [];
      return checks.map(({ id, check }) => ({ id, result: check(pod) }));
    },
  };
}

function rank({ level }: Control): number {
  return level === 'baseline' ? 0 : 1;
}

function tableOf(controls: readonly Control[], minor: number) {
  const inForce = (level: Control['level']): readonly InForce[] =>
    controls
      .filter((control) => control.level === level)
      .flatMap(({ id, versions }) => {
        const version = versions.findLast(({ since }) => since <= minor);
        return version === undefined ? [] : [{ id, ...version }];
      });
  const [baseline, restricted] = [inForce('baseline'), inForce('restricted')];
  const overridden = new Set(restricted.flatMap(({ overrides = [] }) => overrides));
  const kept = baseline.filter(({ id }) => !overridden.has(id));
  return { baseline, restricted: [...kept, ...restricted] };
}

function verify(controls: readonly Control[]): void {
  const levels = new Map(controls.map(({ id, level }) => [id, level]));
  if (levels.size !== controls.length) throw new Error('two controls have the same id');
  for (const { id, level, versions } of controls) {
    const rising = versions.every((v, i) => i === 0 || v.since > (versions[i - 1]?.since ?? 0));
    if (versions.length === 0 || !rising) throw new Error(`${id}: versions must rise`);
    const overrides = versions.flatMap((v) => v.overrides ?? []);
    if (overrides.length > 0 && level !== 'restricted') throw new Error(`${id}: may not override`);
    for (const each of overrides) {
      if (levels.get(each) !== 'baseline') throw new Error(`${id}: overrides ${each}, no baseline`);
    }
  }
}
