// Who is judged by Pod Security, and when. Upstream: admission.go of k8s.io/pod-security-admission/admission.
// It differs in one thing, on purpose: with `templates: Enforce` a workload is refused for its template.
import { type FieldPath, formatPath } from '../base/field-path.ts';
import { type Pod, readPod } from '../k8s/pod.ts';
import type { WorkloadKind } from '../k8s/pod-template.ts';
import type { Attempt } from '../model/attempt.ts';
import { judgedInOwner } from '../model/controllers.ts';
import type { PodSecurityMode } from '../model/decision.ts';
import { controls } from './controls/index.ts';
import { type Judged, levelsJudge } from './judge.ts';
import {
  describeFaults,
  formatLevelVersion,
  isBelow,
  type LabelFault,
  type Labels,
  modeLevels,
} from './levels.ts';
import { createRegistry } from './registry.ts';
import { changedTemplates, isSignificant } from './significant.ts';
import { podSubject, type Subject, workloadSubjects } from './templates.ts';
import type { LevelVersion, ModeLevels, PodSecurityConfig } from './types.ts';

export type ModeResult = Judged & { readonly mode: PodSecurityMode };

/** `auditAnnotations` are what the in-tree plugin would have written. */
export type PodSecurityJudgement = {
  readonly auditAnnotations: Readonly<Record<string, string>>;
} & (
  | { readonly kind: 'none' }
  | {
      readonly kind: 'judged';
      readonly results: readonly ModeResult[];
    }
  | { readonly kind: 'error'; readonly code: 'malformed-object'; readonly message: string }
);

export const registry = createRegistry(controls);

/** Any other subresource is expected to carry a Pod, and is judged: one that is not known fails safe. */
export const ignoredPodSubresources: ReadonlySet<string> = new Set([
  'exec',
  'attach',
  'binding',
  'eviction',
  'log',
  'portforward',
  'proxy',
  'status',
]);

function isPods({ resource }: Attempt): boolean {
  return resource.group === '' && resource.resource === 'pods';
}

/** False where no namespace need be looked up: what is attempted is no matter of Pod Security. */
export function podSecurityApplies(
  attempt: Attempt,
  { workloads }: Pick<PodSecurityConfig, 'workloads'>,
): boolean {
  if (attempt.operation !== 'CREATE' && attempt.operation !== 'UPDATE') return false;
  if (isPods(attempt)) return !ignoredPodSubresources.has(attempt.subResource);
  const { group, resource } = attempt.resource;
  const isWorkload = workloads.some((w) => w.group === group && w.resource === resource);
  return isWorkload && attempt.subResource === '' && !judgedInOwner(attempt);
}

/** Judges a pod or a workload's templates by the labels of its namespace, and by the floor. */
export function judgePodSecurity(
  attempt: Attempt,
  config: PodSecurityConfig,
  namespaceLabels: Labels,
): PodSecurityJudgement {
  if (!podSecurityApplies(attempt, config)) return none();
  const why = exemption(attempt, config);
  if (why !== undefined) return exempt(why);
  const { levels, faults } = modeLevels(namespaceLabels, config.defaults);
  const isPod = isPods(attempt);
  const enforced = planOf(levels, config.floor, ['enforce', 'audit', 'warn']);
  const warned = planOf(levels, config.floor, ['audit', 'warn']);
  const strictest = isPod || config.templates === 'Enforce' ? enforced : warned;
  if (faults.length === 0 && strictest.every(isPrivileged)) {
    return none(isPod ? { 'enforce-policy': 'privileged:latest' } : {});
  }
  const isChanged = changedTemplates(attempt, config.workloads);
  const plan: Judging['plan'] = (subject) => (isPod || isChanged(subject) ? strictest : warned);
  return judgeAll({ attempt, config, isPod, plan, notes: notesOf(isPod, enforced, faults) });
}

/** What one mode asks for. */
type Step = { readonly mode: PodSecurityMode; readonly levels: readonly LevelVersion[] };

function isPrivileged({ levels }: Step): boolean {
  return levels.every(({ level }) => level === 'privileged');
}

/** The floor is enforced beside what the labels ask for; where nothing is enforced it is a warning. */
function planOf(
  levels: ModeLevels,
  floor: LevelVersion | null,
  modes: readonly PodSecurityMode[],
): readonly Step[] {
  const flooring = modes.includes('enforce') ? 'enforce' : 'warn';
  return modes.map((mode): Step => {
    const own = levels[mode];
    const isFloored = mode === flooring && floor !== null && isBelow(own, floor);
    return { mode, levels: isFloored ? [own, floor] : [own] };
  });
}

