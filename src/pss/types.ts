// The words of Pod Security admission. Upstream: k8s.io/pod-security-admission/api and /policy.
import type { Edit } from '../base/json-edit.ts';
import type { WorkloadKind } from '../k8s/pod-template.ts';
import type { Finding } from '../model/decision.ts';

export type Level = 'privileged' | 'baseline' | 'restricted';
export const levels: readonly Level[] = ['privileged', 'baseline', 'restricted'];

/** `latest`, or the minor of `v1.N`. */
export type Version = 'latest' | number;
export type LevelVersion = { readonly level: Level; readonly version: Version };

/** What a control found: its remedy as edits of the pod, from which patches are made when they are proven. */
export type PodFinding = Finding & { readonly edits: readonly Edit[] };

/** What one control says of one pod; `reason` and `detail` are the in-tree texts, findings have paths below the pod. */
export type ControlResult =
  | { readonly kind: 'pass' }
  | {
      readonly kind: 'fail';
      readonly reason: string;
      readonly detail: string;
      readonly findings: readonly PodFinding[];
    };

export type ModeLevels = {
  readonly enforce: LevelVersion;
  readonly audit: LevelVersion;
  readonly warn: LevelVersion;
};

/** PodSecurityConfiguration as compiled, with what PolicySettings adds. */
export type PodSecurityConfig = {
  readonly defaults: ModeLevels;
  readonly exemptions: {
    readonly usernames: readonly string[];
    readonly namespaces: readonly string[];
    readonly runtimeClasses: readonly string[];
  };
  /** Enforce: a workload whose pod template breaks the enforce level is refused; Warn: as in-tree. */
  readonly templates: 'Enforce' | 'Warn';
  /** What every namespace enforces at least; labels cannot lower it. */
  readonly floor: LevelVersion | null;
  /** The kinds whose pod templates are judged. */
  readonly workloads: readonly WorkloadKind[];
};
