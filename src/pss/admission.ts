// Who is judged by Pod Security, and when. Upstream: admission.go of k8s.io/pod-security-admission/admission.
// It differs in one thing, on purpose: with `templates: Enforce` a workload is refused for its template.
import { type FieldPath, formatPath, toPointer } from '../base/field-path.ts';
import { get, isArray, type JsonObject, type JsonValue } from '../base/json.ts';
import { type Pod, readPod } from '../k8s/pod.ts';
import { podTemplates, type WorkloadKind } from '../k8s/pod-template.ts';
import type { Attempt } from '../model/attempt.ts';
import { judgedInOwner } from '../model/controllers.ts';
import type { Evaluation, Finding, PodSecurityMode } from '../model/decision.ts';
import { controls } from './controls/index.ts';
import { formatLevelVersion, isBelow, type LabelFault, modeLevels } from './levels.ts';
import { createRegistry, type Evaluated } from './registry.ts';
import type { LevelVersion, PodSecurityConfig } from './types.ts';

export type ModeResult = {
  /** Of the control. */
  readonly id: string;
  readonly mode: PodSecurityMode;
  readonly level: LevelVersion;
  readonly evaluation: Evaluation;
};

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

type Labels = Readonly<Record<string, string>>;

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
  const enforced = isPod || config.templates === 'Enforce';
  const modes: readonly PodSecurityMode[] = enforced
    ? ['enforce', 'audit', 'warn']
    : ['audit', 'warn'];
  // The floor is enforced beside what the labels ask for; where templates are only warned about, it is a warning.
  const floored =
    config.floor === null
      ? undefined
      : ({ mode: modes[0] === 'audit' ? 'warn' : 'enforce', level: config.floor } as const);
  if (
    faults.length === 0 &&
    floored === undefined &&
    modes.every((mode) => levels[mode].level === 'privileged')
  ) {
    return none(isPod ? { 'enforce-policy': 'privileged:latest' } : {});
  }
  const plan = modes.flatMap((mode): readonly Step[] => {
    const own = { mode, level: levels[mode] };
    const extra = floored?.mode === mode && isBelow(own.level, floored.level) ? [floored] : [];
    return [own, ...extra];
  });
  return judgeAll({ attempt, config, isPod, plan, notes: notesOf(isPod, plan, faults) });
}

/** One level that a mode asks for. */
type Step = { readonly mode: PodSecurityMode; readonly level: LevelVersion };

function exemption(
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
  const errors = faults.map(
    ({ label, value, message }) => `${label}: Invalid value: ${JSON.stringify(value)}: ${message}`,
  );
  const parsed = errors.length === 1 ? errors[0] : `[${errors.join(', ')}]`;
  const enforced = plan.filter(({ mode }) => mode === 'enforce').map(({ level }) => level);
  const strictest = enforced.reduce<LevelVersion | undefined>(
    (most, level) => (most === undefined || isBelow(most, level) ? level : most),
    undefined,
  );
  return {
    ...(errors.length === 0 ? {} : { error: `Failed to parse policy: ${parsed}` }),
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

type Subject = { readonly pod: JsonObject; readonly path: FieldPath };

function subjectsOf(attempt: Attempt, workloads: readonly WorkloadKind[]): readonly Subject[] {
  const { kind, object } = attempt;
  if (isPods(attempt)) return [{ pod: object ?? {}, path: [] }];
  return object === null ? [{ pod: {}, path: [] }] : podTemplates(kind, object, workloads);
}

type Judging = {
  readonly attempt: Attempt;
  readonly config: PodSecurityConfig;
  readonly isPod: boolean;
  readonly plan: readonly Step[];
  readonly notes: Readonly<Record<string, string>>;
};

/** A workload is exempt by its runtime class only when all its templates are. */
function judgeAll({ attempt, config, isPod, plan, notes }: Judging): PodSecurityJudgement {
  const results: ModeResult[] = [];
  let [judged, exempted] = [0, 0];
  for (const { pod, path } of subjectsOf(attempt, config.workloads)) {
    const read = readPod(pod);
    if (!read.ok) return malformed(path, read.error);
    if (isPod && !isSignificant(attempt)) return none();
    const { runtimeClassName } = read.value.spec;
    judged += 1;
    if (runtimeClassName && config.exemptions.runtimeClasses.includes(runtimeClassName)) {
      exempted += 1;
    } else results.push(...resultsOf(read.value, path, plan));
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

/** Per mode each control once: of two levels that a mode asks for, the failing one is told. */
function resultsOf(pod: Pod, path: FieldPath, plan: readonly Step[]): readonly ModeResult[] {
  const known = new Map<string, readonly Evaluated[]>();
  const results = new Map<string, ModeResult>();
  for (const { mode, level } of plan) {
    const key = formatLevelVersion(level);
    const evaluated = known.get(key) ?? registry.evaluate(level, pod);
    known.set(key, evaluated);
    for (const { id, result } of evaluated) {
      const name = `${mode}/${id}`;
      if (results.get(name)?.evaluation.kind === 'fail') continue;
      results.set(name, { id, mode, level, evaluation: evaluationOf(result, path) });
    }
  }
  return [...results.values()];
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
    texts.set(name, [...(texts.get(name) ?? []), evaluation.message]);
  }
  return [...texts].map(
    ([name, messages]) =>
      `would violate PodSecurity ${JSON.stringify(name)}: ${messages.join(', ')}`,
  );
}

type Failed = Extract<Evaluated['result'], { kind: 'fail' }>;

function told({ reason, detail }: Failed): string {
  return detail === '' ? reason : `${reason} (${detail})`;
}

function evaluationOf(result: Evaluated['result'], path: FieldPath): Evaluation {
  if (result.kind === 'pass') return result;
  return {
    kind: 'fail',
    code: 'pod-security-violation',
    reason: 'Forbidden',
    message: told(result),
    findings:
      path.length === 0 ? result.findings : result.findings.map((each) => below(path, each)),
  };
}

/** A finding of a pod in a template, at its real place in the owner. */
function below(path: FieldPath, finding: Finding): Finding {
  return {
    ...finding,
    path: `${formatPath(path)}.${finding.path}`,
    pointer: `${toPointer(path)}${finding.pointer}`,
  };
}

/** An update is judged when it adds a container or changes an image. */
function isSignificant({ operation, object, oldObject }: Attempt): boolean {
  if (operation !== 'UPDATE') return true;
  const [now, before] = [get(object, 'spec'), get(oldObject, 'spec')];
  for (const place of ['containers', 'initContainers']) {
    const [a, b] = [listOf(now, place), listOf(before, place)];
    if (a.length !== b.length) return true;
    if (a.some((container, i) => imageOf(container) !== imageOf(b[i]))) return true;
  }
  const old = listOf(before, 'ephemeralContainers');
  return listOf(now, 'ephemeralContainers').some((container) => {
    const same = old.find((each) => get(each, 'name') === get(container, 'name'));
    return same === undefined || imageOf(container) !== imageOf(same);
  });
}

function listOf(spec: JsonValue | undefined, place: string): readonly JsonValue[] {
  const list = get(spec, place);
  return isArray(list) ? list : [];
}

/** Absent and empty are the same, as for Go. */
function imageOf(container: JsonValue | undefined): JsonValue {
  return get(container, 'image') ?? '';
}