/** Of the whole attempt; a runtime class exempts pod by pod. */
export function exemption(
  { namespace, userInfo: { username } }: Attempt,
  { exemptions }: PodSecurityConfig,
): 'namespace' | 'user' | undefined {
  if (namespace !== '' && exemptions.namespaces.includes(namespace)) return 'namespace';
  return username !== '' && exemptions.usernames.includes(username) ? 'user' : undefined;
}

function notesOf(
  isPod: boolean,
  plan: readonly Step[],
  faults: readonly LabelFault[],
): Readonly<Record<string, string>> {
  const enforced = plan.find(({ mode }) => mode === 'enforce')?.levels ?? [];
  const strictest = enforced.reduce<LevelVersion | undefined>(
    (most, level) => (most === undefined || isBelow(most, level) ? level : most),
    undefined,
  );
  return {
    ...(faults.length === 0 ? {} : { error: `Failed to parse policy: ${describeFaults(faults)}` }),
    ...(isPod && strictest ? { 'enforce-policy': formatLevelVersion(strictest) } : {}),
  };
}

function none(auditAnnotations: Readonly<Record<string, string>> = {}): PodSecurityJudgement {
  return { kind: 'none', auditAnnotations };
}

function exempt(why: string): PodSecurityJudgement {
  return none({ exempt: why });
}

function malformed(path: FieldPath, message: string): PodSecurityJudgement {
  const where = path.length === 0 ? '' : `${formatPath(path)}: `;
  return {
    kind: 'error',
    code: 'malformed-object',
    message: `${where}${message}`,
    auditAnnotations: {},
  };
}

function subjectsOf(attempt: Attempt, workloads: readonly WorkloadKind[]): readonly Subject[] {
  const { kind, object } = attempt;
  if (isPods(attempt) || object === null) return [podSubject(object)];
  return workloadSubjects(kind, object, workloads);
}

type Judging = {
  readonly attempt: Attempt;
  readonly config: PodSecurityConfig;
  readonly isPod: boolean;
  readonly plan: (subject: Subject) => readonly Step[];
  readonly notes: Readonly<Record<string, string>>;
};

/** A workload is exempt by its runtime class only when all its templates are. */
function judgeAll({ attempt, config, isPod, plan, notes }: Judging): PodSecurityJudgement {
  const results: ModeResult[] = [];
  let [judged, exempted] = [0, 0];
  for (const subject of subjectsOf(attempt, config.workloads)) {
    const read = readPod(subject.pod);
    if (!read.ok) return malformed(subject.path, read.error);
    if (isPod && !isSignificant(attempt)) return none();
    const { runtimeClassName } = read.value.spec;
    judged += 1;
    if (runtimeClassName && config.exemptions.runtimeClasses.includes(runtimeClassName)) {
      exempted += 1;
    } else results.push(...resultsOf(read.value, subject, plan(subject)));
  }
  if (judged === exempted) return judged === 0 ? none() : exempt('runtimeClass');
  const violations = wouldViolate(results, 'audit');
  return {
    kind: 'judged',
    results,
    auditAnnotations: {
      ...notes,
      ...(violations.length === 0 ? {} : { 'audit-violations': violations.join('; ') }),
    },
  };
}

/** Per mode each control once. */
function resultsOf(pod: Pod, subject: Subject, plan: readonly Step[]): readonly ModeResult[] {
  const judge = levelsJudge(registry, pod, subject);
  return plan.flatMap(({ mode, levels }) =>
    judge(levels).map(({ id, level, evaluation }) => ({ id, level, evaluation, mode })),
  );
}

/** The in-tree texts of what a mode found, one for each level. */
export function wouldViolate(
  results: readonly ModeResult[],
  of: PodSecurityMode,
): readonly string[] {
  const texts = new Map<string, string[]>();
  for (const { mode, level, evaluation } of results) {
    if (mode !== of || evaluation.kind !== 'fail') continue;
    const name = formatLevelVersion(level);
    const known = texts.get(name);
    if (known === undefined) texts.set(name, [evaluation.message]);
    else known.push(evaluation.message);
  }
  return [...texts].map(
    ([name, messages]) =>
      `would violate PodSecurity ${JSON.stringify(name)}: ${messages.join(', ')}`,
  );
}
